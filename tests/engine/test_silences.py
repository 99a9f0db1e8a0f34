"""Silences of a real Alertmanager through the engine: intent first, and only what was read back is claimed."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ontui.config.load import load
from ontui.domain.event import EventKind
from ontui.domain.silence import Matcher, SilenceFailed, SilencePlan, SilenceRefused
from ontui.engine import Engine
from ontui.journal import Journal
from tests.servers.alertmanager import Alertmanager

CONFIG = """version: 1
system: {{id: shop, name: Shop, environment: production, production: true}}
sources:
  am: {{type: alertmanager, url: "{url}", every: 1s, timeout: 900ms}}
slis: {{n: {{source: am, metric: alerts}}}}
"""
HIGH = (Matcher("alertname", "High"),)


@asynccontextmanager
async def connected(
    folder: Path, alertmanager: Alertmanager, *, read_only: bool = False
) -> AsyncIterator[Engine]:
    path = folder / "ontui.yaml"
    path.write_text(CONFIG.format(url=alertmanager.url))
    path.chmod(0o600)
    config = load(path, {})
    journal = Journal.open(folder / "state" / "journal.db", mask=config.secrets.mask)
    engine = Engine(config, journal=journal, folder=folder / "state", seed=1, read_only=read_only)
    async with engine.polled_once():
        yield engine
    journal.close()


def kinds(engine: Engine) -> list[str]:
    assert engine.journal is not None
    return [str(event.kind) for event in engine.journal.tail(50, system="shop") if "silenc" in str(event.kind)]


async def planned(engine: Engine) -> SilencePlan:
    return await engine.silences.plan(HIGH, 7200, "deploy")


async def test_a_silence_hits_exactly_what_was_shown_and_is_ended_again(
    tmp_path: Path, alertmanager: Alertmanager
) -> None:
    alertmanager.tell_all([{"alertname": "High", "job": job} for job in ("a", "b")] + [{"alertname": "Low"}])
    async with connected(tmp_path, alertmanager) as engine:
        plan = await planned(engine)
        assert [a.labels["job"] for a in plan.hits] == ["a", "b"]
        assert (plan.type_text, plan.target) == ("shop", alertmanager.url)
        assert alertmanager.silences() == []
        assert (await engine.silences.again(plan)).digest == plan.digest
        with pytest.raises(SilenceRefused, match="type shop"):
            await engine.silences.carry_out(plan, "y")
        result = await engine.silences.carry_out(plan, "shop")
        (kept,) = alertmanager.silences()
        assert (result.alerts, result.silence.id, kept["createdBy"]) == (2, kept["id"], engine.actor)
        assert 7190 <= result.silence.ends_at - result.silence.starts_at <= 7201
        ending = await engine.silences.plan_end(result.silence, "am")
        assert len(ending.hits) == 2
        assert (await engine.silences.carry_out(ending, "shop")).alerts == 2
        assert alertmanager.silences() == []
        with pytest.raises(SilenceFailed) as again:
            await engine.silences.plan_end(result.silence, "am")
        assert again.value.ended
        assert kinds(engine) == ["silencing", "silenced", "ending silence", "silence ended"]


async def test_what_came_since_makes_it_another_plan(tmp_path: Path, alertmanager: Alertmanager) -> None:
    alertmanager.tell("High", job="a")
    async with connected(tmp_path, alertmanager) as engine:
        plan = await planned(engine)
        alertmanager.tell("High", job="b")
        again = await engine.silences.again(plan)
        assert again.digest != plan.digest
        assert len(again.hits) == 2


async def test_what_a_server_refuses_is_told_and_on_record(tmp_path: Path, alertmanager: Alertmanager) -> None:
    async with connected(tmp_path, alertmanager) as engine:
        with pytest.raises(SilenceFailed, match=re.escape("invalid or unsupported Perl syntax")):
            await engine.silences.plan((Matcher("a", "(?=x)", is_regex=True),), 60, "why")  # Python would take it
        plan = await planned(engine)
        refused = replace(plan, matchers=(Matcher("a", "(?=x)", is_regex=True),))
        with pytest.raises(SilenceFailed):
            await engine.silences.carry_out(refused, "shop")
        assert alertmanager.silences() == []
        assert kinds(engine) == ["silencing", "silence failed"]


async def test_without_alerts_it_is_for_those_to_come(tmp_path: Path, alertmanager: Alertmanager) -> None:
    async with connected(tmp_path, alertmanager) as engine:
        plan = await planned(engine)
        assert plan.hits == ()
        assert (await engine.silences.carry_out(plan, "shop")).alerts == 0


async def test_read_only_silences_nothing(tmp_path: Path, alertmanager: Alertmanager) -> None:
    async with connected(tmp_path, alertmanager, read_only=True) as engine:
        assert engine.silences.why_not == "read-only: nothing can be silenced"
        with pytest.raises(SilenceRefused):
            await planned(engine)
        forged = SilencePlan("am", alertmanager.url, HIGH, (), 60, "why", "me", type_text="shop")
        with pytest.raises(SilenceRefused):
            await engine.silences.carry_out(forged, "shop")
        assert alertmanager.silences() == []


async def test_what_cannot_be_recorded_is_not_done(tmp_path: Path, alertmanager: Alertmanager) -> None:
    async with connected(tmp_path, alertmanager) as engine:
        plan = await planned(engine)
        engine.journal = None
        with pytest.raises(SilenceRefused, match="cannot be recorded"):
            await engine.silences.carry_out(plan, "shop")
        assert alertmanager.silences() == []


async def test_taking_an_alert_of_others_is_on_record(tmp_path: Path, alertmanager: Alertmanager) -> None:
    alertmanager.tell("High", job="a")
    async with connected(tmp_path, alertmanager) as engine:
        (crowd,) = engine.state.others
        engine.acknowledge(crowd.take_key)
        assert engine.state.taken(crowd.first.alert) is not None
        assert engine.journal is not None
        last = engine.journal.tail(1, system="shop")[0]
        assert (last.kind, last.subject, last.text) == (
            EventKind.ACKNOWLEDGED, "High{job='a'}", "High{job='a'} acknowledged",
        )  # fmt: skip
