"""The indicators by group: status, value, objective, and where the value has been."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from textual.events import Resize

from ontui.domain.alert import Alert
from ontui.domain.quantity import format_age
from ontui.domain.sample import Point, Reading
from ontui.domain.sli import Indicator, Sli, Standing
from ontui.domain.status import Status, badness
from ontui.ui import fit
from ontui.ui import format as words
from ontui.ui.widgets.lines import Choices, Line, Row, cells, heading, spread

STATUS_STYLES = {Status.OK: "ok", Status.WARNING: "warning", Status.CRITICAL: "critical"}


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator at an instant."""

    indicator: Indicator
    standing: Standing
    alerts: tuple[Alert, ...] = ()

    @property
    def sli(self) -> Sli:
        """What is measured."""
        return self.indicator.sli


@dataclass(frozen=True, slots=True)
class _Columns:
    group: int
    title: int
    value: int
    objective: int
    promised: int = 0
    """The cells of the objective that lines with a reason leave to it: where there is too little room behind it."""
    reason: int = 0
    """The cells of the longest reason."""


def objective_words(sli: Sli) -> str:
    """What is promised, short: `≤ 300 ms`."""
    return sli.objective.words(sli.unit).replace(" of baseline", " base") if sli.objective else ""


def scale(item: Item, since: float) -> tuple[float, float]:
    """Lowest and highest of a sparkline: zero and the objective are on it, so that height means something."""
    values = [p.value for p in item.indicator.history if p.value is not None and p.at >= since]
    bound = item.sli.objective.bound(item.indicator.baseline) if item.sli.objective else None
    marks = [*values, *([bound] if bound is not None else [])]
    return min(0.0, *marks, 0.0), max(marks, default=1.0)


def verdict_at(item: Item, value: float | None) -> str:
    """The style of a past value: would it have been alarming, or outside of the objective?"""
    if value is None:
        return "spark"
    reading = Reading(value, 0.0)
    baseline = item.indicator.baseline
    for rule in item.sli.alerts:
        if rule.condition.bound(baseline) is not None and rule.condition.holds(reading, baseline):
            return "critical" if rule.severity.level == "critical" else "warning"
    missed = item.sli.objective is not None and item.sli.objective.holds(reading, baseline) is False
    return "warning" if missed else "spark"


def sparkline(item: Item, room: int, now: float, span_s: float) -> Line:
    """The history in so many cells, the newest at the right."""
    halves = words.buckets(item.indicator.history, 2 * room, now - span_s, now)
    low, high = (1.0, 0.0) if item.sli.unit == "up" else scale(item, now - span_s)   # down is what stands out
    drawn = []
    for first, second in zip(halves[::2], halves[1::2], strict=True):
        styles = (verdict_at(item, first), verdict_at(item, second))
        wrong = next((s for s in ("critical", "warning") if s in styles), "")
        drawn.append((words.trace(first, second, low, high, filled=bool(wrong)), wrong or "spark"))
    return tuple(("".join(text for text, _ in run), style) for style, run in groupby(drawn, key=lambda d: d[1]))


