"""One of our alerts on the board: columns that fit what stands there, and what gives way in less room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ontui.domain.alert import Alert, Phase
from ontui.domain.crowd import Crowd
from ontui.domain.severity import Level
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.ui import fit, others, promise
from ontui.ui import format as words
from ontui.ui.widgets.lines import Line, Piece, cells, spread

TITLES_FROM = 100
"""Columns from which the indicator is named beside its alert."""
_LIFE = 13
"""Of `firing 59m59s`: an age has its place before it is so long, so that nothing shifts."""


@dataclass(frozen=True, slots=True)
class Help:
    """What can be done about an alert from here."""

    page: bool = False
    actions: int = 0
    silence: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """How wide each is, and what must have its place."""

    severity: int
    name: int
    title: int
    value: int
    limit: int
    life: int
    brief: bool = False
    """Clocks in fewer words."""
    hints: bool = True
    """The keys stand on every line."""
    clocks: bool = True
    """A clock stands on every line that has one; else where there is room for all of it."""

    @property
    def between(self) -> int:
        """The cells between the name and the life."""
        return (self.title + 2 if self.title else 0) + self.value + 1 + self.limit


def style(alert: Alert) -> str:
    """The tone an alert of ours has."""
    if alert.phase is Phase.RESOLVED:
        return "quiet"
    if alert.phase is Phase.PENDING or alert.well_since is not None:
        return "warning"
    return "critical" if alert.rule.severity.level is Level.CRITICAL else "warning"


def status_of(alert: Alert) -> Status:
    """The glyph an alert goes under."""
    if alert.frozen_at is not None:   # also of what is resolved: nobody knows whether it still is
        return Status.STALE
    if alert.phase is Phase.RESOLVED:
        return Status.OK
    return Status.CRITICAL if alert.pages else Status.WARNING


def hints(help_: Help, *, brief: bool) -> Line:
    """`r page  x 2 actions`."""
    pieces: list[Piece] = []
    if help_.page:
        pieces += [("r", "key"), ("" if brief else " page", "quiet")]
    if help_.actions:
        many = "s" if help_.actions > 1 else " "
        pieces += [("  " if pieces else "", "plain"), ("x", "key")]
        pieces += [("" if brief else f" {help_.actions} action{many}", "quiet")]
    if help_.silence:
        pieces += [("  " if pieces else "", "plain"), ("s", "key"), ("" if brief else " silence", "quiet")]
    return (*pieces, (" ", "plain")) if pieces else ()


def columns(state: State, entries: Sequence[Alert | Crowd], now: float, room: int) -> Columns:
    """Widths that fit what is there."""

    def widest(texts: Sequence[str], most: int) -> int:
        return min(most, max(map(fit.width, texts), default=0))

    alerts = [entry for entry in entries if isinstance(entry, Alert)]
    crowds = [entry for entry in entries if isinstance(entry, Crowd)]
    slis = [state.system.slis[a.rule.sli] for a in alerts]
    values = [s.judged(a) for a, s in zip(alerts, slis, strict=True)]
    owned = [a for a in alerts if a.frozen_at is None and promise.owner(a, state.system.hours, now)[0]]
    return Columns(
        widest([*(a.rule.severity.name for a in alerts), *(c.first.severity.name for c in crowds)], 8),
        widest([*("".join(words.alert_name(a)) for a in alerts), *map(others.title, crowds)], 36),
        widest([s.title for s in slis], 24) if room >= TITLES_FROM else 0,
        widest([*values, "–"], 10) if alerts else 0,
        widest([words.against(a, s.unit) for a, s in zip(alerts, slis, strict=True)], 40),
        max(widest([_life(a, now, room) for a in owned], 40), _LIFE),
    )


def narrower(wide: Columns) -> Iterator[Columns]:
    """In ever less room: titles, words and blanks go before names, and a clock goes whole."""
    yield wide
    for title in (16, 0):
        if title < wide.title:
            wide = replace(wide, title=title)
            yield wide
    for step in (
        replace(wide, brief=True),
        replace(wide, brief=True, limit=min(wide.limit, 12)),
        replace(wide, brief=True, limit=min(wide.limit, 12), hints=False),
    ):
        wide = step
        yield wide
    yield (wide := replace(wide, name=min(wide.name, 16)))
    for name in (16, 12, 8):
        yield replace(wide, name=min(wide.name, name), clocks=False)


def alert_line(state: State, alert: Alert, now: float, grid: Columns, room: int, help_: Help) -> Line:
    """Severity, name, value, limit, life, who has it, and at the right the keys."""
    rule, sli, tone = alert.rule, state.system.slis[alert.rule.sli], style(alert)
    loud = tone if alert.phase is Phase.FIRING else "value" if alert.active else "quiet"
    stale = alert.frozen_at is not None
    value = sli.judged(alert) or "–"
    sign = "stale" if stale else "ok" if alert.phase is Phase.RESOLVED else tone
    head: list[Piece] = [
        (" ", "plain"), (words.GLYPHS[status_of(alert)] + " ", sign),
        (fit.left(rule.severity.name, grid.severity) + " ", tone),
        (fit.left(fit.keep_end(*words.alert_name(alert), grid.name), grid.name) + "  ",
         "value" if alert.active else "quiet"),
    ]  # fmt: skip
    if grid.title:
        title = sli.title if sli.title != rule.name else ""
        head.append((fit.left(title, grid.title) + "  ", "plain" if alert.active else "quiet"))
    head.append((fit.right(fit.number(value, grid.value), grid.value) + " ", "stale" if stale else loud))
    life = _life(alert, now, room)
    limit = words.against(alert, sli.unit)
    if not grid.clocks:   # nothing else is left to give way
        limit = fit.cut_whole(limit, max(0, room - cells(tuple(head)) - fit.width(life) - 2))
    start = cells(tuple(head)) + grid.limit
    line = _upto((*head, (limit, "quiet")), start, 2)
    line = (*line, (life, "stale" if stale else "quiet" if alert.phase is Phase.RESOLVED else tone))
    who, how = promise.owner(alert, state.system.hours, now, brief=grid.brief)
    short, _ = promise.owner(alert, state.system.hours, now, brief=True)
    taken = [who, short, ""] if not grid.clocks or stale else [who]
    for owner in dict.fromkeys(taken):
        owned = (*_upto(line, start + 2 + grid.life, 2), (owner, how)) if owner else line
        if cells(owned) <= room:
            break
    return _with_hints(owned, help_, grid, room)


def _life(alert: Alert, now: float, room: int) -> str:
    life = words.life(alert, now)
    return life if room >= TITLES_FROM else life.replace("firing (flapping)", "flapping").replace("well since", "well")


def _upto(line: Line, column: int, gap: int) -> Line:
    """Blanks up to a column and then a gap."""
    return (*line, (" " * (max(0, column - cells(line)) + gap), "plain"))


def _with_hints(line: Line, help_: Help, grid: Columns, room: int) -> Line:
    """The keys in as many words as there is room for."""
    brief = hints(help_, brief=True)
    if not brief:
        return line
    for tail in (hints(help_, brief=False), brief):
        if cells(line) + cells(tail) < room and (room >= 110 or tail == brief):
            return spread(line, tail, room)
    return (*line, (" ", "plain"), *brief) if grid.hints else line
