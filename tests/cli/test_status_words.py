"""What `ontui status` says of a picture, in words for people."""

from dataclasses import replace

import click

from ontui.cli.report import to_text
from ontui.domain.streak import Streak
from tests.ui import freight, neighbours


def line(text: str, word: str) -> str:
    """The line about something."""
    return next(line for line in text.splitlines() if word in line)


def test_what_a_silence_keeps_quiet_has_the_mark_it_has_on_the_board() -> None:
    text = click.unstyle(to_text(neighbours.told(), freight.NOW))
    assert line(text, "DiskFilling").startswith("  – silenced until")
    assert "✓" not in line(text, "DiskFilling")


def test_an_alert_over_rows_names_the_worst_of_them() -> None:
    state = freight.burning()
    alert = replace(state.alerts["p95/HighLatency"], streaks={"/a": Streak(), "/b": Streak()})
    text = to_text(replace(state, alerts={**state.alerts, "p95/HighLatency": alert}), freight.NOW)
    assert "SEV-2 HighLatency /a +1: API latency p95" in text


def test_a_title_that_is_cut_says_so() -> None:
    state = freight.watched()
    sli = replace(state.system.slis["p95"], title="Latency of the API in the harbour 95")
    indicators = {**state.indicators, "p95": replace(state.indicators["p95"], sli=sli)}
    system = replace(state.system, slis={**state.system.slis, "p95": sli})
    text = to_text(replace(state, system=system, indicators=indicators), freight.NOW)
    assert "Latency of the API in the…" in line(text, "Latency of")