class SliList(Choices):
    """One line an indicator; in a narrow window without groups, worst first."""

    def __init__(self) -> None:
        super().__init__(id="slis")
        self.items: tuple[Item, ...] = ()
        self.now = 0.0
        self._sparks: dict[str, tuple[tuple[Point, ...], tuple[object, ...], Line]] = {}
        """By SLI: the history it was drawn from, how, and the drawing."""
        self.span_s = 900.0
        """How far back the sparklines reach."""
        self.layout_name = "grouped"
        """`grouped` under headings, `column` with the group as the first word, or `flat`, worst first."""
        self.empty = ""
        self._moved = False
        """The cursor was moved since the size changed: what it stands on is in view then, else the worst is."""

    def show(
        self, items: Sequence[Item], now: float, *, span_s: float, layout: str, empty: str = "nothing to show"
    ) -> None:
        """Draw what changed."""
        self.items, self.now, self.span_s, self.layout_name, self.empty = tuple(items), now, span_s, layout, empty
        self.paint()

    def on_resize(self, event: Resize) -> None:
        """Begin with the worst again."""
        super().on_resize(event)
        self.call_after_refresh(self.come_back)

    def come_back(self) -> None:
        """Nobody has moved yet: the worst is in view."""
        self._moved = False
        self.keep_in_view()

    def keep_in_view(self) -> None:
        """What the cursor stands on; until one moves, the worst, and as much as can be of what is above it."""
        if self._moved or (self.has_focus and self.layout_name != "flat"):
            super().keep_in_view()
            return
        rank = {item.sli.id: badness(item.standing.status) for item in self.items}
        keys = [row.key for row in self.painted]
        worst = min((key for key in keys if key in rank), key=lambda key: rank[key], default="")
        height = self.size.height
        at = keys.index(worst) if worst else 0
        self.scroll_to(y=max(0, at - height + 1) if height else 0, animate=False, immediate=True)

    def move(self, step: int) -> None:
        """From now on the cursor is followed."""
        self._moved = True
        super().move(step)

    def enter(self, step: int) -> None:
        """From now on the cursor is followed."""
        self._moved = True
        super().enter(step)

    def rows(self, room: int) -> Sequence[Row]:
        """Headings and indicators."""
        if not self.items:
            return [Row(((" ", "plain"), (fit.cut(self.empty, room - 2), "quiet")))]
        columns = self._columns(room)
        if self.layout_name == "flat":
            ranked = sorted(self.items, key=lambda item: badness(item.standing.status))
            return [Row(self._line(item, "", columns, room), item.sli.id) for item in ranked]
        span = words.last(self.span_s)
        rows: list[Row] = [] if self.layout_name == "grouped" else [Row(heading("Indicators", room, span))]
        for group, members in _grouped(self.items).items():
            if self.layout_name == "grouped":
                rows.append(Row(heading(group or "Other", room, "" if rows else span)))
            for index, item in enumerate(members):
                rows.append(Row(self._line(item, group if index == 0 else "", columns, room), item.sli.id))
        return rows

    def _columns(self, room: int) -> _Columns:
        grouped = self.layout_name != "flat"
        titles = [fit.width(words.short_title(i.sli) if grouped else i.sli.title) for i in self.items]
        groups = [fit.width(i.sli.group) for i in self.items]
        objectives = [fit.width(objective_words(i.sli)) for i in self.items]
        group = min(max(groups), 10) if self.layout_name == "column" else 0
        title = min(max(titles), 16 if room < 60 else 26)
        value = min(max(9, *(fit.width(words.value_words(i.standing)) for i in self.items)), 14)
        objective = 0 if room < 46 else min(max(objectives), 15)
        over = 6 + bool(group) + group + title + value + objective - room
        if over > 0 and objective:
            title = max(12, title - over)   # a name can do with less, a number cannot
            objective = max(0, min(objective, room - 6 - bool(group) - group - title - value))
            objective = objective if objective >= min(6, max(objectives)) else 0
        reasons = [fit.width(_reason(i)) for i in self.items]
        told = [width for width, reason in zip(objectives, reasons, strict=True) if reason]
        left = max(0, room - 6 - bool(group) - group - title - value)
        return _Columns(group, title, value, objective, min(max(told, default=0), left), max(reasons))

    def _line(self, item: Item, group: str, columns: _Columns, room: int) -> Line:
        standing, sli = item.standing, item.sli
        status = standing.status
        style = STATUS_STYLES.get(status, "stale")
        title = sli.title if self.layout_name == "flat" else words.short_title(sli)
        line: list[tuple[str, str]] = [(" ", "plain")]
        if columns.group:
            line.append((fit.left(group, columns.group) + " ", "title"))
        loud = status is Status.CRITICAL or (status is Status.WARNING and standing.objective_met is False)
        value_style = style if loud else "value"
        trusted = words.is_trusted(item.indicator, standing)
        value = fit.number(words.value_words(standing), columns.value)
        line += [
            (words.GLYPHS[status] + " ", style),
            (fit.left(title, columns.title) + " ", "plain" if trusted else "stale"),
            (fit.right(value, columns.value), value_style if trusted else "stale"),
        ]  # fmt: skip
        if columns.objective:
            promised = fit.number(objective_words(sli), columns.objective)
            line.append(("  " + fit.left(promised, columns.objective), "quiet"))
        reason, tone = _reason(item), "warning" if standing.fresh and style == "ok" else style
        if not reason:
            return self._with_spark(item, line, style, room)
        if columns.objective and cells(tuple(line)) + 3 + columns.reason > room:
            line[-1] = ("  " + fit.left(promised, min(columns.promised, columns.objective)), "quiet")
        spare = room - cells(tuple(line)) - 3
        return (*line, ("  ", "plain"), (fit.cut_reason(reason, spare), tone)) if spare >= 4 else tuple(line)

    def _spark(self, item: Item, room: int) -> Line:
        """The sparkline, drawn again only when there is something new to draw."""
        history, end = item.indicator.history, words.steady(self.now, self.span_s, 2 * room)
        how = (room, end, self.span_s, item.indicator.baseline)
        known = self._sparks.get(item.sli.id)
        if known is not None and known[0] is history and known[1] == how:
            return known[2]
        drawn = sparkline(item, room, end, self.span_s)
        self._sparks[item.sli.id] = (history, how, drawn)
        return drawn

    def _with_spark(self, item: Item, line: list[tuple[str, str]], style: str, room: int) -> Line:
        """Where it has been, and why it is not well where there is room for both."""
        standing = item.standing
        spare = room - cells(tuple(line)) - 3
        if spare < 4:
            return tuple(line)
        if item.indicator.fault is not None and standing.age_s is not None:   # still good, and marked at once
            mark = f"{format_age(standing.age_s)} old"
            why = ": the last poll failed"
            return (*line, ("  ", "plain"), (mark + why if len(mark + why) <= spare else mark, "stale"))
        reason = standing.reason
        said = bool(reason) and (standing.status is not Status.OK)
        shown = spare if spare < 44 else max(20, min(spare - 24, 60))   # the same for all: one axis of time
        reason = "objective missed" if reason.startswith("objective ") and reason.endswith(" missed") else reason
        drawn = self._spark(item, shown)
        rest = spare - shown - 2
        line += [("  ", "plain"), *drawn]
        if said and rest >= 14:
            line += [("  ", "plain"), (fit.cut_reason(reason, rest), style)]
        return spread(tuple(line), (), room)


def _reason(item: Item) -> str:
    """Why there is no value, or not all of it, which matters more than where the value has been."""
    indicator, standing = item.indicator, item.standing
    if not standing.fresh:
        return "waiting" if indicator.reading is None and indicator.fault is None else standing.reason
    return indicator.reading.caveat if indicator.reading is not None and indicator.fault is None else ""


def _grouped(items: Sequence[Item]) -> Mapping[str, list[Item]]:
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.sli.group, []).append(item)
    return groups
