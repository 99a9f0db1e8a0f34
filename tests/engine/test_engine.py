"""The engine on a small config: what is recorded, what is refused, and what two on one journal know of each other."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ontui.config import Config, ConfigError
from ontui.config.load import load
from ontui.domain.action import Outcome, Refused
from ontui.domain.alert import Phase
from ontui.domain.event import EventKind
from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.engine import Engine
from ontui.engine.repair import KEPT
from ontui.journal import Journal
from ontui.runbooks.library import Library
from tests.eventually import eventually_async

CONFIG = """\
version: 1
system: {id: shop, environment: staging, production: false}
runbooks: {path: ./runbooks}
sources:
  web: {type: http, url: "http://127.0.0.1:9/health"}
slis:
  up: {source: web, metric: up, alerts: [{name: WebDown, when: failing, severity: SEV-2}], actions: [hello]}
  latency: {source: web, metric: latency, alerts: [{name: Slow, when: "> 1s", severity: SEV-2, actions: [slow-repair]}]}
actions:
  hello: {title: Say hello, run: [echo, hello], danger: change}
  look: {title: Look, run: [echo, looked], danger: read}
  slow-repair: {title: Take long, run: [sleep, "60"], danger: change, verify: {sli: latency, within: 1m}}
  quick-repair: {title: Be quick, run: ["true"], danger: change, verify: {sli: up, within: 1m}}
  missing: {title: Not there, run: [no-such-program-here], danger: read}
"""

Make = Callable[..., Engine]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Engines on one config and one state folder, as two terminals of one person have them."""
    tmp_path.chmod(0o700)
    pages = tmp_path / "runbooks"
    pages.mkdir(mode=0o700)
    (pages / "slow.md").write_text("# Slow\n\n## Web down\n\ntext\n\n## Slow\n\ntext\n")
    path = tmp_path / "ontui.yaml"
    path.write_text(CONFIG)
    path.chmod(0o600)

    def engine(*, read_only: bool = False, record: bool = True) -> Engine:
        config = load(path, os.environ)
        folder = config.runbooks
        assert folder
        journal = Journal.open(tmp_path / "state" / "journal.db") if record else None
        state = tmp_path / "state"
        return Engine(config, pages=lambda _: Library.load(folder), journal=journal, read_only=read_only, folder=state)

    return engine


def slow(engine: Engine, value: float = 2.0) -> None:
    at = engine.now()
    engine.fold(Sample("web", at, 0.01, {"latency": Reading(value, at), "up": Reading(1.0, at)}))


def kinds(engine: Engine) -> list[EventKind]:
    assert engine.journal
    return [e.kind for e in engine.journal.tail(100)]


async def test_what_a_sample_changes_goes_on_record(make: Make) -> None:
    engine = make()
    slow(engine)
    engine.fold(Sample("web", engine.now(), 1.0, fault=Fault(FaultKind.REFUSED, "connection refused")))
    assert kinds(engine) == [EventKind.ALERT, EventKind.SOURCE]


async def test_one_engine_sees_what_the_other_acknowledged(make: Make) -> None:
    one, other = make(), make()
    slow(one)
    slow(other)
    task = asyncio.create_task(other.run())
    one.acknowledge("latency/Slow")
    assert (mine := one.state.alerts["latency/Slow"].acknowledged) and mine.who == one.actor
    await eventually_async(lambda: other.state.acknowledgements.get("latency/Slow") is not None, within_s=6)
    task.cancel()
    await asyncio.wait([task])


async def test_an_acknowledgement_survives_a_restart(make: Make) -> None:
    one = make()
    slow(one)
    one.acknowledge("latency/Slow")
    again = make()
    slow(again)
    assert again.state.alerts["latency/Slow"].acknowledged


async def test_a_plan_is_run_and_its_end_is_on_record(make: Make) -> None:
    engine = make()
    plan = await engine.plan("hello", {}, sli="up")
    assert (await engine.recheck(plan)).digest == plan.digest
    execution = engine.start(plan, "y")
    await asyncio.wait_for(execution.wait(), 10)
    assert list(execution.lines) == ["hello"]
    assert (execution.run.outcome, execution.run.detail) == (Outcome.OK, "exit 0")
    assert kinds(engine) == [EventKind.PLANNED, EventKind.RUN_STARTED, EventKind.RUN_ENDED]
    assert engine.state.runs["hello"].outcome is Outcome.OK


