"""A .env file → its variables; nothing of their values is ever part of an error."""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass

from ontui.domain.secret import Secret

LARGEST = 1 << 20
_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*")
_QUOTED = {
    '"': re.compile(r'"((?:\\.|[^"\\])*)"', re.S), "'": re.compile(r"'([^']*)'"), "`": re.compile(r"`([^`]*)`"),
}  # fmt: skip
_REMARK = re.compile(r"(?:^|[ \t])#")
_NOTHING_MORE = re.compile(r"[ \t]*(?:#.*)?$", re.M)
_ESCAPE = re.compile(r"\\([nrt\"\\$`])")
_MEANT = {"n": "\n", "r": "\r", "t": "\t"}


class Unusable(Exception):
    """The file is not one to be read; the message says why and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What a file sets; of two lines for one name, the last."""

    values: Mapping[str, Secret]
    references: frozenset[str] = frozenset()
    """Names whose values hold `${…}` or `$(…)`, which is not followed."""
    unclosed: tuple[int, ...] = ()
    """Lines where a quote begins that does not end."""
    open_to_others: int = 0
    """The file's mode where others than its owner and group may read it; else 0."""


def read_env_file(path: str) -> EnvFile:
    """Read it, never waiting on a pipe or a device; raises OSError or Unusable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise Unusable("it is a folder" if stat.S_ISDIR(mode) else "it is no regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(data) > LARGEST:
        raise Unusable(f"it is larger than {LARGEST >> 20} MiB")
    found = parse_env(data.decode("utf-8-sig", "replace"))
    readable = stat.S_IMODE(mode) if mode & stat.S_IROTH else 0
    return EnvFile(found.values, found.references, found.unclosed, readable)


def parse_env(text: str) -> EnvFile:
    """Quotes, `export`, remarks, and quoted values over several lines; lines that set nothing are passed over."""
    text = text.replace("\r\n", "\n")
    values: dict[str, Secret] = {}
    references, unclosed = set[str](), []
    at, line = 0, 1
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if match := _NAME.match(text, at, end):
            name, begins = match[1], match.end()
            quoted = _quoted(text, begins)
            if quoted is None and text[begins : begins + 1] in _QUOTED:
                unclosed.append(line)
            if quoted is not None:
                value, beyond = quoted
                end = text.find("\n", beyond)
                end = len(text) if end < 0 else end
            else:
                value = _REMARK.split(text[begins:end], maxsplit=1)[0].strip()
            values[name] = Secret(value)
            literal = quoted is not None and text[begins] == "'"
            (references.discard if literal or not _refers(value) else references.add)(name)
        line += text.count("\n", at, end + 1)
        at = end + 1
    return EnvFile(values, frozenset(references), tuple(unclosed))


def _quoted(text: str, at: int) -> tuple[str, int] | None:
    """A quoted value and where it ends; None where no quote begins, or none ends."""
    pattern = _QUOTED.get(text[at : at + 1])
    match = pattern.match(text, at) if pattern else None
    if match is None or ("\n" in match[0] and not _NOTHING_MORE.match(text, match.end())):
        return None   # more behind a quote that ends on a later line: it was the beginning of another one
    value = _ESCAPE.sub(lambda m: _MEANT.get(m[1], m[1]), match[1]) if match[0][0] == '"' else match[1]
    return value, match.end()


def _refers(value: str) -> bool:
    return "${" in value or "$(" in value
