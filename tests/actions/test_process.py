"""Real programs, as badly behaved as they come."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from ontui.actions import Ended, ProcessRun
from ontui.actions.report import as_ended, end_file, left_end
from ontui.domain.action import Outcome, Plan
from ontui.guard.session import members
from tests.actions.plans import ENVIRON, plan
from tests.dying_guard import BEFORE_ITS_START_IS_SAID, BEFORE_THE_PROGRAM, let_guards_die
from tests.eventually import eventually, eventually_async

PROGRAM = """
import asyncio, os, sys
from pathlib import Path
from ontui.actions import ProcessRun
from tests.actions.plans import plan
run = ProcessRun(plan(*sys.argv[2:], detach=bool(sys.argv[1]), timeout_s=float(os.environ["LIMIT"])), print,
                 os.environ, log=Path(sys.argv[1]) if sys.argv[1] else None, grace_s=1)
print(asyncio.run(run.run()))
"""


def sh(script: str, **more: object) -> Plan:
    return plan("sh", "-c", script, **more)  # type: ignore[arg-type]


async def carried_out(what: Plan, grace_s: float = 0.5) -> tuple[Ended, list[str], ProcessRun]:
    lines: list[str] = []
    run = ProcessRun(what, lines.append, ENVIRON, grace_s=grace_s)
    ended = await run.run()
    assert run.pid is None or members(run.pid) == []
    return ended, lines, run


@pytest.mark.parametrize(
    ("script", "ended"),
    [
        ("exit 0", Ended(Outcome.OK, "exit 0")),
        ("exit 3", Ended(Outcome.FAILED, "exit 3")),
        ("kill -9 $$", Ended(Outcome.SIGNALLED, "signal 9")),
        ("exec 1>&- 2>&-; sleep 0.2; exit 4", Ended(Outcome.FAILED, "exit 4")),
    ],
)
async def test_how_it_ended(script: str, ended: Ended) -> None:
    assert (await carried_out(sh(script)))[0] == ended


async def test_output_of_both_streams_arrives_clean() -> None:
    ended, lines, _ = await carried_out(
        sh(
            "echo one; sleep 0.15; echo two >&2; sleep 0.15; "
            r"printf '1%%\r99%%\n\033[31mred\033[0m\033]52;c;eA==\007!\nno end'"
        )
    )
    assert ended.outcome is Outcome.OK
    assert lines == ["one", "two", "99%", "red!", "no end"]


async def test_lines_arrive_while_it_runs() -> None:
    lines: list[str] = []
    run = ProcessRun(sh("echo early; sleep 20"), lines.append, ENVIRON, grace_s=0.5)
    task = asyncio.create_task(run.run())
    await eventually_async(lambda: lines == ["early"])
    run.stop()
    assert await task == Ended(Outcome.KILLED, "stopped")


async def test_it_has_no_terminal_no_input_and_only_its_environment() -> None:
    _, lines, _ = await carried_out(sh("cat; env; ps -o tty= -p $$"))
    assert any(line.startswith("PATH=") for line in lines)
    assert not any("TOKEN" in line or "s3cret" in line for line in lines)
    assert not any(line.startswith("LC_CTYPE=") for line in lines), "a trace of the guard's own Python"
    assert lines[-1].strip() == "?"


@pytest.mark.parametrize("argv", [("no-such-program",), ("/etc/passwd",), ("/",)])
async def test_what_cannot_start_says_so(argv: tuple[str, ...]) -> None:
    ended, lines, _ = await carried_out(plan(*argv))
    assert ended.outcome is Outcome.FAILED
    assert ended.detail.startswith("cannot start: ")
    assert lines == []


async def test_a_missing_interpreter_or_folder_says_so(tmp_path: Path) -> None:
    script = tmp_path / "run"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    assert (await carried_out(plan(str(script))))[0].detail.startswith("cannot start: No such file")
    run = ProcessRun(Plan(**{f: getattr(sh("true"), f) for f in Plan.__slots__} | {"cwd": "/gone"}), print, ENVIRON)
    assert (await run.run()).detail == "cannot start: No such file or directory: /gone"


async def test_the_time_limit_ends_even_what_ignores_term() -> None:
    began = time.monotonic()
    ended, _, _ = await carried_out(sh("trap '' TERM; while :; do sleep 0.1; done", timeout_s=0.3))
    assert ended == Ended(Outcome.TIMED_OUT, "after 0.3 s")
    assert time.monotonic() - began < 4


async def test_term_leaves_room_to_tidy_up() -> None:
    ended, lines, _ = await carried_out(sh("trap 'echo tidy; exit 0' TERM; sleep 20 & wait", timeout_s=0.3), grace_s=5)
    assert ended.outcome is Outcome.TIMED_OUT
    assert lines == ["tidy"]


async def test_stop_ends_a_stopped_process_and_a_whole_tree() -> None:
    lines: list[str] = []
    script = "(sh -c 'sh -c \"trap : TERM; kill -STOP \\$\\$; sleep 60\"' &) ; sleep 60 & echo ready; sleep 60"
    run = ProcessRun(sh(script), lines.append, ENVIRON, grace_s=0.5)
    task = asyncio.create_task(run.run())
    await eventually_async(lambda: lines == ["ready"] and run.pid and len(members(run.pid)) >= 4)
    run.stop()
    assert (await task).outcome is Outcome.KILLED
    assert run.pid is not None
    assert members(run.pid) == []


async def test_what_forked_away_within_the_session_is_ended_and_said() -> None:
    fork_twice = (
        "import os, time\nif os.fork(): os._exit(0)\nos.setpgid(0, 0)\nif os.fork(): os._exit(0)\ntime.sleep(60)"
    )
    ended, _, run = await carried_out(plan(sys.executable, "-c", fork_twice))
    assert ended == Ended(Outcome.OK, "exit 0; ended 1 it left behind")
    assert run.pid is not None


async def test_what_changes_its_parent_while_it_is_looked_for_is_found() -> None:
    fork = "import os, time\nfor n in range(40):\n    if os.fork(): os._exit(0)\nos.setsid()\nprint(os.getpid())"
    for _ in range(8):
        ended, lines, _ = await carried_out(plan(sys.executable, "-uc", f"{fork}\ntime.sleep(60)"))
        assert ended.detail.startswith("exit 0; ended ")
        assert gone(int(lines[0]))


THREAD = (
    "import ctypes, os, threading, time\nthreading.Thread(target=lambda: time.sleep(60)).start()\n"
    "print(os.getpid(), flush=True)\nctypes.CDLL(None).syscall({exit}, 0)"
)


async def test_threads_that_outlive_their_first_one_are_ended() -> None:
    number = 60 if os.uname().machine == "x86_64" else 93
    began = time.monotonic()
    ended, lines, _ = await carried_out(
        plan("sh", "-c", 'setsid "$0" -c "$1" & sleep 0.5', sys.executable, THREAD.format(exit=number))
    )
    assert ended.outcome is Outcome.OK
    assert not psutil.pid_exists(int(lines[0]))
    assert time.monotonic() - began < 5


DAEMON = (
    "import os, sys, time\nif os.fork(): os.wait(); time.sleep(float(sys.argv[1])); os._exit(0)\nos.setsid()\n"
    "if os.fork(): os._exit(0)\nos.setsid()\nprint(os.getpid(), flush=True)\ntime.sleep(60)"
)
"""Twice removed and in a session of its own, then the program stays for some seconds."""
STUBBORN = "setsid sh -c 'trap \"\" TERM HUP; echo $$; while :; do sleep 0.1; done' & sleep "


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("argv", [(sys.executable, "-c", DAEMON), ("sh", "-c", STUBBORN + "$1", "sh")])
async def test_a_session_of_its_own_is_no_way_out(argv: tuple[str, ...]) -> None:
    ended, lines, _ = await carried_out(plan(*argv, "0.5"))
    assert ended.outcome is Outcome.OK
    assert re.fullmatch("exit 0; ended [12] it left behind", ended.detail)
    assert gone(int(lines[0]))
    ended, lines, _ = await carried_out(plan(*argv, "60", timeout_s=0.6))
    assert ended == Ended(Outcome.TIMED_OUT, "after 0.6 s")
    assert gone(int(lines[0]))
    lines = []
    run = ProcessRun(plan(*argv, "60"), lines.append, ENVIRON, grace_s=0.5)
    task = asyncio.create_task(run.run())
    await eventually_async(lambda: lines)
    run.stop()
    assert await task == Ended(Outcome.KILLED, "stopped")
    assert gone(int(lines[0]))


async def test_readers_stop_though_something_holds_the_pipe() -> None:
    began = time.monotonic()
    ended, lines, _ = await carried_out(sh("setsid sh -c 'echo $$; exec sleep 8' & sleep 0.2; echo done"))
    assert ended == Ended(Outcome.OK, "exit 0; ended 1 it left behind")
    assert lines[-1] == "done"
    assert time.monotonic() - began < 4


async def test_a_guard_that_is_killed_takes_the_program_with_it() -> None:
    lines: list[str] = []
    run = ProcessRun(sh("trap '' TERM; echo $$; while :; do sleep 0.1; done"), lines.append, ENVIRON, grace_s=0.5)
    task = asyncio.create_task(run.run())
    await eventually_async(lambda: lines)
    guard = psutil.Process(int(lines[0])).parent()
    assert guard is not None
    guard.kill()
    ended = await task
    assert ended.outcome is Outcome.LOST
    assert "guard" in ended.detail
    assert run.pid is not None
    assert members(run.pid) == []


@pytest.mark.parametrize(
    ("at", "outcome", "detail"),
    [
        (BEFORE_THE_PROGRAM, Outcome.FAILED, "cannot start: its guard did not begin"),
        (
            BEFORE_ITS_START_IS_SAID,
            Outcome.LOST,
            "its guard was ended from outside; what made a session of its own may go on",
        ),
    ],
    ids=["before it", "after it"],
)
async def test_it_is_not_said_that_a_program_did_not_start_which_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, outcome: Outcome, detail: str
) -> None:
    let_guards_die(at, tmp_path, monkeypatch)
    assert (await carried_out(sh("sleep 600")))[0] == Ended(outcome, detail)


async def test_a_guard_that_is_told_to_end_ends_its_run() -> None:
    lines: list[str] = []
    run = ProcessRun(sh(STUBBORN + "60"), lines.append, ENVIRON, grace_s=0.5)
    task = asyncio.create_task(run.run())
    await eventually_async(lambda: lines)
    assert run.pid is not None
    guard = psutil.Process(run.pid).parent()
    assert guard is not None
    guard.terminate()
    assert await task == Ended(Outcome.KILLED, "stopped")
    assert gone(int(lines[0]))


async def test_a_flood_is_bounded_and_ends_in_time() -> None:
    cpu = time.process_time()
    ended, lines, _ = await carried_out(sh("yes 'all work and no play'", timeout_s=1))
    assert ended.outcome is Outcome.TIMED_OUT
    assert 0 < len(lines) < 5000
    assert any("not shown" in line for line in lines)
    assert time.process_time() - cpu < 0.8


async def test_the_loop_stays_free_during_a_flood() -> None:
    gaps = []

    async def tick() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            gaps.append(time.monotonic() - before)

    ticking = asyncio.create_task(tick())
    await carried_out(sh("head -c 60000000 /dev/zero | tr '\\0' '\\n'"))
    ticking.cancel()
    assert sorted(gaps)[len(gaps) // 2] < 0.1


async def test_cancelling_ends_it_too() -> None:
    run = ProcessRun(sh("sleep 60"), print, ENVIRON, grace_s=1)
    task = asyncio.create_task(run.run())
    await eventually_async(lambda: run.pid is not None)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert run.pid is not None
    session = run.pid
    await eventually_async(lambda: members(session) == [])


async def test_secrets_are_masked() -> None:
    lines: list[str] = []
    run = ProcessRun(
        sh("echo hunter22; echo hunter22 >&2"), lines.append, ENVIRON, mask=lambda t: t.replace("hunter22", "••")
    )
    await run.run()
    assert lines == ["••", "••"]


async def test_nothing_is_left_open() -> None:
    await carried_out(sh("true"))
    before = psutil.Process().num_fds()
    for _ in range(5):
        await carried_out(sh("echo x; sleep 60 &"))
        await carried_out(plan("no-such-program"))
    assert psutil.Process().num_fds() == before
    names = [" ".join(p.cmdline()[-4:]) for p in psutil.Process().children() if p.status() != psutil.STATUS_ZOMBIE]
    assert not [n for n in names if "ontui-guard" in n]


def start(*argv: str, log: Path | None = None, limit: float = 60) -> tuple[subprocess.Popen[str], int]:
    """A program that runs a plan as ontui would; returns it and the session of the run."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(log or ""), *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "LIMIT": str(limit), "PYTHONPATH": str(Path.cwd()), "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


