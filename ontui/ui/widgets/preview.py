"""The selected indicator, beside the list: its chart, what is asked, where the page is, what can be done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ontui.domain.alert import Alert, Phase
from ontui.domain.deadline import BusinessHours
from ontui.domain.quantity import YES_OR_NO, format_duration
from ontui.domain.sample import Point
from ontui.domain.status import Status
from ontui.ui import fit, promise
from ontui.ui import format as words
from ontui.ui.widgets.chart import Chart, Mark, draw
from ontui.ui.widgets.lines import Line, Lines, Row, heading
from ontui.ui.widgets.sli_list import STATUS_STYLES, Item, verdict_at


@dataclass(frozen=True, slots=True)
class Story:
    """An indicator with all that belongs to it."""

    item: Item
    page: str = ""
    """The reference of its runbook page."""
    actions: tuple[tuple[str, str, str], ...] = ()
    """Id, title and danger of each."""
    moments: tuple[Mark, ...] = ()
    """Runs, to be marked on the chart."""
    hours: BusinessHours = field(default_factory=BusinessHours)
    """By which promises are counted."""
    gap_s: float | None = None
    """Points further apart are not joined; None: as the polls have it."""


STEPS = 30
"""In how many steps a chart moves by its whole width: between two, only what is new is drawn, at its right."""
BLANK = 0.05
"""A chart that is blank for more than this share of its time, at its left, says so."""
LONGEST_STEP_S = 300.0
"""The most that a chart's end is ahead of now."""


class Easel:
    """Draws a story's chart, again only when something in it is new."""

    def __init__(self) -> None:
        self._history: tuple[Point, ...] | None = None
        self._how: tuple[object, ...] = ()
        self._lines: list[Line] = []

    def draw(self, story: Story, now: float, span_s: float, columns: int, rows: int) -> list[Line]:
        """The chart in so many columns and rows."""
        indicator, end = story.item.indicator, words.steady(now, span_s, max(STEPS, int(span_s / LONGEST_STEP_S)))
        marks = tuple((a.rule.name, a.phase, a.since) for a in story.item.alerts)
        how = (indicator.sli.id, indicator.baseline, story.gap_s, end, span_s, columns, rows, marks, story.moments)
        if indicator.history is not self._history or how != self._how:
            self._history, self._how = indicator.history, how
            self._lines = draw(chart_of(story, end, span_s), columns, rows)
        return self._lines


def chart_of(story: Story, now: float, span_s: float) -> Chart:
    """The chart of an indicator: its limits, and when its alerts began."""
    item = story.item
    sli = item.sli
    levels = [] if sli.unit in YES_OR_NO else _levels(item)
    moments = list(story.moments)
    moments += [
        Mark(a.since, a.rule.name, "critical" if a.pages else "warning")
        for a in item.alerts
        if a.phase is Phase.FIRING and a.since is not None
    ]
    history = item.indicator.history
    # What the source brought is the oldest, and may be sparser than what was polled since.
    gap_s = max(sli.gap_s, 3 * words.spacing([p for p in history[:20] if p.value is not None][:10], sli.interval_s))
    return Chart(
        history, now - span_s, now, sli.unit, story.gap_s or gap_s, tuple(levels), tuple(moments),
        style_of=lambda value: verdict_at(item, value).replace("spark", "trace"),
    )  # fmt: skip


def _levels(item: Item) -> list[Mark]:
    sli, baseline, levels = item.sli, item.indicator.baseline, []
    if sli.objective is not None and (bound := sli.objective.bound(baseline)) is not None:
        levels.append(Mark(bound, "objective", "quiet"))
    for rule in sli.alerts:
        if (bound := rule.condition.bound(baseline)) is not None and rule.condition.symbol in ("<", "<=", ">", ">="):
            loud = "critical" if rule.severity.level == "critical" else "warning"
            crossed = any(a.active for a in item.alerts if a.rule.key == rule.key)
            levels.append(Mark(bound, "alarm", loud if crossed else "quiet"))
    return levels


def begins(history: Sequence[Point], span_s: float, now: float) -> str:
    """From when on there is something in so long a time, where that leaves part of it blank: `from 18:43`."""
    seen = next((p.at for p in history if p.value is not None and p.at >= now - span_s), None)
    if seen is None or seen <= now - span_s + max(60.0, BLANK * span_s):
        return ""
    return f"from {words.hour_minute(seen) if now - seen < 43_200 else words.moment(seen, span_s)}"


def known_line(item: Item, now: float) -> Line:
    """When the number was asked for and of whom: `metrics, at 14:36:49Z · every 15 s`."""
    sli, reading = item.sli, item.indicator.reading
    asked = words.asked_at(reading.at if reading else None, sli.interval_s, now)
    style = "quiet" if item.standing.fresh else "stale"
    return ((f"{sli.source}, {asked}", style), (f" · every {format_duration(sli.interval_s)}", "quiet"))


