"""Counters made into how fast they grow, between two answers of the same process."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from ontui.sources.metrics_text import Exposition, Key, Series

LEAST_S = 0.9
"""Two answers closer together than this are not compared: one event would look like a burst."""
COARSE_S = 25.0
"""The same where caches tell in whole seconds how old an answer is: of so long a stretch a second is four per cent."""
SAME_COPY_S = 1.0
"""Copies of one answer seem made this far apart."""
SAME_S = 2.0
"""A process that tells its start by subtraction and rounding tells it this much differently each time."""
SETTLED = 10
"""Answers of one process in a row after which nobody else is taken to answer in turn with it."""
TURNS = 3
"""Values that went back twice within so many answers are not of one process."""
LEAP = 100.0
"""A first growth of so much that more than doubles a counter may be the step to another process."""
SECOND = "needs a second answer"
RESET = "the counter was reset"
LEAPT = "it grew by a leap, needs a third answer"
OTHERS = "several processes answer in turn"
LATER = "a cache answers, needs a later copy"


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    """When it was made."""
    values: dict[Key, float]
    created: dict[Key, float]
    """Since when they count, as far as that is exposed."""
    copied: bool
    """Whether a cache gave it, so that `at` is known to a second."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How much one counter grew over a stretch."""

    before: float
    after: float
    seconds: float

    @property
    def amount(self) -> float:
        """Never negative."""
        return self.after - self.before


class Counters:
    """Remembers the last answers; forgets what may not be compared with what comes."""

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._looks: deque[_Look] = deque()
        self._heard_at: float | None = None
        self._started: float | None = None
        self._starts = deque[float](maxlen=8)
        self._same = 0
        self._why: dict[Key, str] = {}
        self._number = 0
        self._grown = set[Key]()
        self._fell_from: dict[Key, float] = {}
        """What counters that went back were before, until they went forward again."""
        self._fell_in: dict[Key, int] = {}
        self._leapt_in: dict[Key, int] = {}
        """In which answer."""
        self.why = SECOND
        """Why nothing can be compared, where that is so of every counter."""
        self.news = ""
        """What the last answer told of the process, once."""
        self.in_turns = False
        """Several processes answer under the address: their counters have nothing to do with each other."""
        self.doubtful = False
        """Whether the last answer may be of another process than the one before; a further one may tell."""

    def forget(self, why: str) -> None:
        """Begin again."""
        self._looks.clear()
        self._why.clear()
        self._grown.clear()
        self._fell_from.clear()
        self.why = why

    def add(self, seen: Exposition, counters: Iterable[Series], heard_at: float, copy_s: float | None = None) -> None:
        """Another answer, heard at an instant of a clock that goes on in sleep, and made so long before by a server."""
        before, self._heard_at, self.news = self._heard_at, heard_at, ""
        if before is not None and self._looks and not 0 < heard_at - before <= self._gap_s:
            self.forget("not asked for a while")
        at = heard_at - (copy_s or 0.0)
        last = self._looks[-1] if self._looks else None
        copied = copy_s is not None
        if last is not None and (copied or last.copied) and at - last.at <= SAME_COPY_S:
            return   # the same answer once more, or one from before it
        self._meet(seen.started)
        values, created = dict[Key, float](), dict[Key, float]()
        for series in counters:
            if series.value is not None:
                values[series.key] = series.value
                if (since := seen.created.get(series.created_key)) is not None:
                    created[series.key] = since
        look = _Look(at, values, created, copied)
        self._number, self.doubtful = self._number + 1, False
        if self._looks:
            self._part(self._looks[-1], look, known=seen.started is not None)
        self._looks.append(look)
        while len(self._looks) > 2 and at - self._looks[1].at >= self._least_s:
            self._looks.popleft()

    @property
    def _least_s(self) -> float:
        return COARSE_S if any(look.copied for look in self._looks) else LEAST_S

    def growth(self, series: Series) -> Growth | str:
        """Since the latest answer that is far enough back; else why not."""
        if not self._looks:
            return self.why
        new, key = self._looks[-1], series.key
        base = next((look for look in reversed(self._looks) if new.at - look.at >= self._least_s), None)
        if base is None:
            waits = len(self._looks) > 1 and self._least_s == COARSE_S
            return LATER if waits else self.why
        if key not in base.values or key not in new.values:
            return self._why.get(key, SECOND)
        return Growth(base.values[key], new.values[key], new.at - base.at)

    def _meet(self, started: float | None) -> None:
        """Who answers now."""
        before, self._started = self._started, started
        if before is None or started is None or abs(started - before) <= SAME_S:
            self._same += 1
            self.in_turns = self.in_turns and self._same < SETTLED
            return
        self._same = 0
        self.in_turns = any(abs(started - known) <= SAME_S for known in self._starts)
        self._starts.append(before)
        self.news = "" if self.in_turns else "the process was restarted"
        self.forget(f"the process was restarted, {SECOND}" if not self.in_turns else "another process answered")

    def _part(self, old: _Look, new: _Look, *, known: bool) -> None:
        """Take from all that was remembered the counters that began again since, or may be those of another process."""
        for key, value in new.values.items():
            before = old.values.get(key)
            began, since = old.created.get(key), new.created.get(key)
            if before is None:
                why = SECOND
            elif began is not None and since is not None and abs(since - began) > SAME_S:
                why = f"{RESET}, {SECOND}"
            elif known or since is not None:
                why = f"{RESET}, {SECOND}" if value < before else ""
            else:
                why = self._doubt(key, before, value)
            if why:
                self._why[key] = why
                self._drop(key)
        for key in old.values.keys() - new.values.keys():
            self._drop(key)

    def _doubt(self, key: Key, before: float, value: float) -> str:
        """Why a counter may not be compared with itself where nothing but its value tells who counts."""
        leaps, first = value - before >= LEAP and value > 2 * before, key not in self._grown
        fell_from = self._fell_from.pop(key, None)
        if value < before:
            fell_in, self._fell_in[key] = self._fell_in.get(key), self._number
            again = fell_in is not None and self._number - fell_in <= TURNS
            if again or self._leapt_in.get(key) == self._number - 1:
                self.in_turns, self._same = True, 0
            self._fell_from[key] = before
        elif fell_from is not None and leaps and value >= fell_from:
            self.in_turns, self._same = True, 0
        else:
            self._grown.add(key)
        self.doubtful = self.doubtful or value < before or (first and leaps)
        if self.in_turns:
            return OTHERS
        if value < before:
            return f"{RESET}, {SECOND}"
        if fell_from is not None:
            return f"{RESET}, needs a third answer"
        if first and leaps:
            self._leapt_in[key] = self._number
            return LEAPT
        return ""

    def _drop(self, key: Key) -> None:
        for look in self._looks:
            look.values.pop(key, None)
