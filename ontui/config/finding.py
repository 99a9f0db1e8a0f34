"""What is wrong with a config, and where."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ontui.domain.text import one_line

_USER_INFO = re.compile(r"(://[^\s:/@]*:)\S+(?=@)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; its text holds no secret."""

    file: str
    line: int
    """From 1; 0 when it is about the file as a whole."""
    column: int
    """From 1, in characters."""
    where: str
    """The path of keys, `slis.api_p95.alerts[0].when`; empty at the top."""
    found: str
    expected: str
    hint: str = ""
    """What to do about it; `did you mean 'title'?`."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: "
        said = ", ".join(s for s in (self.found, f"expected {self.expected}" if self.expected else "") if s)
        return place + (f"{self.where}: " if self.where else "") + said + (f"; {self.hint}" if self.hint else "")


class ConfigError(Exception):
    """A config that cannot be used; says everything that is wrong with it at once."""

    def __init__(self, findings: Iterable[Finding], *, unreadable: bool = False) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        self.unreadable = unreadable
        """The file could not be read at all, as opposed to: it says something wrong."""
        super().__init__("\n".join(map(str, self.findings)))


def without_password(text: str) -> str:
    """A text without the passwords of the addresses in it."""
    return _USER_INFO.sub(r"\1…", text)


def dotted(path: Sequence[str | int]) -> str:
    """A path of keys for people: `slis.api.alerts[0].when`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return one_line(without_password(text), 120)


def shown(value: object) -> str:
    """A found value in a finding; passwords inside an address are left out."""
    match value:
        case None | "":
            return "found nothing"
        case bool():
            return f"found {str(value).lower()}"
        case str():
            return f"found '{one_line(without_password(value), 60)}'"
        case dict():
            return "found a mapping"
        case list():
            return "found a list"
        case _:
            return f"found {one_line(value, 60)}"


def suggestion(word: str, among: Iterable[str]) -> str:
    """`did you mean 'title'?`, or nothing when no candidate is close."""
    known = {c.lower(): c for c in among}
    close = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean '{known[close[0]]}'?" if close else ""


def listed(words: Iterable[str], limit: int = 12) -> str:
    """`a, b or c`; long lists are cut."""
    known = [one_line(w, 40) for w in words]
    if len(known) > limit:
        return ", ".join(known[:limit]) + ", …"
    return " or ".join([", ".join(known[:-1]), known[-1]]) if len(known) > 1 else "".join(known)


def article(noun: str) -> str:
    """`an http`, `a postgres`."""
    return f"an {noun}" if noun[:1] in "aeh" else f"a {noun}"
