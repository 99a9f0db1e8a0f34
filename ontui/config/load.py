"""The config file → one frozen value, or everything that is wrong with it."""

import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from ontui.config.config import Config
from ontui.config.external import NoValue, read_regular, why_unreadable
from ontui.config.finding import ConfigError, Finding
from ontui.config.read import Reader
from ontui.config.spans import told_aloud
from ontui.config.tree import parse
from ontui.config.trust import guarded, why_distrusted
from ontui.domain.secret import Secrets
from ontui.domain.text import one_line

LARGEST = 1024 * 1024
"""Bytes a config may have."""


def load(
    path: Path,
    environ: Mapping[str, str] = os.environ,
    *,
    key_ids: Collection[str] | None = None,
    pages_must_exist: bool = True,
) -> Config:
    """Read a config; raises ConfigError with everything that is wrong. `key_ids`: what `keymap` may name.

    Without `pages_must_exist` a page somebody renamed is no finding: watching must not depend on it.
    """
    file, secrets, unseen = one_line(path, 300), Secrets(), Secrets()
    try:
        data, found = read_regular(path, LARGEST)
    except (OSError, ValueError, NoValue) as error:
        why = str(error) if isinstance(error, NoValue) else why_unreadable(error)
        raise _unreadable(file, f"cannot read the config: {why}") from None
    text = _decoded(data, file)
    try:
        root, findings = parse(text, file)
        folder = path.absolute().parent
        reader = Reader(file, folder, root, environ, secrets, unseen, why_distrusted(path, found, None))
        reader.pages_must_exist = pages_must_exist
        reader.findings += findings
        system, head = reader.system(key_ids)
    except ConfigError as error:
        raise ConfigError(_presentable(error.findings, secrets, unseen)) from None
    distrust = why_distrusted(path, found, reader.runbooks)
    sources = {name: guarded(source, distrust) for name, source in reader.sources.items()}
    return Config(
        path=path.absolute(),
        system=replace(system, sources=dict(sources)),
        sources=sources,
        runbooks=reader.runbooks,
        run_fences=tuple(head.runbooks.run_fences) if head.runbooks else (),
        keymap=dict(head.keymap),
        secrets=secrets,
        sha256=hashlib.sha256(data).hexdigest(),
        trusted=not distrust,
        distrust=distrust,
        theme=head.theme,
        notify=told_aloud(head.notify, head.system.timezone),
        unmasked=reader.unmasked,
    )


def _decoded(data: bytes, file: str) -> str:
    if len(data) > LARGEST:
        raise _unreadable(file, "cannot read the config: it is larger than 1 MiB")
    if b"\0" in data:
        raise _unreadable(file, "cannot read the config: it is a binary file, or not UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(file, f"cannot read the config: line {line} is not UTF-8") from None


def _unreadable(file: str, why: str) -> ConfigError:
    return ConfigError([Finding(file, 0, 0, "", why, "")], unreadable=True)


def _presentable(findings: Collection[Finding], secrets: Secrets, unseen: Secrets) -> list[Finding]:
    """Each once, in the order of the file, without a secret."""

    def said(text: str) -> str:
        return one_line(secrets.mask(unseen.mask(text)), 600)

    masked = [
        Finding(f.file, f.line, f.column, said(f.where), said(f.found), said(f.expected), said(f.hint))
        for f in findings
    ]
    return sorted(dict.fromkeys(masked), key=lambda f: (f.line, f.column))
