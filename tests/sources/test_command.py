"""Real programs, looked into: what they print, how they end, and that nothing of them stays."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from ontui.domain.condition import parse_condition
from ontui.domain.sample import FaultKind, Reading
from ontui.domain.sli import Sli
from ontui.domain.source import CommandSource
from ontui.domain.status import Status
from ontui.sources.command import CommandPoller
from tests.dying_guard import BEFORE_ITS_START_IS_SAID, BEFORE_THE_PROGRAM, let_guards_die
from tests.eventually import eventually, eventually_async

ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/", "API_TOKEN": "t0ken-of-ours", "OTHER": "not for it"}
TOP_PODS = "api-7d9f 250m 128Mi\nworker-x2 1 2Gi\ncron-1 3m 900Ki\n"
STATUS = """{"name": "shop", "ready": true, "none": null,
             "machines": [{"id": "a1", "cpu": "250m"}, {"id": "b2", "cpu": 2}]}"""
Maker = Callable[..., CommandPoller]


def sli(name: str = "x", **more: object) -> Sli:
    fields = {"unit": "count", **more}
    return Sli(id=name, title=name, group="g", source="c", interval_s=15, timeout_s=5, **fields)  # type: ignore[arg-type]


@pytest.fixture
async def poller(tmp_path: Path) -> AsyncIterator[Maker]:
    """Makes pollers that are closed at the end."""
    made: list[CommandPoller] = []

    def make(argv: list[str], *slis: Sli, timeout_s: float = 20.0, **more: object) -> CommandPoller:
        source = CommandSource(
            id="c", type="command", interval_s=60, timeout_s=timeout_s, argv=tuple(argv),
            **{"cwd": str(tmp_path), **more},  # type: ignore[arg-type]
        )  # fmt: skip
        made.append(CommandPoller(source, slis or [sli(metric="number")], time.time, ENVIRON))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def sh(script: str) -> list[str]:
    return ["sh", "-c", script]


def marked(mark: Path) -> list[psutil.Process]:
    """Processes whose command line holds the path of this test."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(mark) in line and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def said(reading: Reading) -> tuple[float | None, Status | None, str]:
    return reading.value, reading.flaw, reading.reason


async def asked(make: Maker, text: str, one: Sli) -> Reading:
    """What one SLI has of a program that prints this."""
    sample = await make(["printf", "%s", text], one).poll()
    assert sample.fault is None
    assert sample.server == "/usr/bin/printf"
    return sample.readings[one.id]


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("42\n", "count", 42), ("\033[32m 42.5 \033[0m\r\n", "count", 42.5), ("-1e3", "count", -1000),
        ("12%", "ratio", 0.12), ("12 %", "percent", 12), ("250m", "cores", 0.25), ("128Mi", "bytes", 2**27),
        ("3.5s", "seconds", 3.5), ("1h30m", "seconds", 5400), ("17 jobs", "jobs", 17),
    ],
)  # fmt: skip
async def test_output_that_is_a_number(poller: Maker, text: str, unit: str, value: float) -> None:
    assert said(await asked(poller, text, sli(metric="number", unit=unit))) == (value, None, "")


@pytest.mark.parametrize(
    ("text", "flaw", "reason"),
    [
        ("", Status.NO_DATA, "no output"),
        ("  \n", Status.NO_DATA, "no output"),
        ("nan", Status.NO_DATA, "NaN"),
        ("-Inf", Status.NO_DATA, "-Inf"),
        ("1,500", Status.UNKNOWN, "expected a number in count, got '1,500'"),
        ("250m", Status.UNKNOWN, "expected a number in count, got '250m'"),
        ("1\n2\n", Status.UNKNOWN, "expected a number in count, got '1 2'"),
        ("up\033]52;c;eA==\007\x00", Status.UNKNOWN, "expected a number in count, got 'up�'"),
        ("9" * 5000, Status.UNKNOWN, f"expected one number and nothing else, got '{'9' * 59}…'"),
    ],
)
async def test_output_that_is_no_number_says_so(poller: Maker, text: str, flaw: Status, reason: str) -> None:
    sample = await poller([sys.executable, "-S", "-c", f"print({text!r}, end='')"]).poll()
    assert said(sample.readings["x"]) == (None, flaw, reason)


