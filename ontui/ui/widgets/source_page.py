"""A source in full: who answers, how well, what is wrong with it, what it serves, and how its last polls went."""

from collections.abc import Iterator, Sequence

from ontui.domain.poll_log import Poll
from ontui.domain.quantity import format_age, format_duration
from ontui.domain.source import CommandSource, EnvSource, LogSource
from ontui.domain.source_health import SourceHealth
from ontui.domain.status import Status
from ontui.ui import fit
from ontui.ui import format as words
from ontui.ui.widgets.lines import Line, Piece, Row, heading
from ontui.ui.widgets.reading import Reading
from ontui.ui.widgets.sli_list import STATUS_STYLES, Item

_LABEL = 11
_TOOK = 8
STATUS_WORDS = {
    Status.OK: "ok", Status.WARNING: "works, with findings", Status.CRITICAL: "down", Status.STALE: "late",
    Status.UNKNOWN: "not asked yet", Status.NO_DATA: "no data",
}  # fmt: skip
"""What a status means of a source."""
HERE = (EnvSource, LogSource, CommandSource)
"""What is looked at on this machine, whose clock is ours."""
FAR_S = 1.0
"""Clocks that are closer than this are called the same: no source tells it finer than that for sure."""


class SourceSheet(Reading):
    """Facts, findings and indicators; the last two can be selected."""

    def __init__(self) -> None:
        super().__init__(id="sheet")
        self.health: SourceHealth | None = None
        self.items: tuple[Item, ...] = ()
        self.now = 0.0

    def show(self, health: SourceHealth, items: Sequence[Item], now: float) -> None:
        """Draw what changed."""
        self.health, self.items, self.now = health, tuple(items), now
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """Part by part."""
        if self.health is None:
            return []
        rows = [*self._facts(self.health, room), *_findings(self.health, room)]
        rows.append(Row(heading("Indicators", room, f"{len(self.items)}" if self.items else "none")))
        return [*rows, *self._indicators(room)]

    def _facts(self, health: SourceHealth, room: int) -> Iterator[Row]:
        source, now = health.source, self.now
        status = health.status(now)
        style = STATUS_STYLES.get(status, "stale")
        asked = words.asked_at(health.tried_at, source.interval_s, now)
        wait_s = health.next_at - now if health.next_at is not None else None
        following = "" if wait_s is None else f" · next in {format_age(wait_s)}" if wait_s >= 1 else " · asking now"
        speed = words.source_speed(health)
        yield from _fact("status", (
            (f"{words.GLYPHS[status]} {STATUS_WORDS[status]}", style), (f"  {speed}" if speed else "", "value"),
        ), room)  # fmt: skip
        if health.server:
            yield from _fact("server", health.server, room, "value")
        if source.address:
            yield from _fact("address", source.address, room)
        yield from _fact("asked", f"{asked}{following}", room)
        often = f"every {format_duration(source.interval_s)}, for {format_duration(source.timeout_s)} at most"
        yield from _fact("", often, room, "quiet")
        if health.fault is not None:
            last = f"last good answer {words.ago(health.ok_at, now)}" if health.ok_at is not None else "never answered"
            yield from _fact("answered", last, room, "stale")
            yield from _fact("failing", _failing(health, now), room, "critical")
        if health.skew_s is not None or not isinstance(source, HERE):
            yield from _fact("clock", _clock(health), room, "plain" if health.skew_s is not None else "quiet")
        if left_out := sum(poll.left_out for poll in health.log):
            turns = "turn" if left_out == 1 else "turns"
            yield from _fact("left out", f"{left_out} {turns} since {words.clock(health.log[0].at)}", room)

    def _indicators(self, room: int) -> Iterator[Row]:
        title = min(max((fit.width(i.sli.title) for i in self.items), default=0), 30)
        for item in self.items:
            standing = item.standing
            style = STATUS_STYLES.get(standing.status, "stale")
            trusted = words.is_trusted(item.indicator, standing)
            value = fit.number(words.value_words(standing), 12)
            yield Row((
                (f" {words.GLYPHS[standing.status]} ", style),
                (fit.left(item.sli.title, title) + " ", "plain" if trusted else "stale"),
                (fit.right(value, 12), "value" if trusted else "stale"),
                (f"  {fit.cut(standing.reason, max(0, room - title - 20))}", "quiet" if trusted else "stale"),
            ), f"sli:{item.sli.id}")  # fmt: skip


