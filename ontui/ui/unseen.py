"""What began to fire while a picture is held, which that picture cannot show."""

from ontui.domain.alert import Phase
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.ui import others


def begun(held: State, live: State) -> tuple[int, Status]:
    """How many alerts fire now and did not then, or began again since; and how bad the worst of them is."""
    known = {m.alert.key for crowd in held.others for m in crowd.members if others.firing(m)}
    own = [alert for key, alert in live.alerts.items() if _fires(live, key) not in (None, _fires(held, key))]
    foreign = [m for crowd in live.others for m in crowd.members if others.firing(m) and m.alert.key not in known]
    is_critical = any(alert.pages for alert in own) or any(m.status is Status.CRITICAL for m in foreign)
    return len(own) + len(foreign), Status.CRITICAL if is_critical else Status.WARNING


def _fires(state: State, key: str) -> float | None:
    """Since when it fires; None while it does not."""
    alert = state.alerts.get(key)
    if alert is None or alert.phase is not Phase.FIRING or alert.well_since is not None:
        return None
    return alert.since