def limit_words(item: Item) -> str:
    """`objective ≤ 300 ms · alarm > 800 ms for 5m (SEV-2)`."""
    sli = item.sli
    parts = [f"objective {sli.objective.words(sli.unit)}"] if sli.objective else []
    for rule in sli.alerts:
        parts.append(f"alarm {words.terms(rule, sli.unit)} ({rule.severity.name})")
    return " · ".join(parts)


def standing_line(item: Item) -> Line:
    """Glyph, word, value, and why."""
    standing = item.standing
    style = STATUS_STYLES.get(standing.status, "stale")
    pieces: list[tuple[str, str]] = [(f"{words.GLYPHS[standing.status]} {words.WORDS[standing.status]}", style)]
    if standing.value is not None:
        loud = style if standing.status in (Status.CRITICAL, Status.WARNING) else "value"
        pieces.append((f"  {standing.text}", loud if standing.fresh else "stale"))
    if standing.reason:
        pieces.append((f"  {standing.reason}", "quiet" if standing.fresh else "stale"))
    return tuple(pieces)


class Preview(Lines):
    """Charts the selection."""

    def __init__(self) -> None:
        super().__init__(id="preview")
        self._easel = Easel()
        self.story: Story | None = None
        self.other: Callable[[int], list[Row]] | None = None
        """What to draw instead, where an alert of others is selected."""
        self.now, self.span_s = 0.0, 900.0

    def show(self, story: Story | None, now: float, span_s: float) -> None:
        """Draw what changed."""
        self.story, self.now, self.span_s = story, now, span_s
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """Chart above, facts below; the chart takes what the facts leave."""
        if self.other is not None:
            return self.other(room)
        if self.story is None:
            return [Row(heading("", room))]
        inner = room - 2
        facts = self._facts(self.story, inner)
        height = min(22, max(6, self.size.height - len(facts) - 3))
        since = begins(self.story.item.indicator.history, self.span_s, self.now)
        reach = " · ".join(filter(None, (words.last(self.span_s), since)))
        top = [Row(heading(fit.cut(self.story.item.sli.title, room - len(reach) - 8), room, reach))]
        status = [(((" ", "plain"), *standing_line(self.story.item))), ()]
        chart = self._easel.draw(self.story, self.now, self.span_s, inner, height)
        body: list[Line] = [*status, *(((" ", "plain"), *line) for line in chart), *facts]
        return [*top, *(Row(line) for line in body)]

    def _facts(self, story: Story, room: int) -> list[Line]:
        item = story.item
        lines: list[Line] = [(), ((" ", "plain"), *known_line(item, self.now))]
        if item.indicator.reading is not None and item.indicator.reading.note:
            lines += [((f" {text}", "quiet"),) for text in fit.wrap(item.indicator.reading.note, room - 1, 2)]
        lines += [((f" {text}", "code"),) for text in fit.wrap(item.sli.ask, room - 1, 4)]
        if limits := limit_words(item):
            lines += [(), *(((f" {text}", "quiet"),) for text in fit.wrap(limits, room - 2, 4))]
        lines += [(), *self._hints(story, room)]
        return lines

    def _hints(self, story: Story, room: int) -> list[Line]:
        lines: list[Line] = [
            _alert_line(words.as_seen(alert, story.item.indicator, story.item.standing), story.hours, self.now, room)
            for alert in story.item.alerts if alert.active
        ]  # fmt: skip
        if story.page:
            lines.append(((" r ", "key"), ("page  ", "quiet"), (fit.cut(story.page, room - 10), "plain")))
        for index, (_, title, danger) in enumerate(story.actions[:3]):
            more = f" and {len(story.actions) - 3} more" if index == 2 and len(story.actions) > 3 else ""
            head = (" x ", "key") if index == 0 else ("   ", "plain")
            shown = fit.cut(title, room - 22)
            do = ("do    " if index == 0 else "      ", "quiet")
            lines.append((head, do, (shown, "plain"), (f"  {danger}{more}", "quiet")))
        return lines


def _alert_line(alert: Alert, hours: BusinessHours, now: float, room: int) -> Line:
    style = "stale" if alert.frozen_at is not None else "critical" if alert.pages else "warning"
    who, tone = promise.owner(alert, hours, now)
    text = fit.cut(f"{alert.rule.severity.name} {alert.rule.name} {words.life(alert, now)}", room - 4)
    tail = f" · {who}" if who and len(text) + len(who) + 7 < room else ""
    glyph = words.GLYPHS[Status.CRITICAL if alert.pages else Status.WARNING]
    return ((f" {glyph} ", style), (text, style), (tail, tone))
