"""What is told aloud: alerts that began to fire or are over, each once, many at a time as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from enum import StrEnum

from ontui.domain.alert import Phase
from ontui.domain.hearsay import moves
from ontui.domain.rows import named
from ontui.domain.sample import Sample
from ontui.domain.severity import Level, Severity
from ontui.domain.state import State, System
from ontui.domain.text import one_line

NAMED = 5
"""So many alerts of a burst are named."""
PLACEHOLDERS = ("name", "severity", "state", "system", "value", "text")
"""What a command may be given."""


class Desktop(StrEnum):
    """How the terminal is asked to tell the desktop."""

    OFF = "off"
    OSC9 = "osc9"
    OSC777 = "osc777"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in which nothing is told aloud."""

    begins: time
    ends: time
    """Past midnight where it is not later than `begins`."""
    zone: tzinfo = UTC

    def holds(self, at: float) -> bool:
        """Whether an instant lies within, by the clock on the wall."""
        clock = datetime.fromtimestamp(at, self.zone).time()
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


@dataclass(frozen=True, slots=True)
class Notify:
    """How and when alerts are told aloud."""

    bell: bool = True
    """Whether the terminal's bell rings for what begins to fire."""
    desktop: Desktop = Desktop.OFF
    command: tuple[str, ...] = ()
    """A program and its arguments, of which some are placeholders."""
    level: Level = Level.CRITICAL
    """The mildest that is told."""
    quiet: Quiet | None = None
    timeout_s: float = 10.0
    """How long the command may take."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert's move."""

    name: str
    severity: Severity
    fires: bool
    title: str
    value: str
    rows: tuple[str, ...] = ()
    """Those of its SLI that it is about, worst first."""

    @property
    def about(self) -> str:
        """What it is called, with the worst row: `Slow /a +3`."""
        return "".join(named(self.name, self.rows))

    @property
    def state(self) -> str:
        """As on the board."""
        return "firing" if self.fires else "resolved"


@dataclass(frozen=True, slots=True)
class Ring:
    """What is told at once, in one line for people."""

    system: str
    name: str
    severity: str
    state: str
    value: str
    text: str
    fires: bool
    """Whether anything in it began to fire: only then a bell rings."""

    def fill(self, argv: Sequence[str]) -> list[str]:
        """The arguments with the placeholders replaced, each a whole argument and none an option."""
        filled = {f"{{{word}}}": one_line(getattr(self, word), 500) for word in PLACEHOLDERS}
        return [_no_option(filled[part]) if part in filled else part for part in argv]


def notices(before: State, after: State, sample: Sample, level: Level) -> list[Notice]:
    """What a sample moved that is worth a ring.

    Nothing at the first answer about an SLI, nor when its past arrives: who has just started ontui is looking at it.
    An alert that is flapping is silent until it has settled; one of others while a silence of theirs holds.
    """
    found = _of_others(before, after, sample, level)
    for key, alert in after.alerts.items():
        old, rule = before.alerts[key], alert.rule
        is_news = alert.phase is not old.phase or (old.flapping and not alert.flapping)
        if not is_news or alert.phase not in (Phase.FIRING, Phase.RESOLVED):
            continue
        reading = sample.readings.get(rule.sli)
        is_past = before.indicators[rule.sli].reading is None or (reading is not None and reading.history != ())
        if is_past or (level is Level.CRITICAL and rule.severity.level is not Level.CRITICAL):
            continue
        sli = after.system.slis[rule.sli]
        rows = tuple(alert.rows or old.rows)
        found.append(Notice(rule.name, rule.severity, alert.phase is Phase.FIRING, sli.title, sli.judged(alert), rows))
    return found


def _of_others(before: State, after: State, sample: Sample, level: Level) -> list[Notice]:
    """The same of what an Alertmanager or a Prometheus raises; what merely fell silent is not over."""
    if sample.foreign is None or sample.source not in before.foreign:
        return []
    told = [m for m in moves(before, after) if m.phase != "gone"]
    loud = [m for m in told if level is Level.WARNING or m.severity.level is Level.CRITICAL]
    return [Notice(m.name, m.severity, m.phase == "firing", m.about, "") for m in loud]


def ring_of(notices: Sequence[Notice], system: System) -> Ring:
    """One ring for all of them, at least one; several are counted and the first of them named."""
    worst = min(notices, key=lambda n: (not n.fires, n.severity.rank))
    if len(notices) == 1:
        what = " ".join(filter(None, (worst.title, worst.value)))
        text = f"{worst.severity.name} {worst.about} {worst.state}: {what}"
        return Ring(system.id, worst.name, worst.severity.name, worst.state, worst.value, text, worst.fires)
    parts = []
    for state in ("firing", "resolved"):
        names = list(dict.fromkeys(n.about for n in notices if n.state == state))
        if names:
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            many = f"{len(names)} alerts" if len(names) > 1 else "1 alert"
            parts.append(f"{many} {state}: {', '.join(names[:NAMED])}{more}")
    count = f"{len({n.name for n in notices})} alerts"
    return Ring(system.id, count, worst.severity.name, worst.state, "", " · ".join(parts), worst.fires)


def _no_option(text: str) -> str:
    """A text that no program takes for an option."""
    return "−" + text[1:] if text.startswith("-") else text
