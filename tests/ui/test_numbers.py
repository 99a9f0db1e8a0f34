"""Numbers stand whole in every width, or say that something of them is missing."""

from dataclasses import replace

import pytest

from ontui.domain.condition import parse_condition
from ontui.domain.state import State
from ontui.ui.widgets.lines import cells, fitted
from ontui.ui.widgets.sli_list import SliList
from tests.ui import freight
from tests.ui.pilot import cockpit
from tests.ui.still import Still


def promising(text: str) -> State:
    """Evictions with another objective."""
    state = freight.watched()
    indicator = state.indicators["evictions"]
    sli = replace(indicator.sli, objective=parse_condition(text, indicator.sli.unit))
    system = replace(state.system, slis={**state.system.slis, sli.id: sli})
    return replace(state, system=system, indicators={**state.indicators, sli.id: replace(indicator, sli=sli)})


@pytest.mark.parametrize("size", [(120, 40), (100, 30), (80, 24), (64, 20), (120, 24)])
@pytest.mark.parametrize(("limit", "shown"), [("<= 1e12", "≤ 1e12 /min"), ("<= 123456789012", "≤ 123456… /min")])
async def test_an_objective_is_never_clipped_without_a_mark(size: tuple[int, int], limit: str, shown: str) -> None:
    async with cockpit(Still(promising(limit)), size) as pilot:
        slis = pilot.app.screen.query_one(SliList)
        row = next(r for r in slis.painted if r.key == "evictions")
        said = "".join(text for text, _ in row.line)
        assert cells(row.line) <= slis.room
        assert "≤" not in said or shown in said or "…" in said.partition("≤")[2]


def test_a_line_too_wide_is_marked_and_no_part_of_a_number_is_left() -> None:
    line = (("pool ", "plain"), ("1.24 s", "value"), (" and 12345", "quiet"), ("   ", "plain"))
    assert fitted(line, 24) == fitted(line, 21) == line
    assert "".join(text for text, _ in fitted(line, 19)) == "pool 1.24 s and…"
    assert fitted(line, 8) == (("pool…", "plain"),)
