"""Another config while everything goes on: a real engine, real files, real servers."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ontui.cli.configuration import read_again
from ontui.config.load import load
from ontui.domain.action import Outcome, Refused
from ontui.domain.alert import Phase
from ontui.domain.event import Event, EventKind
from ontui.engine import Engine
from ontui.journal import Journal
from tests.eventually import eventually_async
from tests.servers.fixtures import WebMaker
from tests.servers.postgres import Postgres
from tests.servers.web import Reply, Web, json_reply

CONFIG = """\
version: 1
system: {{id: shop, environment: staging, production: false}}
defaults: {{every: 300ms, timeout: 200ms}}
sources:
  kept: {{type: http, url: "{kept}"}}
  other: {{type: http, url: "{other}"}}
slis:
  queue: {{source: kept, json: queue, alerts: [{{name: Long, when: "> 5", severity: SEV-2}}]}}
  stock: {{source: other, json: stock}}
actions:
  hello: {{title: Say hello, run: [echo, hello], danger: change}}
"""
Make = Callable[..., Engine]


@pytest.fixture
def files(tmp_path: Path, open_web: WebMaker) -> tuple[Path, Web, Web]:
    """A config over two endpoints."""
    tmp_path.chmod(0o700)
    kept, other = open_web(), open_web()
    kept.reply(json_reply({"queue": 9}))
    other.reply(json_reply({"stock": 7}))
    path = tmp_path / "ontui.yaml"
    write(path, CONFIG.format(kept=kept.url, other=other.url))
    return path, kept, other


def write(path: Path, text: str) -> None:
    """As an editor does: another file in the place of the old one."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o600)
    new.rename(path)


@asynccontextmanager
async def watching(path: Path) -> AsyncIterator[Engine]:
    """An engine that polls, until the block ends."""
    journal = Journal.open(path.parent / "state" / "journal.db")
    engine = Engine(
        load(path, os.environ), read=lambda: read_again(path), journal=journal, folder=path.parent / "state", seed=1
    )
    task = asyncio.create_task(engine.run())
    try:
        await eventually_async(lambda: all(i.reading is not None for i in engine.state.indicators.values()))
        yield engine
        assert not task.done(), task
    finally:
        task.cancel()
        await asyncio.wait([task])


def value(engine: Engine, sli: str) -> float | None:
    reading = engine.state.indicators[sli].reading
    return reading.value if reading else None


def loads(engine: Engine) -> list[Event]:
    assert engine.journal
    return [e for e in engine.journal.tail(100) if e.kind is EventKind.CONFIG_LOADED]


async def test_a_changed_file_is_noticed_and_so_is_one_that_is_put_back(files: tuple[Path, Web, Web]) -> None:
    path, _, _ = files
    text = path.read_text()
    async with watching(path) as engine:
        assert not engine.config_changed
        write(path, text + "# more\n")
        await eventually_async(lambda: engine.config_changed)
        write(path, text)
        await eventually_async(lambda: not engine.config_changed)
        path.unlink()
        await eventually_async(lambda: engine.config_changed)


async def test_what_is_the_same_goes_on_and_what_is_not_begins_anew(files: tuple[Path, Web, Web]) -> None:
    path, _kept, other = files
    async with watching(path) as engine:
        old = engine.config.sha256
        kept, gone = engine.pollers["kept"], engine.pollers["other"]
        await eventually_async(lambda: engine.state.alerts["queue/Long"].phase is Phase.FIRING)
        since = engine.state.alerts["queue/Long"].since
        engine.acknowledge("queue/Long")
        before = engine.state
        text = path.read_text().replace(f'"{other.url}"', f'"{other.url}/new", down_after: 1')
        text = text.replace("actions:", "  depth: {source: other, json: depth}\nactions:")
        text = text.replace("title: Say", "title: Shout")
        other.reply(json_reply({"stock": 70, "depth": 3}), at="/new")
        write(path, text)
        assert await engine.load_config() == ()
        assert engine.pollers["kept"] is kept
        assert engine.pollers["other"] is not gone
        assert engine.state.indicators["queue"].history[: len(before.indicators["queue"].history)] == (
            before.indicators["queue"].history
        )
        now = engine.state.alerts["queue/Long"]
        assert (now.phase, now.since) == (Phase.FIRING, since)
        assert now.acknowledged is not None
        assert value(engine, "stock") is None, "another address is another source"
        await eventually_async(lambda: value(engine, "depth") == 3.0)
        assert value(engine, "stock") == 70.0
        asked = len([r for r in other.requests if r.path == "/"])
        await eventually_async(lambda: len([r for r in other.requests if r.path == "/new"]) > 5)
        assert len([r for r in other.requests if r.path == "/"]) == asked, "the old one is asked no more"
        assert engine.system.actions["hello"].title == "Shout hello"
        (event,) = loads(engine)
        assert event.data == {"old": old, "new": engine.config.sha256}
        assert event.text == f"loaded ontui.yaml, sha256 {old[:12]} → {engine.config.sha256[:12]}"
        assert not engine.config_changed


