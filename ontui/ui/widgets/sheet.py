"""The large chart of an indicator, and below it everything that is known of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import zip_longest

from ontui.domain.action import Run
from ontui.domain.quantity import format_age, format_duration, format_value
from ontui.domain.source_health import SourceHealth
from ontui.ui import fit, promise
from ontui.ui import format as words
from ontui.ui.widgets.lines import Line, Lines, Piece, Row, cells
from ontui.ui.widgets.preview import Easel, Story
from ontui.ui.widgets.reading import Reading
from ontui.ui.widgets.row_list import row_lines
from ontui.ui.widgets.sli_list import Item
from ontui.ui.widgets.source_strip import source_line

_LABEL = 11
MOST_LINES, MOST_RAW, WHOLE = 6, 3, 500
"""Lines of a fact, of a raw answer that is longer than one, and of what is shown in full below."""
ROWS_WIDE = 46
"""Columns of the rows where they stand beside the facts."""


class BigChart(Lines):
    """The history, as large as there is room."""

    def __init__(self) -> None:
        super().__init__(id="chart")
        self._easel = Easel()
        self.story: Story | None = None
        self.now, self.span_s = 0.0, 900.0

    def show(self, story: Story, now: float, span_s: float) -> None:
        """Draw what changed."""
        self.story, self.now, self.span_s = story, now, span_s
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """The chart."""
        if self.story is None or self.size.height < 4:
            return []
        drawn = self._easel.draw(self.story, self.now, self.span_s, room - 2, self.size.height)
        return [Row(((" ", "plain"), *line)) for line in drawn]


def _beside(facts: Sequence[Row], lines: Sequence[Line], wide: int) -> Iterator[Row]:
    """The facts in so many columns, and other lines at their right."""
    for fact, line in zip_longest(facts, lines, fillvalue=None):
        start = fact.line if isinstance(fact, Row) else ()
        yield Row((*start, (" " * (wide - cells(start)), "plain"), *(line or ())), fact.key if fact else "")


class Sheet(Reading):
    """Facts, and what can be opened from here."""

    def __init__(self) -> None:
        super().__init__(id="sheet")
        self.story: Story | None = None
        self.source: SourceHealth | None = None
        self.now = 0.0
        self.runs: Mapping[str, Run] = {}
        self.mask: Callable[[str], str] = str
        self.question = ""
        """What the source is asked, as it is sent."""
        self.wanted = ""
        """Words that the rows in view hold; with some, there is nothing but rows."""

    def show(
        self, story: Story, source: SourceHealth, now: float, runs: Mapping[str, Run], mask: Callable[[str], str],
        question: str, wanted: str,
    ) -> None:  # fmt: skip
        """Draw what changed."""
        self.story, self.source, self.now, self.runs, self.mask = story, source, now, runs, mask
        self.question, self.wanted = question, wanted
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """Fact by fact, then row by row."""
        if self.story is None or self.source is None:
            return []
        item = self.story.item
        if self.wanted:
            return [Row(line) for line in row_lines(item, self.wanted, room)]
        wide = room - ROWS_WIDE
        if wide < ROWS_WIDE:
            return [*self._facts(self.story, self.source, room), *map(Row, row_lines(item, "", room))]
        lines = list(row_lines(item, "", ROWS_WIDE))
        facts = self._facts(self.story, self.source, wide if lines else room)
        return list(_beside(facts, lines, wide - 1)) if lines else facts

    def _facts(self, story: Story, source: SourceHealth, room: int) -> list[Row]:
        rows: list[Row] = []

        def fact(label: str, value: str | Line, style: str = "plain", key: str = "", most: int = MOST_LINES) -> None:
            parts: list[Line] = [value] if isinstance(value, tuple) else [
                ((text, style),) for text in fit.wrap(value, room - _LABEL - 3, most)
            ]  # fmt: skip
            for number, part in enumerate(parts):
                head: Piece = (" " + fit.left(label if number == 0 else "", _LABEL), "quiet")
                rows.append(Row((head, *part), key))

        self._answer(story.item, source, room, fact)
        self._limits(fact)
        self._ways_on(fact)
        self._in_full(story.item, room, fact)
        return rows

    def _answer(self, item: Item, source: SourceHealth, room: int, fact: Callable[..., None]) -> None:
        """What was asked, what came back and when, and how it is known."""
        standing, reading, sli = item.standing, item.indicator.reading, item.sli
        fact("asked", self.mask(sli.ask), "value")
        if reading is not None and reading.rows and self.room < 2 * ROWS_WIDE:
            worst = [f"{row.name} {sli.row_words(row, item.indicator.baseline)}" for row in reading.rows[:3]]
            fact("worst", " · ".join(worst) + f" · {len(reading.rows)} in all: / filters", most=2)
        if sli.freshness:
            fact("freshness", self.mask(sli.freshness))
        asked = words.asked_at(reading.at if reading else None, sli.interval_s, self.now)
        often = f"every {format_duration(sli.interval_s)} · fresh for {format_duration(sli.fresh_for_s)}"
        aged = reading.data_age_s if reading is not None else None
        data = f" · data {format_age(aged)} old then" if aged is not None and aged >= 1 else ""
        fact("answered", f"{asked}{data} · {often}", "plain" if standing.fresh else "stale")
        if reading is not None and reading.value is not None and standing.value is None:
            known = f"{sli.words(reading.value, item.indicator.baseline)}, {words.ago(reading.at, self.now)}"
            fact("last known", known, "stale")
        fact("by", source_line(source, self.now, room - _LABEL - 2))
        if reading is not None and reading.raw:
            raw = self.mask(reading.raw)
            is_long = len(fit.wrap(raw, room - _LABEL - 3)) > MOST_LINES
            fact("raw", raw, "code", most=MOST_RAW if is_long else MOST_LINES)
        if reading is not None and reading.note:
            fact("known by", reading.note)
        if reading is not None and reading.caveat and reading.caveat not in standing.reason:
            fact("warning", reading.caveat, "warning")
        if standing.reason:
            fact("because", standing.reason, "value" if standing.fresh else "stale")

    def _in_full(self, item: Item, room: int, fact: Callable[..., None]) -> None:
        """What had to be cut above, and what is sent where the config only has a word for it."""
        asked, wide = self.mask(item.sli.ask), room - _LABEL - 3
        if self.question != asked or len(fit.wrap(asked, wide)) > MOST_LINES:
            fact("sent", self.question, "code", most=WHOLE)
        raw = self.mask(item.indicator.reading.raw) if item.indicator.reading is not None else ""
        if len(fit.wrap(raw, wide)) > MOST_LINES:
            fact("raw, whole", raw, "code", most=WHOLE)

    def _limits(self, fact: Callable[..., None]) -> None:
        """Objective, baseline and alerts, each with where it is in its life."""
        assert self.story is not None  # noqa: S101 — rows() looked
        item = self.story.item
        sli, baseline = item.sli, item.indicator.baseline
        if sli.objective is not None:
            met = {True: ("met", "ok"), False: ("missed", "warning"), None: ("cannot be judged", "stale")}
            word, style = met[item.standing.objective_met]
            fact("objective", ((sli.objective.words(sli.unit), "value"), (f"  {word}", style)))
        if baseline is not None:
            fact("baseline", f"{format_value(baseline, sli.unit)}{self._usual()}")
        for number, kept in enumerate(item.alerts):
            alert = words.as_seen(kept, item.indicator, item.standing)
            rule = alert.rule
            style = "quiet" if not alert.active else "critical" if alert.pages else "warning"
            who, tone = promise.owner(alert, self.story.hours, self.now) if alert.active else ("", "quiet")
            state = words.life(alert, self.now) if alert.phase != "inactive" else "not firing"
            state += f", {len(alert.flaps.changes)} changes within 30m" if alert.flapping else ""
            fact("alerts" if number == 0 else "", (
                (f"{rule.severity.name} {rule.name}", "value" if alert.active else "plain"),
                (f"  {words.terms(rule, sli.unit)}  ", "quiet"), (state, style), (f" · {who}" if who else "", tone),
            ))  # fmt: skip
            if alert.active and (promised := promise.promised(alert)):
                fact("", f"{rule.severity.name}: {promised}", "quiet")

    def _usual(self) -> str:
        """How the baseline is known, and how old it is: `  itself, 7d ago · asked at 14:36:51Z`."""
        assert self.story is not None  # noqa: S101
        sli, reading = self.story.item.sli, self.story.item.indicator.reading
        past = sli.baseline_past
        if past is None and not sli.baseline_query:
            return "  fixed"
        each = ", ".join(f"{format_age(ago_s)} ago" for ago_s in past.instants_s) if past else ""
        how = "queried" if past is None else f"itself, {each}" if past.times == 1 else f"the median of itself {each}"
        asked = reading.baseline_at if reading else None
        return f"  {how}" + (f" · asked at {words.clock(asked)}" if asked is not None else "")

    def _ways_on(self, fact: Callable[..., None]) -> None:
        """What enter opens: the page, the repairs, the links."""
        assert self.story is not None  # noqa: S101
        story = self.story
        if story.page:
            fact("page", story.page, "accent", key="page:")
        for number, (name, title, danger) in enumerate(story.actions):
            run = self.runs.get(name)
            last = ""
            if run is not None:
                at = run.ended_at or run.started_at
                last = f"  {datetime.fromtimestamp(at, UTC):%H:%M} {run.outcome} by {run.who.partition('@')[0]}"
            fact("repairs" if number == 0 else "",
                 ((title, "accent"), (f"  {danger}", "quiet"), (last, "quiet")), key=f"action:{name}")  # fmt: skip
        for number, link in enumerate(story.item.sli.links):
            shown: Line = ((f"{link.title}  ", "plain"), (link.url, "link"))
            fact("links" if number == 0 else "", shown, key=f"link:{link.url}")