def _fact(label: str, value: str | Line, room: int, style: str = "plain", key: str = "") -> Iterator[Row]:
    parts: list[Line] = [value] if isinstance(value, tuple) else [
        ((text, style),) for text in fit.wrap(value, room - _LABEL - 3)
    ]  # fmt: skip
    for number, part in enumerate(parts):
        head: Piece = (" " + fit.left(label if number == 0 else "", _LABEL), "quiet")
        yield Row((head, *part), key)


def _findings(health: SourceHealth, room: int) -> Iterator[Row]:
    """Whole, however long: the remedy stands at their end."""
    for number, text in enumerate(health.findings):
        yield from _fact("findings" if number == 0 else "", text, room, "warning", f"finding:{number}")


def _failing(health: SourceHealth, now: float) -> str:
    count = f"{health.failures} in a row"
    since = f", for {format_age(now - health.failing_since)}" if health.failing_since is not None else ""
    return f"{count}{since}: {health.fault.text if health.fault else ''}"


def _clock(health: SourceHealth) -> str:
    """How the server's clock was when it last told; that is not now while it fails."""
    if health.skew_s is None:
        return "the server does not tell its time" if health.ok_at is not None else "not known yet"
    return _skew(health.skew_s) + (", when it last told" if health.fault is not None else "")


def _skew(skew_s: float) -> str:
    if abs(skew_s) < FAR_S:
        return "as here, within a second"
    apart = f"{abs(skew_s):.1f} s" if abs(skew_s) < 60 else format_age(abs(skew_s))
    return f"{apart} {'ahead of' if skew_s > 0 else 'behind'} this machine's"


class PollLog(Reading):
    """The last polls, the newest first, below a line of how long they took; tab leads here, and the arrows scroll."""

    def __init__(self) -> None:
        super().__init__(id="log")
        self.health: SourceHealth | None = None

    def show(self, health: SourceHealth) -> None:
        """Draw what changed."""
        self.health = health
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """A heading, the sparkline, the polls."""
        if self.health is None:
            return []
        log = self.health.log
        failed = sum(poll.fault is not None for poll in log)
        end = f"last {len(log)}" + (f", {failed} failed" if failed else "")
        rows = [Row(heading("Polls", room, end if log else "none yet"))]
        if log:
            rows.append(Row(spark(log, room - 3)))
        for n, poll in reversed(list(enumerate(log))):
            rows.append(Row(_poll_line(poll, room)))
            if poll.left_out and n:
                rows.append(Row(_left_out_line(poll, log[n - 1])))
        return rows


def spark(log: Sequence[Poll], room: int) -> Line:
    """How long each of the last polls took, one a cell, the newest at the right; a cross is one that failed."""
    longest = max((poll.took_s for poll in log if poll.fault is None), default=0.0)
    label = f"  ≤ {_took(longest)}" if longest else ""
    shown = log[-max(1, room - fit.width(label)) :]
    cells: list[Piece] = [(" ", "plain")]
    for poll in shown:
        if poll.fault is not None:
            cells.append(("×", "critical"))
        else:
            cells.append((words.trace(poll.took_s, poll.took_s, 0.0, longest, filled=True), "trace"))
    return (*cells, (label, "quiet"))


def _poll_line(poll: Poll, room: int) -> Line:
    took = fit.right(_took(poll.took_s) if poll.took_s else "", _TOOK)
    said: Piece = ("  ok", "quiet")
    if text := poll.fault.text if poll.fault is not None else poll.note:
        said = (f"  {fit.cut(text, max(8, room - 24))}", "plain")
    glyph = words.GLYPHS[Status.CRITICAL if poll.fault else Status.OK]
    tone = "critical" if poll.fault else "ok"
    return ((" ", "plain"), (glyph, tone), (f" {words.clock(poll.at)}", "plain"), (took, "value"), said)


def _left_out_line(poll: Poll, before: Poll) -> Line:
    turns = "turn" if poll.left_out == 1 else "turns"
    why = "resting" if before.fault else "busy or asleep"
    return ((f"   {poll.left_out} {turns} left out: {why}", "quiet"),)


def _took(seconds: float) -> str:
    """With two digits: more would only flicker."""
    return format_duration(float(f"{seconds:.2g}"))