@pytest.mark.parametrize("argv", [(sys.executable, "-c", DAEMON, "60"), ("sh", "-c", STUBBORN + "60")])
def test_when_we_are_killed_no_daemon_is_left(argv: tuple[str, ...]) -> None:
    process, daemon = start(*argv)
    process.kill()
    process.communicate()
    eventually(lambda: gone(daemon))
    eventually(lambda: not guards(), 15)


IGNORES_TERM = (
    "trap '' TERM HUP; echo $$; (setsid true; sh -c 'trap \"\" TERM; sleep 60; sleep 60' &) ; sleep 60; sleep 60"
)


@pytest.mark.parametrize("script", ["echo $$; sleep 60 & sleep 60", IGNORES_TERM])
def test_when_we_are_killed_nothing_is_left(script: str) -> None:
    process, session = start("sh", "-c", script)
    eventually(lambda: len(members(session)) >= 2)
    process.kill()
    process.communicate()
    eventually(lambda: members(session) == [])
    eventually(lambda: not guards(), 15)


def guards() -> list[int]:
    """The guards of the runs whose owners are gone."""
    found = psutil.process_iter(["cmdline", "ppid"])
    return [p.pid for p in found if p.info["ppid"] == 1 and "ontui-guard" in (p.info["cmdline"] or ())]


