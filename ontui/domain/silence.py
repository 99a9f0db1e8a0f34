"""Silences: what is to be quiet, for how long, and exactly what that hits."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ontui.domain.action import Asks
from ontui.domain.text import one_line

if TYPE_CHECKING:
    from ontui.domain.foreign import ForeignAlert

_MATCHER = re.compile(r"\s*([A-Za-z_:][\w:]*)\s*(=~|!~|!=|=)\s*(.*?)\s*", re.S | re.A)
_SIGNS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}
_HOW = {sign: how for how, sign in _SIGNS.items()}
_BROKEN = ("missing )", "unbalanced parenthesis", "unterminated character set", "nothing to repeat")
"""What is wrong with a pattern in every language."""
_PLAIN_REGEX = re.compile(r"(?:[^\\()\[\]{}*+?^$.]|\\[^\w\s]|\.[*+]?|\((?:\?:)?|\)(?![*+?{]))*", re.S)
"""Words, alternatives and `.*`: read alike by Alertmanager and here, and never slow where there are few of them."""
LONGEST_S = 30 * 86400.0
"""A silence that nobody remembers is an alert that nobody gets."""


class SilenceRefused(Exception):
    """What was asked for is no silence, in one line for people; nothing was sent."""


class SilenceFailed(Exception):
    """What an Alertmanager said against it, in one clean line."""

    def __init__(self, text: str, *, lost: bool = False, ended: bool = False) -> None:
        super().__init__(text)
        self.lost = lost
        """Contact broke while it was asked: it may have been done all the same."""
        self.ended = ended
        """The silence was over before it was ended."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a silence holds for the alerts that meet all of its own."""

    name: str
    value: str
    is_equal: bool = True
    is_regex: bool = False

    @property
    def words(self) -> str:
        """As people and Alertmanagers write it: `severity=~"page|critical"`."""
        value = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{_SIGNS[self.is_equal, self.is_regex]}"{value}"'

    def meets(self, labels: Mapping[str, str]) -> bool:
        """Whether labels have it, as far as that can be told here; a label that is not there is empty."""
        value = labels.get(self.name, "")
        if not self.is_regex:
            return (value == self.value) is self.is_equal
        pattern = _plain(self.value)
        return pattern is not None and (pattern.fullmatch(value) is not None) is self.is_equal

    @property
    def problem(self) -> str:
        """Why no engine takes its pattern; empty where one may: ours knows less than Go's here, and more there."""
        try:
            re.compile(self.value if self.is_regex else "")
        except re.error as error:
            return error.msg if error.msg.startswith(_BROKEN) else ""
        except (RecursionError, OverflowError):
            pass
        return ""

    @classmethod
    def parse(cls, text: str) -> "Matcher":
        """Read `name="value"`, with or without quotes; `=`, `!=`, `=~` or `!~`. Raises SilenceRefused."""
        found = _MATCHER.fullmatch(text)
        if found is None:
            raise SilenceRefused(f'{one_line(text, 60)!r} is no matcher: write label="value", or =~, !=, !~')
        name, sign, value = found.groups()
        if value[:1] == '"':
            if len(value) < 2 or not re.fullmatch(r'"(?:\\.|[^"\\])*"', value, re.S):
                raise SilenceRefused(f"{one_line(text, 60)!r}: the quotes do not close where the value ends")
            value = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value[1:-1], flags=re.S)
        is_equal, is_regex = _HOW[sign]
        return cls(name, value, is_equal, is_regex)


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence as an Alertmanager keeps it."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: float
    ends_at: float
    """Both by the server's clock."""
    created_by: str
    comment: str
    state: str
    """active, pending or expired."""

    def quiets(self, labels: Mapping[str, str], at: float) -> bool:
        """Whether it is in force by its server's word and by the clock, and meets an alert of these labels."""
        in_force = self.state == "active" and at < self.ends_at
        return in_force and bool(self.matchers) and all(m.meets(labels) for m in self.matchers)


@dataclass(frozen=True, slots=True)
class Hits:
    """The alerts that some matchers meet, read fresh."""

    alerts: tuple["ForeignAlert", ...]
    server_at: float
    """The server's clock when it answered."""


@dataclass(frozen=True, slots=True)
class SilencePlan:
    """Exactly what would be silenced, or which silence would be ended."""

    source: str
    target: str
    """The address of the Alertmanager."""
    matchers: tuple[Matcher, ...]
    hits: tuple["ForeignAlert", ...]
    duration_s: float = 0.0
    comment: str = ""
    who: str = ""
    ends: Silence | None = None
    """The silence that would be ended; None where one would be made."""
    asks: Asks = Asks.TYPE
    type_text: str = ""

    @property
    def words(self) -> str:
        """The matchers in one line."""
        return ", ".join(m.words for m in self.matchers)

    @property
    def digest(self) -> str:
        """Another one means that something else would be hit, or done."""
        parts = [
            self.source, self.target, self.words, f"{self.duration_s:g}", self.comment, self.who,
            self.ends.id if self.ends else "", *sorted(a.fingerprint for a in self.hits),
        ]  # fmt: skip
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class SilenceResult:
    """What was read back after the server had confirmed."""

    silence: Silence
    alerts: int
    """How many alerts it holds now; after an end, how many it no longer holds."""


def check_wish(matchers: tuple[Matcher, ...], duration_s: float, comment: str) -> None:
    """Whether it can be asked of an Alertmanager at all; raises SilenceRefused."""
    if not matchers:
        raise SilenceRefused("a silence needs at least one matcher")
    if all(_matches_nothing(m) for m in matchers):
        raise SilenceRefused("at least one matcher must ask for something: this would silence everything")
    for matcher in (m for m in matchers if m.is_regex):
        try:
            re.compile(matcher.value)
        except re.error as error:
            raise SilenceRefused(f"{matcher.words}: {error}") from None
    if not 1 <= duration_s <= LONGEST_S:
        raise SilenceRefused("a silence lasts between 1 second and 30 days")
    if not comment.strip():
        raise SilenceRefused("a comment is needed: others must know why")


@lru_cache(1000)
def _plain(text: str) -> re.Pattern[str] | None:
    """A foreign pattern that cannot hold us up; None for any other."""
    is_small = len(text) <= 1000 and text.count("(") <= 2 and text.count(".*") + text.count(".+") <= 3
    if not is_small or _PLAIN_REGEX.fullmatch(text) is None:
        return None
    try:
        return re.compile(text, re.S)
    except re.error:
        return None


def _matches_nothing(matcher: Matcher) -> bool:
    """Whether it is met by alerts that lack the label."""
    if not matcher.is_regex:
        return matcher.is_equal == (matcher.value == "")
    try:
        return matcher.is_equal == (re.fullmatch(matcher.value, "") is not None)
    except re.error:
        return False