async def test_the_last_runs_are_kept_and_not_all_of_them(make: Make) -> None:
    engine = make()
    for _ in range(KEPT + 3):
        await engine.start(await engine.plan("hello", {}, sli="up"), "y").wait()
    assert len(engine.executions) == KEPT
    assert engine.execution is engine.executions[-1]


async def test_the_wrong_answer_runs_nothing_and_is_on_record(make: Make) -> None:
    engine = make()
    plan = await engine.plan("hello", {}, sli="up")
    for typed in ("", "yes", "shop"):
        with pytest.raises(Refused, match="wants the text y"):
            engine.start(plan, typed)
    assert kinds(engine) == [EventKind.PLANNED, *[EventKind.REFUSED] * 3]
    assert engine.executions == []


async def test_moved_facts_make_another_plan(make: Make) -> None:
    engine = make()
    slow(engine)
    plan = await engine.plan("slow-repair", {}, alert="latency/Slow")
    assert plan.basis == ("latency/Slow firing",)
    await asyncio.sleep(0.01)
    slow(engine, 0.1)
    slow(engine, 0.1)
    assert engine.state.alerts["latency/Slow"].phase is Phase.RESOLVED
    assert (await engine.recheck(plan)).digest != plan.digest


async def test_stale_reasons_are_said_in_the_plan(make: Make) -> None:
    engine = make()
    assert (await engine.plan("slow-repair", {}, alert="latency/Slow")).stale_basis
    slow(engine)
    assert not (await engine.plan("slow-repair", {}, alert="latency/Slow")).stale_basis


async def test_read_only_runs_only_what_reads(make: Make) -> None:
    engine = make(read_only=True)
    with pytest.raises(Refused, match="read-only"):
        await engine.plan("hello", {}, sli="up")
    assert (await engine.plan("look", {}, sli="up")).action == "look"


async def test_without_a_journal_nothing_runs(make: Make) -> None:
    engine = make(record=False)
    plan = await engine.plan("look", {}, sli="up")
    with pytest.raises(Refused, match="cannot be recorded"):
        engine.start(plan, "")


async def test_a_config_that_changed_on_disk_runs_nothing(make: Make) -> None:
    engine = make()
    plan = await engine.plan("hello", {}, sli="up")
    with engine.config.path.open("a") as file:
        file.write("# another line\n")
    with pytest.raises(Refused, match="changed on disk"):
        engine.start(plan, "y")
    with pytest.raises(Refused, match="changed on disk"):
        await engine.plan("hello", {}, sli="up")


async def test_a_program_that_is_not_there_is_refused_before_anyone_confirms(make: Make) -> None:
    with pytest.raises(Refused, match="not on PATH"):
        await make().plan("missing", {}, sli="up")


async def test_a_second_run_of_the_same_action_is_refused_and_the_first_can_be_stopped(make: Make) -> None:
    one, other = make(), make()
    first = one.start(await one.plan("slow-repair", {}, sli="latency"), "y")
    with pytest.raises(Refused, match="running"):
        other.start(await other.plan("slow-repair", {}, sli="latency"), "y")
    first.stop()
    await asyncio.wait_for(first.wait(), 10)
    assert first.run.outcome is Outcome.KILLED
    again = other.start(await other.plan("slow-repair", {}, sli="latency"), "y")
    await other.close()
    assert again.run.outcome is Outcome.KILLED


async def test_a_watch_that_is_given_up_says_so_on_record(make: Make) -> None:
    engine = make()
    execution = engine.start(await engine.plan("quick-repair", {}, sli="up"), "y")
    await asyncio.wait_for(execution.ended.wait(), 10)
    await eventually_async(lambda: execution.watching)
    await engine.close()
    assert engine.journal
    (verdict,) = [e for e in engine.journal.tail(9) if e.kind is EventKind.VERDICT]
    assert verdict.data["effect"] == "cannot tell"
    assert verdict.data["reason"] == "ontui was left before it was known"


