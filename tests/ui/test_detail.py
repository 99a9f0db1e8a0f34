"""One indicator: what its page copies."""

from dataclasses import replace

import pytest

from ontui.domain.secret import Secrets
from ontui.domain.source import EnvSource
from tests.ui import freight
from tests.ui.pilot import cockpit, press, said
from tests.ui.still import Settings, Still


@pytest.mark.parametrize(("sli", "key", "copied"), [
    ("p95", "y", freight.P95),
    ("p95", "Y", f"curl -sS --data-urlencode 'query={freight.P95}' http://prometheus.internal:9090/api/v1/query"),
    ("up", "y", "GET https://api.freight.example/api/health"),
    ("up", "Y", "curl -sS -i https://api.freight.example/api/health"),
])  # fmt: skip
async def test_the_question_is_copied_as_it_is_asked_and_as_a_command(sli: str, key: str, copied: str) -> None:
    async with cockpit(Still(freight.watched())) as pilot:
        await press(pilot, "slash", *freight.SLIS_BY_ID[sli].title.lower(), "enter", "enter", key)
        assert pilot.app.clipboard == copied


async def test_a_secret_in_a_command_is_masked_and_that_is_said() -> None:
    desk = Still(freight.watched(), config=Settings(secrets=Secrets(["prometheus.internal"])))
    async with cockpit(desk) as pilot:
        await press(pilot, "enter", "Y")
        assert "internal" not in pilot.app.clipboard
        assert said(pilot).startswith("copied a curl command without what is secret in it")


async def test_where_there_is_no_command_that_is_said() -> None:
    state = freight.watched()
    odd = EnvSource(id="metrics", type="env", interval_s=15, timeout_s=5)
    system = replace(state.system, sources={**state.system.sources, "metrics": odd})
    sources = {**state.sources, "metrics": replace(state.sources["metrics"], source=odd)}
    async with cockpit(Still(replace(state, system=system, sources=sources))) as pilot:
        await press(pilot, "enter", "Y")
        assert said(pilot) == "there is no command line for this kind of source: env"
