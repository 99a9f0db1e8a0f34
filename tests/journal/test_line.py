import pytest

from ontui.domain.event import Event, EventKind, Scalar
from ontui.journal import format_line


@pytest.mark.parametrize(
    ("kind", "data", "result"),
    [
        (EventKind.PLANNED, {}, "planned"),
        (EventKind.REFUSED, {}, "refused"),
        (EventKind.CANCELLED, {}, "cancelled"),
        (EventKind.RUN_STARTED, {"outcome": "running"}, "running"),
        (EventKind.RUN_DETACHED, {}, "running"),
        (EventKind.RUN_ENDED, {"outcome": "ok"}, "ok"),
        (EventKind.RUN_ENDED, {"outcome": "timed out"}, "timed out"),
        (EventKind.RUN_ENDED, {}, "lost"),
        (EventKind.VERDICT, {"effect": "recovered"}, "recovered"),
        (EventKind.ALERT, {"phase": "firing"}, "firing"),
        (EventKind.SOURCE, {"up": False}, "down"),
        (EventKind.SOURCE, {"up": True}, "up"),
        (EventKind.ACKNOWLEDGED, {}, "-"),
        (EventKind.SILENCING, {}, "running"),
        (EventKind.UNSILENCED, {}, "ok"),
        (EventKind.SILENCE_FAILED, {"lost": False}, "failed"),
        (EventKind.SILENCE_FAILED, {"lost": True}, "lost"),
    ],
)
def test_each_kind_has_its_result_word(kind: EventKind, data: dict[str, Scalar], result: str) -> None:
    line = format_line(Event(kind, 1_768_056_962.9, "alice@b1", "restart-redis", "Restart Redis", data, 7))
    assert line == f"2026-01-10T14:56:02Z  alice@b1  {kind}  restart-redis  {result}  Restart Redis"


def test_it_is_one_harmless_line() -> None:
    line = format_line(Event(EventKind.PLANNED, 0, "a\x1b[31m", "s  s", "two\nlines\u202e", {}))
    assert line.isprintable()
    assert line.count("  ") == 5
    assert line.startswith("1970-01-01T00:00:00Z  a")