def test_a_detached_run_goes_on_without_us_and_writes_its_log(tmp_path: Path) -> None:
    log = tmp_path / "runs" / "r1.log"
    process, session = start("sh", "-c", "echo $$; sleep 1; echo later", log=log)
    process.kill()
    process.communicate()
    assert members(session)
    assert eventually(lambda: log.read_text().endswith("later\n"))
    eventually(lambda: members(session) == [])
    assert log.stat().st_mode & 0o777 == 0o600
    assert log.parent.stat().st_mode & 0o777 == 0o700


def test_a_detached_run_still_has_its_time_limit(tmp_path: Path) -> None:
    process, session = start("sh", "-c", "echo $$; sleep 60", log=tmp_path / "r.log", limit=2)
    process.kill()
    process.communicate()
    eventually(lambda: members(session) == [], 10)


async def test_detaching_on_purpose_leaves_it_running(tmp_path: Path) -> None:
    log = tmp_path / "r.log"
    lines: list[str] = []
    run = ProcessRun(sh("echo one; sleep 1; echo two", detach=True), lines.append, ENVIRON, log=log)
    task = asyncio.create_task(run.run())
    await eventually_async(lambda: lines == ["one"])
    run.detach()
    ended = await task
    assert ended.outcome is Outcome.RUNNING
    assert str(log) in ended.detail
    assert run.pid is not None
    assert members(run.pid)
    assert await eventually_async(lambda: log.read_text() == "one\ntwo\n")


