"""A log followed by its name through every rotation; runs apart, for a disk and a pattern may both take for ever."""

import contextlib
import os
import re
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from ontui.domain.text import without_escapes
from ontui.sources.apart_process import TooSlow, at_most, serve
from ontui.sources.log_file import MOST_BYTES, NOT_TEXT, GrowingFile, NotAFile, check_regular
from ontui.sources.log_older import older_file
from ontui.sources.log_stamps import newest

MINUTE_S = 60.0
PIECES = 12
"""Into which the minute before a first look is cut, so that the sliding minute lets go of one after another."""
TAIL_BYTES = 1024 * 1024
"""Looked at when a file is first seen."""
RECALLED = 5000
"""Lines that are looked into for what to show before anything new comes."""
LATEST = 5
"""Lines shown of those that count."""
SHOWN_BYTES = 2000
"""Of each of them."""
SLACK_S = 2.0
"""By which the clocks of disks are coarse."""


class Look(TypedDict):
    """What one look at the file brought."""

    fault: str
    """Why it cannot be read, in words; empty when it can."""
    denied: bool
    """Whether that is for want of a right."""
    known: bool
    """Whether the counts are those of a known stretch of time."""
    past_s: float | None
    """At the first look at a file: how many seconds up to now the counts are of. None: since the look before."""
    past: list[dict[str, int]]
    """At a first look, the same in pieces of equal length, oldest first: matches by SLI, and all lines under the empty
    name; empty where none of them is told by its time."""
    lines: int
    """How many lines ended."""
    matches: dict[str, int]
    """How many of them match, by SLI."""
    latest: dict[str, list[str]]
    """The last of these."""
    slow: list[str]
    """SLIs whose pattern took too long; they have no count."""
    missed: str
    """Why there may have been more; empty when there were not."""
    size: int | None
    age_s: float | None
    """How long ago something was written to it; None where nobody can tell."""
    place: str
    """The file itself, where its name is a link."""


class Tally:
    """Counts lines, and those that match; a pattern that takes too long costs the others nothing."""

    def __init__(self, patterns: Mapping[str, str], within_s: float) -> None:
        self.lines = 0
        self.patterns = {sli: re.compile(pattern) for sli, pattern in patterns.items()}
        self.matches = dict.fromkeys(patterns, 0)
        self.latest: dict[str, deque[bytes]] = {sli: deque(maxlen=LATEST) for sli in ("", *patterns)}
        self.slow: list[str] = []
        self._left_s = dict.fromkeys(patterns, within_s / max(1, len(patterns)))

    @property
    def counts(self) -> dict[str, int]:
        """Matches by SLI, and all lines under the empty name."""
        return {**self.matches, "": self.lines}

    def take(self, lines: Sequence[bytes]) -> None:
        """Count them."""
        self.lines += len(lines)
        self.latest[""].extend(lines[-LATEST:])
        for sli, matching in self._matching(lines).items():
            self.matches[sli] += len(matching)
            self.latest[sli].extend(matching[-LATEST:])

    def recall(self, lines: Sequence[bytes]) -> None:
        """Show the last of them where nothing newer is; they are not counted."""
        self.latest[""].extend(() if self.latest[""] else lines[-LATEST:])
        for sli, matching in self._matching(lines).items():
            self.latest[sli].extend(() if self.latest[sli] else matching[-LATEST:])

    def _matching(self, lines: Sequence[bytes]) -> dict[str, list[bytes]]:
        """By SLI; what takes too long is noted and left out."""
        found: dict[str, list[bytes]] = {}
        texts = [_text(line) for line in lines] if self.patterns else []
        for sli, pattern in self.patterns.items():
            if sli in self.slow:
                continue
            began = time.monotonic()
            try:
                with at_most(self._left_s[sli]):
                    found[sli] = [lines[at] for at, text in enumerate(texts) if pattern.search(text)]
            except TooSlow:
                self.slow.append(sli)
            self._left_s[sli] -= time.monotonic() - began
        return found


