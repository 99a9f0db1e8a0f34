"""Tree → plain data, with `${VAR}`, `{file: …}` and `{command: […]}` replaced by what they stand for."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath

from ontui.config.address import passwords, secretive
from ontui.config.external import NoValue, from_command, from_file
from ontui.config.finding import Finding, dotted
from ontui.config.tree import DEEPEST, MappingNode, Node, Path, ScalarNode, SequenceNode
from ontui.domain.secret import SHORTEST, Secrets
from ontui.domain.text import one_line

LARGEST = 200_000
"""Nodes a file may have once its aliases are expanded."""
_VARIABLE = re.compile(r"\$(?:\$|\{(?:([A-Za-z_]\w*)(:-([^}]*))?\})?)", re.A)
_VERBATIM = {
    "slis": {"query", "sql", "freshness", "series", "over", "match", "regex"},
    "actions": {"run", "shell", "sql", "preview_sql", "pattern"},
}
"""Where `$` has a meaning of its own."""
_SECRET_KEYS = {"dsn", "url", "bearer"}
_PLAIN_KEYS = {"type", "every", "timeout", "down_after", "method", "stale_after"}
Data = str | int | float | bool | list["Data"] | dict[str, "Data"] | None


def secret_place(path: Path) -> bool:
    """Whether `{file: …}` and `{command: […]}` may stand here."""
    match path:
        case ("sources", _, key):
            return key in _SECRET_KEYS
        case ("sources", _, "basic", "password") | ("sources", _, "headers", _):
            return True
    return False


def _verbatim(path: Path) -> bool:
    """Whether a dollar here is none of ours."""
    if path[-2:-1] == ("command",) and secret_place(path[:-2]):
        return True
    if path[:1] == ("sources",):
        return path[2:3] == ("run",)
    return bool(path) and bool(_VERBATIM.get(str(path[0]), set()).intersection(map(str, path[2:])))


def resolve_path(folder: FilePath, text: str) -> FilePath:
    """A path of the config: relative ones start at its folder."""
    return folder / os.path.expanduser(text)  # noqa: PTH111 - Path.expanduser raises where there is no home


class Resolver:
    """One walk over the tree.

    `secrets` is given what is masked wherever text leaves the program, `unseen` what no finding may show.
    """

    def __init__(
        self, file: str, folder: FilePath, environ: Mapping[str, str], secrets: Secrets, unseen: Secrets, distrust: str
    ) -> None:
        self._file, self._folder, self._environ, self._secrets = file, folder, environ, secrets
        self._unseen, self._distrust = unseen, distrust
        self._count = 0
        self.foreign: set[Path] = set()
        """Places whose value came from outside the file."""
        self.findings: list[Finding] = []
        self.unmasked: list[str] = []
        """Where a secret stands that is too short to be masked: `FILE:LINE:COLUMN: key`."""

    def data(self, node: Node, path: Path = ()) -> Data:
        """The plain value of a node."""
        self._count += 1
        if self._count > LARGEST or len(path) > DEEPEST:
            self._count = LARGEST + 1
            return None
        if isinstance(node, SequenceNode):
            return [self.data(item, (*path, n)) for n, item in enumerate(node.items)]
        if isinstance(node, MappingNode):
            keys = set(node.entries)
            if keys in ({"file"}, {"command"}) and secret_place(path):
                return self._outside(node, path)
            return {key: self.data(value, (*path, key)) for key, (_, value) in node.entries.items()}
        if isinstance(node.value, str):
            return self._text(node, node.value, path)
        return node.value

    def too_large(self) -> bool:
        """Whether aliases made more of the file than a config can be."""
        return self._count > LARGEST

    def _add(self, node: Node, path: Path, found: str, expected: str, hint: str = "") -> None:
        self.findings.append(Finding(self._file, node.line, node.column, dotted(path), found, expected, hint))
        self.foreign.add(path)

    def _text(self, node: ScalarNode, text: str, path: Path) -> str:
        if "$" in text and not _verbatim(path):
            text = self._interpolated(node, text, path)
        if path and path[0] == "sources":
            self._keep_secrets(node, path, text)
        return text

    def _interpolated(self, node: ScalarNode, text: str, path: Path) -> str:
        came: list[str] = []

        def value(match: re.Match[str]) -> str:
            if match[0] == "$$":
                return "$"
            name, default = match[1], match[3]
            if name is None:
                hint = "write $$ for a dollar that is meant as one"
                self._add(node, path, "found '${' without a name", "${NAME} or ${NAME:-default}", hint)
                return ""
            found = self._environ.get(name)
            if found or (found is not None and match[2] is None):
                came.append(found)
                return found
            if match[2] is None:
                hint = f"set it, or write ${{{name}:-default}}"
                self._add(node, path, f"the environment variable {one_line(name, 60)} is not set", "", hint)
                return ""
            return str(default)

        result = _VARIABLE.sub(value, text)
        if came:
            self.foreign.add(path)
            self._unseen.add(*came, result)
            # What a setting says is meant to be seen; what a source or an action is given may be a secret.
            if path[0] in ("sources", "actions") and path[-1] not in _PLAIN_KEYS:
                self._secrets.add(*came, result)
        return result

    def _keep_secrets(self, node: Node, path: Path, text: str) -> None:
        key = str(path[-1])
        if key in ("dsn", "url") or "://" in text:
            self._keep(node, path, passwords(text))
        if key == "bearer" or (len(path) > 3 and secretive(key)):
            self._keep(node, path, [text])

    def _keep(self, node: Node, path: Path, secrets: Sequence[str]) -> None:
        self._secrets.add(*secrets)
        if any(len(secret) < SHORTEST for secret in secrets):
            self.unmasked.append(f"{self._file}:{node.line}:{node.column}: {dotted(path)}")

    def _outside(self, node: MappingNode, path: Path) -> Data:
        """The value of `{file: path}` or `{command: [program, …]}`; empty with a finding when there is none."""
        ((kind, (_, source)),) = node.entries.items()
        given = self.data(source, (*path, kind))
        self.foreign.add(path)
        try:
            if kind == "file" and isinstance(given, str):
                value = from_file(resolve_path(self._folder, given))
            elif kind == "command" and isinstance(given, list) and given and all(isinstance(a, str) for a in given):
                if self._distrust:
                    self._add(node, path, "this command is not run", "a config that nobody else can change",
                              self._distrust)  # fmt: skip
                    return ""
                value = from_command([str(a) for a in given], self._folder, self._environ)
            else:
                wanted = "{file: PATH}" if kind == "file" else "{command: [PROGRAM, ARGUMENT]}, all of them text"
                self._add(source, path, f"found something else after '{kind}'", wanted)
                return ""
        except NoValue as why:
            what = f"the file '{one_line(given, 80)}'" if kind == "file" else "the command"
            self._add(source, path, f"no value from {what}: {why}", "")
            return ""
        self._keep(node, path, [value, *passwords(value)])
        self._unseen.add(value, *passwords(value))
        return value