@pytest.mark.parametrize("data", [b"\xff\xfe\xfa", b"\0" * 3000, bytes(range(256)) * 20])
async def test_bytes_that_are_no_text_are_no_number(poller: Maker, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "data").write_bytes(data)
    (reading,) = (await poller(["cat", "data"]).poll()).readings.values()
    assert (reading.value, reading.flaw) == (None, Status.UNKNOWN)
    assert reading.raw.replace("\n", "").replace("\t", "").isprintable()


@pytest.mark.parametrize(
    ("path", "unit", "seen"),
    [
        ("length(machines)", "count", (2, None, "")),
        ("machines[0].cpu", "cores", (0.25, None, "")),
        ("machines[?id=='b2'].cpu | [0]", "cores", (2, None, "")),
        ("ready", "up", (1, None, "")),
        ("ready", "count", (None, Status.UNKNOWN, "expected a number in count, got 'True'")),
        ("none", "count", (None, Status.NO_DATA, "none is null")),
        ("no.such", "count", (None, Status.NO_DATA, "no.such is missing")),
        ("machines", "count", (None, Status.UNKNOWN,
                               "machines is a list of 2, not a number: length(…) counts, 'rows' shows them")),
        ("name", "count", (None, Status.UNKNOWN, "expected a number in count, got 'shop'")),
        ("abs(name)", "count", (None, Status.UNKNOWN, "abs(name): In function abs(), invalid type for value: shop, "
                                "expected one of: ['number'], received: \"string\"")),
    ],
)  # fmt: skip
async def test_jmespath_into_json(
    poller: Maker, path: str, unit: str, seen: tuple[float | None, Status | None, str]
) -> None:
    assert said(await asked(poller, STATUS, sli(json_path=path, unit=unit))) == seen


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "the output is not JSON"),
        ("oops {}", "the output is not JSON"),
        ("[" * 100_000, "the output is JSON nested too deep to read"),
        ("{}{}", "the output is not JSON alone: more follows behind it"),
        (f'{{"a": {"9" * 5000}}}', "a is too large a number"),
    ],
)
async def test_output_that_is_broken_is_not_absent(poller: Maker, text: str, reason: str) -> None:
    reading = await asked(poller, text, sli(json_path="a"))
    assert said(reading) == (None, Status.UNKNOWN, reason)


async def test_lines_that_match_are_counted(poller: Maker) -> None:
    text = "12:00 GET / ERROR\n12:01 ok\n12:02 ERROR again\n"
    reading = await asked(poller, text, sli(match="ERROR"))
    assert said(reading) == (2, None, "")
    assert reading.note.endswith(" · 2 of 3 lines")
    assert said(await asked(poller, "", sli(match="ERROR"))) == (0, None, "")
    cut = (await poller(sh("yes ERROR | head -c 1100000"), sli(match="ERROR")).poll()).readings["x"]
    assert said(cut) == (None, Status.UNKNOWN, "the output is larger than 1 MiB")


async def test_the_first_of_several_numbers_says_so(poller: Maker) -> None:
    reading = await asked(poller, TOP_PODS, sli(regex=r" (\d+)m? "))
    assert reading.value == 250
    assert reading.note.endswith(" · the first of 3 matches")


async def test_rows_of_json(poller: Maker) -> None:
    one = sli(json_path="machines", rows="id", row_value="cpu", unit="cores", objective=parse_condition("< 1", "cores"))
    reading = await asked(poller, STATUS, one)
    assert [(row.name, row.value) for row in reading.rows] == [("b2", 2), ("a1", 0.25)]
    assert said(reading) == (2, None, "")
    empty = await asked(poller, '{"machines": []}', sli(json_path="machines", rows="id", row_value="cpu", empty=0.0))
    assert said(empty) == (0, None, "")


async def test_rows_made_by_the_path_itself(poller: Maker) -> None:
    pods = [{"metadata": {"name": n}, "status": {"containers": [{"restarts": r}, {"restarts": 1}]}}
            for n, r in (("api", 3), ("web", 0))]  # fmt: skip
    path = "items[*].{pod: metadata.name, restarts: sum(status.containers[*].restarts)}"
    reading = await asked(poller, json.dumps({"items": pods}), sli(json_path=path, rows="pod"))
    assert [(row.name, row.value) for row in reading.rows] == [("api", 4), ("web", 1)]


