"""Alerts told aloud: one ring for a burst, a command that ends and never overlaps, and silence where it is wanted."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import psutil
import pytest

from ontui.config import Config
from ontui.config.load import load
from ontui.domain.notice import Notice, Quiet, Ring
from ontui.domain.severity import Level, Severity
from ontui.engine.ringer import BURST_S, MUTED_S, Ringer
from tests.config.write import written
from tests.eventually import eventually_async

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
SEV1 = Severity("SEV-1", Level.CRITICAL, 0)


class Bench:
    """A ringer with what it rang, warned of, and ran."""

    def __init__(self, folder: Path, notify: str) -> None:
        self.folder, self.at = folder, NOON
        text = "version: 1\nsystem: {id: shop}\nsources: {h: {type: http, url: http://h}}\n" + notify
        self.config: Config = load(written(folder, text), {})
        self.rings: list[Ring] = []
        self.warnings: list[str] = []
        self.ringer = Ringer(lambda: self.config, lambda: self.at, self.warnings.append)
        self.ringer.aloud = self.rings.append

    def tell(self, *names: str, fires: bool = True) -> None:
        self.ringer.tell([Notice(name, SEV1, fires, "latency", "1.2 s") for name in names])

    @property
    def ran(self) -> list[str]:
        """What the program was given, a line each time it began, and `end` where it came to its end."""
        log = self.folder / "log"
        return log.read_text().splitlines() if log.exists() else []


Make = Callable[..., Bench]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def bench(*arguments: str, takes: str = "", code: int = 0, more: str = "") -> Bench:
        program = tmp_path / "tell"
        log = tmp_path / "log"
        script = ("#!/bin/sh", f'printf "%s|" "$@" >>{log}; echo >>{log}', takes, f"echo end >>{log}", f"exit {code}")
        program.write_text("\n".join(script) + "\n")
        program.chmod(0o700)
        listed = ", ".join(f'"{a}"' for a in (str(program), *arguments))
        return Bench(tmp_path, f"notify: {{command: [{listed}]{more}}}\n" if arguments else "")

    return bench


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[None]:
    task = asyncio.create_task(bench.ringer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_burst_rings_once_and_what_comes_later_again(make: Make) -> None:
    bench = make()
    async with running(bench):
        bench.tell("A", "B")
        await asyncio.sleep(BURST_S / 4)
        bench.tell("C")
        await eventually_async(lambda: bench.rings)
        assert [ring.text for ring in bench.rings] == ["3 alerts firing: A, B, C"]
        bench.tell("D", fires=False)
        await eventually_async(lambda: len(bench.rings) == 2)
        assert bench.rings[1].text == "SEV-1 D resolved: latency 1.2 s"


async def test_the_command_gets_whole_arguments(make: Make) -> None:
    bench = make("-u", "{severity}", "{name}", "{state}", "{system}", "{value}", "{text}")
    async with running(bench):
        bench.tell("Slow & $(touch gone)")
        await eventually_async(lambda: "end" in bench.ran)
    assert bench.ran[0] == (
        "-u|SEV-1|Slow & $(touch gone)|firing|shop|1.2 s|SEV-1 Slow & $(touch gone) firing: latency 1.2 s|"
    )
    assert bench.warnings == []


async def test_a_slow_command_holds_up_no_bell_and_what_comes_meanwhile_waits_for_the_next(make: Make) -> None:
    bench = make("{text}", takes=f"while [ ! -e {make().folder}/go ]; do sleep 0.05; done", more=", timeout: 60s")
    async with running(bench):
        bench.tell("A")
        await eventually_async(lambda: bench.ran)
        bench.tell("B")
        await eventually_async(lambda: len(bench.rings) == 2)
        bench.tell("C")
        await eventually_async(lambda: len(bench.rings) == 3)
        assert bench.ran == ["SEV-1 A firing: latency 1.2 s|"]
        (bench.folder / "go").touch()
        await eventually_async(lambda: bench.ran.count("end") == 2)
    assert bench.ran == ["SEV-1 A firing: latency 1.2 s|", "end", "2 alerts firing: B, C|", "end"]


async def test_a_command_that_does_not_end_is_ended_with_all_it_started(make: Make) -> None:
    bench = make("x", takes=f"sleep 971 & echo $! >{make().folder}/pid; wait", more=", timeout: 300ms")
    async with running(bench):
        bench.tell("A")
        await eventually_async(lambda: bench.warnings)
        assert bench.warnings == ["notify.command did not end within 0.3 s"]
        pid = int((bench.folder / "pid").read_text())
        await eventually_async(lambda: not psutil.pid_exists(pid))
    assert "end" not in bench.ran


async def test_leaving_ends_it_too(make: Make) -> None:
    bench = make("x", takes=f"echo $$ >{make().folder}/pid; sleep 972", more=", timeout: 60s")
    async with running(bench):
        bench.tell("A")
        pid = await eventually_async(lambda: int((bench.folder / "pid").read_text()))
    await eventually_async(lambda: not psutil.pid_exists(pid))


@pytest.mark.parametrize(("code", "words"), [(3, "ended with exit 3"), (0, "")])
async def test_a_command_that_fails_is_said(make: Make, code: int, words: str) -> None:
    bench = make("x", code=code)
    async with running(bench):
        bench.tell("A")
        await eventually_async(lambda: "end" in bench.ran)
        if words:
            await eventually_async(lambda: bench.warnings)
    assert bench.warnings == ([f"notify.command {words}"] if words else [])


async def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "notify: {command: [no-such-program-here]}\n")
    async with running(bench):
        bench.tell("A")
        await eventually_async(lambda: bench.warnings)
    assert bench.warnings == ["notify.command cannot be started: No such file or directory"]


async def test_a_config_others_can_write_runs_nothing_and_rings_all_the_same(make: Make) -> None:
    bench = make("x")
    bench.config = replace(bench.config, trusted=False, distrust="others can write it")
    async with running(bench):
        await eventually_async(lambda: bench.warnings)
        bench.tell("A")
        await eventually_async(lambda: bench.rings)
        await asyncio.sleep(0.3)
    assert set(bench.warnings) == {"notify.command is not run: others can write it"}
    assert bench.ran == []


async def test_muted_it_is_silent_for_an_hour_and_then_by_itself_no_longer(make: Make) -> None:
    bench = make()
    async with running(bench):
        bench.ringer.mute()
        bench.tell("A")
        bench.at += MUTED_S - 1
        states = [bench.ringer.muted]
        bench.tell("B")
        bench.at += 1
        states.append(bench.ringer.muted)
        assert states == [True, False]
        bench.tell("C")
        await eventually_async(lambda: bench.rings)
        assert [ring.name for ring in bench.rings] == ["C"]
        bench.ringer.mute()
        bench.ringer.mute()
        bench.tell("D")
        await eventually_async(lambda: len(bench.rings) == 2)


async def test_quiet_hours_are_silent_also_after_the_config_was_loaded_again(make: Make) -> None:
    bench = make()
    async with running(bench):
        bench.config = replace(bench.config, notify=replace(bench.config.notify, quiet=Quiet(time(11), time(13))))
        bench.tell("A")
        bench.at += 3600
        bench.tell("B")
        await eventually_async(lambda: bench.rings)
    assert [ring.name for ring in bench.rings] == ["B"]


async def test_no_secret_is_given_to_the_command(make: Make) -> None:
    bench = make("{name}")
    bench.config.secrets.add("hunter2-hunter2")
    async with running(bench):
        bench.tell("Key hunter2-hunter2")
        await eventually_async(lambda: bench.ran)
    assert "hunter2" not in bench.ran[0]


async def test_leaving_waits_for_no_command_that_wants_no_end(make: Make) -> None:
    deaf = f"trap '' TERM; echo $$ >{make().folder}/pid; while :; do sleep 1; done"
    bench = make("x", takes=deaf, more=", timeout: 60s")
    async with running(bench):
        bench.tell("A")
        pid = await eventually_async(lambda: int((bench.folder / "pid").read_text()))
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
