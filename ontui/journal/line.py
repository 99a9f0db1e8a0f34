"""An event as one line of text."""

from datetime import UTC, datetime

from ontui.domain.action import Outcome
from ontui.domain.event import Event, EventKind
from ontui.domain.text import one_line

_RESULTS = {
    EventKind.PLANNED: Outcome.PLANNED,
    EventKind.REFUSED: Outcome.REFUSED,
    EventKind.CANCELLED: Outcome.CANCELLED,
    EventKind.RUN_STARTED: Outcome.RUNNING,
    EventKind.RUN_DETACHED: Outcome.RUNNING,
    EventKind.SILENCING: Outcome.RUNNING,
    EventKind.SILENCED: Outcome.OK,
    EventKind.UNSILENCING: Outcome.RUNNING,
    EventKind.UNSILENCED: Outcome.OK,
}


def format_line(event: Event) -> str:
    """`2026-01-10T14:36:02Z  alice@bastion-1  run ended  restart-redis  ok  exit 0`; fields are two blanks apart."""
    at = datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = (at, event.who, event.kind, event.subject, _result(event), event.text)
    return "  ".join(one_line(field, 500) or "-" for field in fields)


def _result(event: Event) -> str:
    """The result word of the closed set for actions, else what the event came to."""
    data = event.data
    match event.kind:
        case EventKind.RUN_ENDED:
            return str(data.get("outcome") or Outcome.LOST)
        case EventKind.SILENCE_FAILED:
            return str(Outcome.LOST if data.get("lost") else Outcome.FAILED)
        case EventKind.VERDICT:
            return str(data.get("effect") or "-")
        case EventKind.ALERT:
            return str(data.get("phase") or "-")
        case EventKind.SOURCE:
            return "up" if data.get("up") else "down"
        case _:
            return _RESULTS.get(event.kind, "-")