@pytest.mark.parametrize(
    ("regex", "unit", "value"),
    [(r"^worker\S* +(\S+)", "cores", 1), (r"^(?P<who>cron\S*) +\S+ +(?P<value>\S+)", "bytes", 900 * 1024)],
)
async def test_a_pattern_finds_a_number_in_lines(poller: Maker, regex: str, unit: str, value: float) -> None:
    assert said(await asked(poller, TOP_PODS, sli(regex=regex, unit=unit))) == (value, None, "")


async def test_a_pattern_makes_rows_of_lines(poller: Maker) -> None:
    cores = sli(regex=r"^(?P<name>\S+) +(?P<value>\S+) +\S+$", rows="pod", unit="cores")
    memory = sli("m", regex=r"^(?P<name>\S+) +\S+ +(?P<value>\S+)$", rows="value", unit="bytes")
    sample = await poller(["printf", "%s", TOP_PODS], cores, memory).poll()
    assert [(r.name, r.value) for r in sample.readings["x"].rows] == [
        ("worker-x2", 1), ("api-7d9f", 0.25), ("cron-1", 0.003)
    ]  # fmt: skip
    assert sample.readings["m"].value == 2 * 2**30


async def test_the_disks_of_this_machine(poller: Maker) -> None:
    used = sli(regex=r"^\S+ .* (?P<value>\d+%) (?P<name>/\S*)$", rows="mount", unit="ratio")
    reading = (await poller(["df", "-P"], used).poll()).readings["x"]
    assert "/" in {row.name for row in reading.rows}
    assert reading.value is not None
    assert 0 <= reading.value <= 1


async def test_a_pattern_that_matches_nothing(poller: Maker) -> None:
    nothing = (None, Status.NO_DATA, "the pattern matches nothing in the output")
    assert said(await asked(poller, TOP_PODS, sli(regex=r"nobody (\d+)"))) == nothing
    lone = await asked(poller, "a", sli(regex=r"a(\d+)?"))
    assert said(lone) == (None, Status.NO_DATA, "the group of the number matched nothing")
    rows = await asked(poller, TOP_PODS, sli(regex="(?P<name>%)(?P<value>%)", rows="pod"))
    assert said(rows) == (None, Status.NO_DATA, "no rows")


async def test_a_pattern_that_runs_wild_costs_the_others_nothing_and_holds_nothing_up(poller: Maker) -> None:
    wild, tame = sli(regex=r"^(a+)+$"), sli("tame", regex=r"(\d+)$")
    one = poller(["printf", "%s", "a" * 60 + "! 7"], wild, tame, timeout_s=3)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    sample = await one.poll()
    ticking.cancel()
    assert said(sample.readings["x"])[1:] == (
        Status.UNKNOWN, "it takes too long to look for the pattern in this output"
    )  # fmt: skip
    assert sample.readings["tame"].value == 7
    assert ticks > 20   # it took a second at the least


async def test_a_good_run_and_a_bad_one(poller: Maker) -> None:
    metrics = [sli("up", metric="up", unit="up"), sli("code", metric="exit_code"),
               sli("took", metric="duration", unit="seconds"), sli(metric="number")]  # fmt: skip
    good = await poller(sh("sleep 0.2; echo 5"), *metrics).poll()
    assert (good.fault, good.readings["up"].value, good.readings["code"].value) == (None, 1, 0)
    assert 0.15 <= (good.readings["took"].value or 0) < 10
    assert good.readings["up"].raw == "5\n"
    bad = await poller(sh("echo 5; printf '\\033[31mwhy\\033[0m: no %s\\n\\n' $API_TOKEN >&2; exit 3"), *metrics,
                       env=("API_TOKEN",)).poll()  # fmt: skip
    assert bad.fault is not None
    assert (bad.fault.kind, bad.fault.text) == (FaultKind.PROTOCOL, "exit 3: why: no ••••••")
    assert (bad.readings["up"].value, bad.readings["code"].value) == (0, 3)
    assert "x" not in bad.readings
    fine = await poller(sh("echo 5; exit 3"), *metrics, exit_codes=(0, 3)).poll()
    assert (fine.fault, fine.readings["x"].value, fine.readings["code"].value) == (None, 5, 3)
    killed = await poller(sh("kill -9 $$"), *metrics).poll()
    assert killed.fault is not None
    assert killed.fault.text == "ended by SIGKILL"
    assert said(killed.readings["code"]) == (None, Status.NO_DATA, "ended by SIGKILL")