class Follower:
    """Follows one name: the file that has it, and to its end the one that had it before."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: GrowingFile | None = None
        self._older: GrowingFile | None = None
        """Had the name before, and may still be written to by who has not noticed."""
        self._absent = False
        """Whether nothing had the name when we looked last."""
        self._looked_at = _steady()
        self._written_at: float | None = None
        """When something was written to it, by the steady clock."""
        self._missed: list[str] = []
        self._past_s: float | None = None
        self._past: list[dict[str, int]] = []
        self._before: list[bytes] = []
        """Lines that were there when a file was first seen."""

    def look(self, patterns: Mapping[str, str], within_s: float) -> Look:
        """What came since the last look."""
        tally, fault, denied = Tally(patterns, within_s), "", False
        self._missed, self._past_s, self._past, self._before = [], None, [], []
        known = self._file is not None or self._absent
        try:
            for lines in self._news():
                before = tally.counts
                tally.take(lines)
                if self._is_first:
                    self._past.append({name: count - before[name] for name, count in tally.counts.items()})
            tally.recall(self._before)
            known = known or self._past_s is not None
            if self._file is not None and not self._file.is_text:
                fault, known, self._past_s = NOT_TEXT, False, None
        except FileNotFoundError:
            fault = "there is no such file"
            self._absent = known = True
        except NotAFile as error:
            fault = str(error)
        except (OSError, ValueError) as error:
            denied = isinstance(error, PermissionError)
            fault = "no permission to read it" if denied else _words(error)
            if not denied:   # what is open may never be read again: a server that was set up anew
                self._forget()
        self._looked_at = _steady()
        return Look(
            fault=fault, denied=denied, known=known, past_s=self._past_s, past=self._past,
            lines=tally.lines, matches=tally.matches,
            latest={sli: [line[:SHOWN_BYTES].decode("utf-8", "replace") for line in lines]
                    for sli, lines in tally.latest.items()},
            slow=tally.slow, missed="; ".join(dict.fromkeys(self._missed)),
            size=self._file.size if self._file and not fault else None,
            age_s=None if self._written_at is None else max(0.0, self._looked_at - self._written_at),
            place=os.path.realpath(self._path) if not fault else "",
        )  # fmt: skip

    @property
    def _is_first(self) -> bool:
        return self._past_s is not None

    def _news(self) -> Iterator[list[bytes]]:
        """Every line that is new; then OSError or NotAFile where the name leads to nothing that can be read."""
        if self._older is not None:
            yield from self._rest(self._older)
            self._older.close()
            self._older = None
        if self._file is not None:
            yield from self._rest(self._file)
        found = self._named()
        if self._file is not None and self._file.identity == (found.st_dev, found.st_ino):
            return
        file = GrowingFile(self._path)
        before, self._file, self._older = self._file, file, self._file
        if before is None and not self._absent:
            yield from self._first(file)
            return
        self._absent = False
        lay_s = time.time() - file.written_at - (_steady() - self._looked_at)
        if lay_s > SLACK_S or file.size > MOST_BYTES:   # it was not begun since we looked last
            file.skip_to_end()
            self._missed.append("another file has the name now, and what was in it already is not counted")
        else:
            yield from self._rest(file)

    def _named(self) -> os.stat_result:
        """What has the name now; a file without any name is let go of."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 - the same in fewer words
        except FileNotFoundError:
            if self._file is not None and self._file.deleted:
                self._file.close()
                self._file = None
            raise
        check_regular(found)
        return found

    def _forget(self) -> None:
        for file in filter(None, (self._file, self._older)):
            file.close()
        self._file = self._older = None

    def _rest(self, file: GrowingFile) -> Iterator[list[bytes]]:
        for lines in file.new_lines():
            # By our own clock where that of the disk cannot be right: it came since the last look.
            at = _steady() - (time.time() - file.written_at)
            self._written_at = max(self._written_at or 0.0, min(max(at, self._looked_at), _steady()))
            yield lines
        if file.missed:
            self._missed.append(file.missed)

    def _first(self, file: GrowingFile) -> Iterator[list[bytes]]:
        """What can be known of the last minute when a file is first seen: by its own time, or by those of its lines."""
        file.skip_to_end()
        age_s = max(0.0, time.time() - file.written_at)
        lines, whole = file.tail(TAIL_BYTES) if file.size else ([], True)
        if age_s > MINUTE_S + SLACK_S:
            self._past_s = MINUTE_S
        elif whole and (older := older_file(self._path, time.time() - MINUTE_S)):
            older.skip_to_end()   # who has not noticed the rotation writes on
            self._older = older
            before, whole = older.tail(TAIL_BYTES)
            age_s = age_s if lines else max(0.0, time.time() - older.written_at)
            lines = before + lines
        if not lines and not file.size:
            return   # who knows when it had lines
        self._written_at = _steady() - age_s
        self._before = lines[-RECALLED:]
        young = newest(lines, MINUTE_S - age_s, time.time() - age_s) if self._past_s is None else None
        if young is None:
            return
        self._past_s = MINUTE_S
        if young[1] is not None:
            begins = f"the file begins {young[1] + age_s:.0f} s ago"
            self._missed.append(begins if whole else f"only the last {TAIL_BYTES // 1024 // 1024} MiB were looked at")
        yield from _pieces(young[0], age_s)


def _pieces(lines: list[bytes], age_s: float) -> Iterator[list[bytes]]:
    """Those of a minute by their times, oldest first; `age_s`: how old the last one is."""
    for n in reversed(range(PIECES)):
        within_s = n * MINUTE_S / PIECES - age_s
        young = newest(lines, within_s, time.time() - age_s) if n and within_s >= 0 else None
        younger = young[0] if young else []
        yield lines[: len(lines) - len(younger)]
        lines = younger


def _text(line: bytes) -> str:
    """A line as it reads; colours are no part of it."""
    text = line.decode("utf-8", "replace")
    return without_escapes(text) if "\x1b" in text else text


def _steady() -> float:
    """Seconds that go on while the machine sleeps and never jump."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _words(error: Exception) -> str:
    return (error.strerror or "it cannot be read").lower() if isinstance(error, OSError) else "its name is not valid"


def main() -> None:
    """The process: follows the file named on its command line."""
    follower = Follower(sys.argv[1])

    def answer(question: Sequence[Any]) -> Look:
        patterns, within_s = question
        return follower.look(patterns, within_s)

    with contextlib.suppress(BrokenPipeError):
        serve(answer)