async def test_a_config_that_comes_while_the_first_sources_are_still_opened(files: tuple[Path, Web, Web]) -> None:
    path, kept, other = files
    engine = Engine(load(path, os.environ), read=lambda: read_again(path), folder=path.parent / "state", seed=1)
    kept.reply(Reply(delay_s=60.0))
    task = asyncio.create_task(engine.run())
    await asyncio.sleep(0)
    write(path, path.read_text().replace("json: stock", "json: depth"))
    other.reply(json_reply({"depth": 3}))
    assert await engine.load_config() == ()
    await eventually_async(lambda: value(engine, "stock") == 3.0)
    named = [t.get_name() for t in asyncio.all_tasks() if t.get_name().startswith("poll ")]
    assert sorted(named) == ["poll kept", "poll other"]
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])


async def test_a_source_can_go_and_come(files: tuple[Path, Web, Web]) -> None:
    path, _, other = files
    text = path.read_text()
    without = "\n".join(line for line in text.splitlines() if "other" not in line)
    async with watching(path) as engine:
        write(path, without)
        assert await engine.load_config() == ()
        assert set(engine.state.sources) == {"kept"}
        assert set(engine.pollers) == {"kept"}
        asked = len(other.requests)
        seen = len(engine.state.indicators["queue"].history)
        await eventually_async(lambda: len(engine.state.indicators["queue"].history) > seen + 2)
        assert len(other.requests) <= asked + 1
        write(path, text)
        assert await engine.load_config() == ()
        await eventually_async(lambda: engine.state.indicators["stock"].reading is not None)
        assert len(loads(engine)) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("title: Say hello", "titel: Say hello"), "did you mean 'title'?"),
        (lambda text: text.replace("version: 1", "version: [1"), "ontui.yaml"),
        (lambda text: text.replace("id: shop", "id: market"), "it is of the system market, and this is shop"),
        (lambda text: text + "keymap: {act: r}\n", "keymap: r would both"),
        (lambda _: "", "ontui.yaml"),
    ],
    ids=["mistyped", "no YAML", "another system", "keys", "empty"],
)
async def test_a_bad_file_keeps_the_old_picture(
    files: tuple[Path, Web, Web], change: Callable[[str], str], said: str
) -> None:
    path, kept, _ = files
    async with watching(path) as engine:
        config, system, poller = engine.config, engine.system, engine.pollers["kept"]
        write(path, change(path.read_text()))
        findings = await engine.load_config()
        assert findings
        assert said in findings[0]
        assert (engine.config, engine.system) == (config, system)
        assert engine.pollers["kept"] is poller
        kept.reply(json_reply({"queue": 11}))
        await eventually_async(lambda: value(engine, "queue") == 11.0)
        assert loads(engine) == []
        await eventually_async(lambda: engine.config_changed)
        with pytest.raises(Refused, match="changed on disk"):
            await engine.plan("hello", {}, sli="queue")


async def test_repairs_are_armed_by_what_was_loaded_and_not_by_what_was_planned_before(
    files: tuple[Path, Web, Web],
) -> None:
    path, _, _ = files
    async with watching(path) as engine:
        plan = await engine.plan("hello", {}, sli="queue")
        write(path, path.read_text().replace("[echo, hello]", "[echo, goodbye]"))
        with pytest.raises(Refused, match="changed on disk"):
            engine.start(plan, "y")
        assert await engine.load_config() == ()
        with pytest.raises(Refused, match="before the config was loaded anew"):
            engine.start(plan, "y")
        with pytest.raises(Refused, match="before the config was loaded anew"):
            await engine.recheck(plan)
        again = await engine.plan("hello", {}, sli="queue")
        assert again.argv == ("echo", "goodbye")
        execution = engine.start(again, "y")
        await asyncio.wait_for(execution.wait(), 10)
        assert list(execution.lines) == ["goodbye"]


