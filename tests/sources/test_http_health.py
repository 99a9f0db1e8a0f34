"""When an endpoint is down, by tables of checks."""

import pytest

from ontui.domain.status import Status
from ontui.sources.http_health import Health


def told(down_after: int, checks: str) -> list[tuple[float | None, str]]:
    """Value and caveat (or reason) after each check; `+` is a good one."""
    health = Health(down_after)
    found = []
    for at, check in enumerate(checks):
        reading = health.passed(at) if check == "+" else health.failed(at, "refused")
        assert (reading.flaw is Status.UNKNOWN) == (reading.value is None)
        found.append((reading.value, reading.caveat or reading.reason))
    return found


@pytest.mark.parametrize(
    ("checks", "last"),
    [
        ("+", (1.0, "")),
        ("-", (None, "1 of 3 checks failed: refused")),
        ("--", (None, "2 of 3 checks failed: refused")),
        ("---", (0.0, "3 checks in a row failed: refused")),
        ("+-", (1.0, "1 of 3 checks failed: refused")),
        ("+--", (1.0, "2 of 3 checks failed: refused")),
        ("+---", (0.0, "3 checks in a row failed: refused")),
        ("+-----", (0.0, "5 checks in a row failed: refused")),
        ("+--+--", (1.0, "2 of 3 checks failed: refused")),
        ("+---+", (0.0, "recovering, 1 of 2")),
        ("+---++", (1.0, "")),
        ("+---+-", (0.0, "1 check failed: refused")),
        ("+---+-+", (0.0, "recovering, 1 of 2")),
        ("+---++-", (1.0, "1 of 3 checks failed: refused")),
        ("-+", (1.0, "")),
        ("---+", (0.0, "recovering, 1 of 2")),
    ],
)
def test_three_make_it_down_and_two_bring_it_back(checks: str, last: tuple[float | None, str]) -> None:
    assert told(3, checks)[-1] == last


def test_one_is_enough_where_that_is_configured() -> None:
    assert told(1, "-") == [(0.0, "1 check failed: refused")]


def test_the_last_good_check_is_remembered() -> None:
    health = Health(3)
    health.passed(3600.0)
    assert health.failed(3700.0, "refused").note == "last good check 01:00:00 UTC"