async def test_a_run_nobody_saw_end_is_lost_at_the_next_start(make: Make) -> None:
    engine = make()
    plan = await engine.plan("hello", {}, sli="up")
    execution = engine.start(plan, "y")
    await asyncio.wait_for(execution.wait(), 10)
    assert engine.journal
    started = next(e for e in engine.journal.tail(9) if e.kind is EventKind.RUN_STARTED)
    engine.journal.append(replace(started, data={**started.data, "run": "another"}), system="shop")
    assert make().state.runs["hello"].outcome is Outcome.LOST


async def test_the_page_of_an_alert_is_found_by_its_name(make: Make) -> None:
    engine = make()
    alert = engine.state.alerts["up/WebDown"]
    assert engine.library
    place = engine.place_for(alert=alert, sli=engine.system.slis["up"])
    assert place is not None
    assert place.section.title == "Web down"


async def test_another_config_brings_its_pages_and_what_is_wrong_with_them(tmp_path: Path, make: Make) -> None:
    make()
    path, pages = tmp_path / "ontui.yaml", tmp_path / "runbooks"
    path.write_text(CONFIG.replace("when: failing", "when: failing, runbook: gone.md#away"))

    def read() -> Config:
        return load(path, os.environ, pages_must_exist=False)

    engine = Engine(read(), pages=lambda _: Library.load(pages), read=read, folder=tmp_path / "state")
    assert engine.library is not None
    assert any("gone.md" in w for w in engine.warnings)
    path.write_text(CONFIG.replace("when: failing", "when: failing, runbook: new.md#here"))
    (pages / "new.md").write_text("# New\n\n## Here\n\ntext\n")
    assert await engine.load_config() == ()
    assert engine.warnings == ()
    place = engine.place_for(alert=engine.state.alerts["up/WebDown"], sli=engine.system.slis["up"])
    assert place is not None
    assert place.section.title == "Here"


async def test_the_actions_of_an_alert_come_first(make: Make) -> None:
    engine = make()
    alert = engine.state.alerts["latency/Slow"]
    assert [a.id for a in engine.actions_for(alert=alert, sli=engine.system.slis["latency"])] == ["slow-repair"]
    assert [a.id for a in engine.actions_for(alert=None, sli=engine.system.slis["up"])] == ["hello", "quick-repair"]


async def test_leaving_ends_everything_promptly(make: Make) -> None:
    engine = make()
    task = asyncio.create_task(engine.run())
    await eventually_async(lambda: engine.state.sources["web"].tried_at is not None, within_s=5)
    task.cancel()
    await asyncio.wait_for(asyncio.wait([task]), 2)
    assert kinds(engine)[0] is EventKind.STARTED
    assert kinds(engine)[-1] is EventKind.ENDED


@pytest.mark.usefixtures("make")
async def test_a_page_that_was_renamed_is_said_and_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ontui.yaml"
    path.write_text(CONFIG.replace("when: failing", "when: failing, runbook: gone.md#away"))
    with pytest.raises(ConfigError, match="no page"):
        load(path, os.environ)
    config = load(path, os.environ, pages_must_exist=False)
    engine = Engine(config, pages=lambda _: Library.load(tmp_path / "runbooks"), folder=tmp_path / "state")
    assert engine.library is not None
    assert [w for w in engine.warnings if "gone.md" in w and "ontui check" in w]
    assert engine.place_for(alert=engine.state.alerts["up/WebDown"], sli=engine.system.slis["up"]) is not None


def test_an_alert_that_fires_goes_on_over_a_restart_with_who_took_it(make: Make) -> None:
    first = make()
    slow(first)
    first.acknowledge("latency/Slow")
    since = first.state.alerts["latency/Slow"].since
    second = make()
    assert second.state.alerts["latency/Slow"].phase is Phase.INACTIVE
    slow(second)
    alert = second.state.alerts["latency/Slow"]
    assert (alert.phase, alert.since) == (Phase.FIRING, since)
    assert alert.acknowledged is not None
    slow(second, 0.1)
    slow(second, 0.1)
    third = make()
    slow(third)
    assert third.state.alerts["latency/Slow"].since != since