async def test_a_config_that_others_can_write_is_loaded_for_looking_only(files: tuple[Path, Web, Web]) -> None:
    path, _, _ = files
    async with watching(path) as engine:
        path.chmod(0o666)
        assert await engine.load_config() == ()
        with pytest.raises(Refused, match="can be written by everybody"):
            await engine.plan("hello", {}, sli="queue")


async def test_a_run_under_way_keeps_its_plan(files: tuple[Path, Web, Web]) -> None:
    path, _, _ = files
    waits = '[sh, -c, "until [ -e go ]; do sleep 0.1; done; echo hello"], verify: {sli: stock, within: 1m}'
    write(path, path.read_text().replace("[echo, hello]", waits))
    async with watching(path) as engine:
        execution = engine.start(await engine.plan("hello", {}, sli="queue"), "y")
        text = path.read_text()
        write(path, "\n".join(line for line in text[: text.index("actions:")].splitlines() if "other" not in line))
        assert await engine.load_config() == ()
        assert execution.running
        write(path.with_name("go"), "")
        await asyncio.wait_for(execution.wait(), 10)
        assert (execution.run.outcome, list(execution.lines)) == (Outcome.OK, ["hello"])
        assert execution.verdict is not None, "what it was to mend is not in the config any more"
        assert execution.verdict.words("Stock") == (
            "Stock: cannot tell: another config was loaded, which does not know it."
        )
        assert engine.state.runs["hello"].outcome is Outcome.OK


async def test_a_statement_under_way_ends_before_its_server_is_left(
    files: tuple[Path, Web, Web], postgres15: Postgres
) -> None:
    path, _, _ = files
    text = (
        "version: 1\nsystem: {id: shop, environment: staging, production: false}\n"
        f"sources: {{db: {{type: postgres, dsn: '{postgres15.dsn()}', every: 1s, timeout: 800ms}}}}\n"
        "slis: {up: {source: db, metric: up}}\n"
        "actions: {nap: {source: db, sql: select pg_sleep(6), danger: change}}\n"
    )
    write(path, text)
    async with watching(path) as engine:
        old = engine.pollers["db"]
        execution = engine.start(await engine.plan("nap", {}, sli="up"), "y")
        write(path, text.replace("every: 1s", "every: 2s"))
        assert await engine.load_config() == ()
        assert engine.pollers["db"] is not old
        assert execution.running
        await asyncio.wait_for(execution.wait(), 20)
        assert execution.run.outcome is Outcome.OK, execution.run.detail

        def sessions() -> int:
            ours = "select count(*) from pg_stat_activity where application_name = 'ontui'"
            return int(postgres15.execute(ours)[0][0])

        await eventually_async(lambda: engine.state.indicators["up"].reading is not None)
        await eventually_async(lambda: sessions() == 1)


async def test_old_secrets_and_new_ones_are_masked(
    files: tuple[Path, Web, Web], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _, _ = files
    monkeypatch.setenv("SHOP_TOKEN", "the-first-token")
    write(path, path.read_text().replace('"}', '", bearer: "${SHOP_TOKEN}"}', 1))
    async with watching(path) as engine:
        assert "first" not in engine.config.secrets.mask("the-first-token")
        monkeypatch.setenv("SHOP_TOKEN", "the-second-token")
        assert await engine.load_config() == ()
        shown = engine.config.secrets.mask("the-first-token the-second-token")
        assert "first" not in shown
        assert "second" not in shown


async def test_an_engine_that_cannot_read_again_says_so(files: tuple[Path, Web, Web]) -> None:
    path, _, _ = files
    engine = Engine(load(path, os.environ), folder=path.parent / "state")
    assert await engine.load_config() == ("it cannot be loaded again here: restart ontui",)


async def test_leaving_while_an_old_source_is_still_being_closed_is_prompt(files: tuple[Path, Web, Web]) -> None:
    path, _, other = files
    async with watching(path) as engine:
        other.reply(Reply(delay_s=60.0))
        write(path, path.read_text().replace(f'"{other.url}"', f'"{other.url}/new"'))
        assert await engine.load_config() == ()
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 8
