"""What others tell the freight company of: alerts in an Alertmanager, two of them quiet, and a flood."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ontui.domain.foreign import ForeignAlert, ForeignPhase
from ontui.domain.sample import Sample
from ontui.domain.silence import Matcher, Silence
from ontui.domain.source import AlertmanagerSource
from ontui.domain.state import State
from tests.ui import freight
from tests.ui.freight import NOW
from tests.ui.still import Still
from tests.ui.still_silences import StillSilences

SILENCE = Silence(
    "s-1", (Matcher("alertname", "DiskFilling"),), NOW - 600, NOW + 6600, "carol@bastion-2", "disk is being replaced",
    "active",
)  # fmt: skip
SOURCE = AlertmanagerSource(
    id="alertmanager", type="alertmanager", interval_s=15, timeout_s=5, url="http://am.internal:9093",
    address="http://am.internal:9093",
)  # fmt: skip


def alert(name: str, ago_s: float, phase: ForeignPhase = ForeignPhase.FIRING, **more: object) -> ForeignAlert:
    """One as the Alertmanager tells it."""
    labels = {"alertname": name, **more.pop("labels", {})}  # type: ignore[dict-item]
    return ForeignAlert(
        "alertmanager", name, dict(sorted(labels.items())), phase, NOW - ago_s, fingerprint=str(labels),
        updated_at=NOW - 20, generator_url="http://prometheus.internal:9090/graph?g0.expr=up", **more,  # type: ignore[arg-type]
    )


USUAL = (
    alert("NodeDown", 190, labels={"severity": "critical", "instance": "node7:9100", "job": "node"},
          annotations={"summary": "node7 does not answer", "runbook_url": "https://wiki.example/runbooks/api-down.html",
                       "description": "No scrape for 3 minutes.\nThe rack lost power before.", "dashboard": "nodes"}),
    alert("CertExpiring", 86_000, labels={"severity": "warning", "host": "mail.example"},
          annotations={"summary": "certificate of mail.example ends in 6 days"}),
    *(alert("HighErrors", 300 - n, labels={"severity": "warning", "instance": f"web{n:02}:8080", "job": "web"},
            annotations={"summary": f"web{n:02}: 7 % of requests fail"}) for n in range(37)),
    alert("DiskFilling", 4000, ForeignPhase.SUPPRESSED, silenced_by=("s-1",),
          labels={"severity": "warning", "device": "sda1", "instance": "db2:9100"},
          annotations={"summary": "db2 sda1 is full in 9 h"}),
)  # fmt: skip


def with_alerts(state: State, alerts: Sequence[ForeignAlert]) -> State:
    """The same system with an Alertmanager, which was just asked."""
    sources = {**state.system.sources, "alertmanager": SOURCE}
    system = replace(state.system, sources=sources)
    health = replace(State.empty(system).sources["alertmanager"])
    state = replace(state, system=system, sources={**state.sources, "alertmanager": health})
    return state.after(Sample(
        "alertmanager", NOW - 2, 0.012, server="Alertmanager 0.27.0", foreign=tuple(alerts), silences=(SILENCE,),
        next_at=NOW + 13,
    ))  # fmt: skip


def told() -> State:
    """The house burns, and others see it too."""
    return with_alerts(freight.burning(), USUAL)


def calm() -> State:
    """Nothing of ours fires."""
    return with_alerts(freight.watched(), USUAL)


def flood() -> State:
    """Five hundred at once, of thirteen names."""
    many = [
        alert(f"Problem{n % 13:02}", 60 + n, labels={"severity": "page" if n % 13 < 2 else "warning", "n": str(n)})
        for n in range(500)
    ]
    return with_alerts(freight.burning(), many)


def storm() -> State:
    """Five hundred at once, each of its own name."""
    problems = [alert(f"Problem{n:03}", 60 + n, labels={"severity": "page"}) for n in range(500)]
    return with_alerts(freight.burning(), problems)


def desk(make: Callable[[], State] = told, **how: object) -> Still:
    """A desk with that picture and an Alertmanager to silence in."""
    found = Still(make())
    found.silences = StillSilences(lambda: found.state, **how)  # type: ignore[arg-type]
    return found