async def test_it_sees_little_of_the_environment_and_nothing_is_seen_of_that(poller: Maker, tmp_path: Path) -> None:
    one = poller(sh("env; pwd; cat; ps -o tty= -p $$; echo n=1t0ken-of-ours1"), sli(regex=r"n=(\d+)"),
                 env=("API_TOKEN", "MISSING"))  # fmt: skip
    reading = (await one.poll()).readings["x"]
    lines = set(reading.raw.splitlines())
    assert {"PATH=/usr/bin:/bin", "HOME=/", "API_TOKEN=••••••", str(tmp_path), "?"} <= lines
    assert not [line for line in lines if "OTHER" in line or "t0ken" in line]
    assert reading.value == 1   # read from what it printed, not from what is shown


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["no-such-program-at-all"], "no-such-program-at-all is not on PATH"),
        (["./none"], "there is no program ./none"),
        (["./folder"], "./folder is a folder, not a program"),
        (["./plain"], "./plain may not be executed"),
        (["./odd"], "cannot start: No such file or directory: "),
        (["./empty"], "cannot start: Exec format error: "),
    ],
)
async def test_what_cannot_be_started_says_why(poller: Maker, tmp_path: Path, argv: list[str], words: str) -> None:
    (tmp_path / "folder").mkdir()
    for name, text, mode in (("plain", "x", 0o600), ("odd", "#!/no/such\n", 0o700), ("empty", "", 0o700)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    sample = await poller(argv, sli("up", metric="up", unit="up"), sli(metric="number")).poll()
    assert sample.fault is not None
    assert sample.fault.kind is FaultKind.CONFIG
    assert sample.fault.text.startswith(words)
    assert said(sample.readings["up"])[:2] == (None, Status.UNKNOWN)
    assert list(sample.readings) == ["up"]


async def test_the_folder_it_runs_in_is_not_searched(poller: Maker, tmp_path: Path) -> None:
    (tmp_path / "df").write_text("#!/bin/sh\necho 1\n")
    (tmp_path / "df").chmod(0o700)
    one = poller(["df"])
    one._environment["PATH"] = ".::bin"
    fault = (await one.poll()).fault
    assert fault is not None
    assert fault.text == "df is not on PATH"


async def test_nothing_is_run_from_a_config_others_can_write(poller: Maker, tmp_path: Path) -> None:
    one = poller(sh("touch ran"), sli("up", metric="up", unit="up"), distrust="x can be written by everybody: chmod …")
    sample = await one.poll()
    assert sample.fault is not None
    assert sample.fault.text == "not run: x can be written by everybody: chmod …"
    assert sample.readings["up"].flaw is Status.UNKNOWN
    assert not (tmp_path / "ran").exists()


async def test_a_flood_that_ends_is_let_through_and_said(poller: Maker) -> None:
    first, none = sli("first", regex="^(7)"), sli("none", regex="(8)")
    one = poller(sh("printf '7\\n'; head -c 200000000 /dev/zero"), sli(metric="number"), first, none, timeout_s=60)
    sample = await one.poll()
    assert sample.fault is None
    assert said(sample.readings["x"]) == (None, Status.UNKNOWN, "the output is larger than 1 MiB")
    assert said(sample.readings["none"]) == (None, Status.UNKNOWN, "the output is larger than 1 MiB")
    assert sample.readings["first"].value == 7


@pytest.mark.parametrize("script", ["yes", "yes >&2"])
async def test_output_without_end_is_ended(poller: Maker, tmp_path: Path, script: str) -> None:
    one = poller(sh(f"{script} # {tmp_path}"), sli("up", metric="up", unit="up"), timeout_s=60)
    sample = await one.poll()
    assert sample.fault is not None
    assert sample.fault.text == "it printed more than 256 MiB, and was ended"
    assert said(sample.readings["up"]) == (0, None, sample.fault.text)
    await eventually_async(lambda: not marked(tmp_path))


async def test_one_that_ignores_term_is_killed_with_all_its_children_and_the_next_run_waits(
    poller: Maker, tmp_path: Path
) -> None:
    stubborn = tmp_path / "stubborn"
    stubborn.write_text("#!/bin/sh\ntrap '' TERM HUP\nsetsid sh -c \"trap '' TERM; sleep 600; : $0\" &\n"
                        "test -e again && exec echo 4\ntouch again\nsleep 600\n")  # fmt: skip
    stubborn.chmod(0o700)
    one = poller([str(stubborn)], sli(metric="number"), sli("up", metric="up", unit="up"), timeout_s=2)
    began = time.monotonic()
    sample = await one.poll()
    assert time.monotonic() - began < 6
    assert sample.fault is not None
    assert (sample.fault.kind, sample.fault.text) == (FaultKind.TIMEOUT, "it did not end within 2 s, and was ended")
    assert said(sample.readings["up"])[:2] == (0, None)
    assert set(sample.readings) == {"up"}
    await eventually_async(lambda: not marked(tmp_path))
    assert (await one.poll()).readings["x"].value == 4
    await eventually_async(lambda: not marked(tmp_path))


async def test_a_daemon_it_leaves_behind_is_ended_and_said(poller: Maker, tmp_path: Path) -> None:
    one = poller(sh(f"setsid sh -c 'sleep 600; : {tmp_path}' </dev/null & echo 9"))
    sample = await one.poll()
    assert sample.readings["x"].value == 9
    assert sample.findings[0].startswith("it left ")
    await eventually_async(lambda: not marked(tmp_path))


async def test_a_poll_that_is_cancelled_leaves_nothing(poller: Maker, tmp_path: Path) -> None:
    one = poller(sh(f"setsid sleep 600 & touch begun; sleep 600; : {tmp_path}"))
    task = asyncio.create_task(one.poll())
    await eventually_async((tmp_path / "begun").exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await one.close()
    await eventually_async(lambda: not marked(tmp_path))


PROGRAM = """
import asyncio, sys, time
from ontui.domain.source import CommandSource
from ontui.sources.command import CommandPoller
from tests.sources.test_command import sli
source = CommandSource(id="c", type="command", interval_s=600, timeout_s=500, argv=tuple(sys.argv[1:]))
asyncio.run(CommandPoller(source, [sli(metric="number")], time.time).poll())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_when_we_are_ended(tmp_path: Path, number: signal.Signals) -> None:
    script = f"touch {tmp_path}/begun; setsid sh -c 'sleep 600; : {tmp_path}' & trap '' TERM; sleep 600; : {tmp_path}"
    ours = subprocess.Popen([sys.executable, "-c", PROGRAM, *sh(script)], stderr=subprocess.DEVNULL)
    eventually((tmp_path / "begun").exists, within_s=30)
    assert marked(tmp_path)
    ours.send_signal(number)
    ours.wait(30)
    eventually(lambda: not marked(tmp_path), within_s=20)


async def test_a_guard_that_is_killed_takes_the_program_along(poller: Maker, tmp_path: Path) -> None:
    one = poller(sh(f"touch begun; sleep 600; : {tmp_path}"))
    task = asyncio.create_task(one.poll())
    await eventually_async((tmp_path / "begun").exists)
    for process in marked(tmp_path):
        if "guard_process.py" in " ".join(process.info["cmdline"]):
            process.kill()
    fault = (await task).fault
    assert fault is not None
    assert (fault.kind, fault.text) == (FaultKind.LOST, "its guard was ended from outside; the program was killed")
    await eventually_async(lambda: not [p for p in marked(tmp_path) if p.info["cmdline"][0] == "sh"])


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (BEFORE_THE_PROGRAM, "cannot start: its guard did not begin"),
        (BEFORE_ITS_START_IS_SAID, "its guard was ended from outside; the program was killed"),
    ],
    ids=["before it", "after it"],
)
async def test_it_is_not_said_that_a_program_did_not_start_which_did(
    poller: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, text: str
) -> None:
    let_guards_die(at, tmp_path, monkeypatch)
    fault = (await poller(sh(f"sleep 600; : {tmp_path}")).poll()).fault
    assert fault is not None
    assert (fault.kind, fault.text) == (FaultKind.LOST, text)
    await eventually_async(lambda: not marked(tmp_path))


async def test_many_runs_leave_no_descriptor_and_no_process(poller: Maker) -> None:
    one = poller(sh("echo 3; sleep 600 & "), sli(regex=r"(\d)"))
    await one.poll()
    before = psutil.Process().num_fds()
    for _ in range(3):
        assert (await one.poll()).readings["x"].value == 3
    assert psutil.Process().num_fds() == before
    assert not [c for c in psutil.Process().children(recursive=True) if c.name() == "sleep"]