@pytest.mark.parametrize(
    ("script", "ended"),
    [
        ("exit 0", Ended(Outcome.OK, "exit 0")),
        ("setsid sleep 60 & exit 3", Ended(Outcome.FAILED, "exit 3; ended 1 it left behind")),
        ("kill -9 $$", Ended(Outcome.SIGNALLED, "signal 9")),
        ("sleep 60", Ended(Outcome.TIMED_OUT, "after 2 s")),
    ],
)
def test_the_end_of_a_detached_run_is_left_beside_its_log(tmp_path: Path, script: str, ended: Ended) -> None:
    log = tmp_path / "r.log"
    process, _ = start("sh", "-c", f"echo $$; sleep 0.5; {script}", log=log, limit=2)
    process.kill()
    process.communicate()
    over = eventually(lambda: left_end(log))
    assert over is not None
    assert as_ended(over, 2) == ended
    assert abs(over.at - time.time()) < 10
    assert end_file(log).stat().st_mode & 0o777 == 0o600


async def test_a_detachable_run_that_ends_under_our_eyes_leaves_no_log(tmp_path: Path) -> None:
    lines: list[str] = []
    log = tmp_path / "r.log"
    ended = await ProcessRun(sh("echo one; echo two >&2", detach=True), lines.append, ENVIRON, log=log).run()
    assert ended == Ended(Outcome.OK, "exit 0")
    assert lines == ["one", "two"]
    assert not log.exists()
    assert not end_file(log).exists()


async def test_a_run_that_may_not_detach_is_stopped_instead() -> None:
    run = ProcessRun(sh("sleep 60"), print, ENVIRON, grace_s=0.5)
    task = asyncio.create_task(run.run())
    await eventually_async(lambda: run.pid is not None)
    run.detach()
    assert (await task).outcome is Outcome.KILLED


async def test_a_signal_from_outside_is_told_apart() -> None:
    run = ProcessRun(sh("exec sleep 60"), print, ENVIRON)
    task = asyncio.create_task(run.run())
    await eventually_async(lambda: run.pid is not None)
    assert run.pid is not None
    os.kill(run.pid, signal.SIGTERM)
    assert await task == Ended(Outcome.SIGNALLED, "signal 15")
