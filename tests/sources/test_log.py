"""Real files that grow, are rotated in every way there is, vanish and come back; counted to the line."""

import asyncio
import contextlib
import ctypes
import gzip
import os
import shutil
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ontui.domain.sample import FaultKind, Reading, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import LogSource
from ontui.domain.status import Status
from ontui.sources.log import LogPoller
from ontui.sources.log_file import MOST_BYTES
from ontui.sources.log_look import Follower
from tests.eventually import eventually_async

Step = Callable[[Path], None]
QUIET_S = 100.0
"""So old that nothing was written in the last minute."""


def sli(name: str = "lines", **more: str) -> Sli:
    fields = {"unit": "per_minute", **(more or {"metric": "lines_per_minute"})}
    return Sli(id=name, title=name, group="g", source="l", interval_s=20, timeout_s=5, **fields)  # type: ignore[arg-type]


LINES, ERRORS = sli(), sli("errors", match=r"\b5\d\d\b")
SIZE, AGE = sli("size", metric="size", unit="bytes"), sli("age", metric="last_line_age", unit="seconds")


class Watch:
    """A poller with a clock that is moved by hand."""

    def __init__(self, path: Path, *slis: Sli, timeout_s: float = 20.0) -> None:
        source = LogSource(id="l", type="log", interval_s=60, timeout_s=timeout_s, path=str(path), address=path.name)
        self.path, self.now = path, 1000.0
        self.poller = LogPoller(source, slis or (LINES, ERRORS, SIZE, AGE), lambda: self.now)

    async def look(self, after_s: float = 20.0) -> Sample:
        self.now += after_s
        return await self.poller.poll()

    async def readings(self, after_s: float = 20.0) -> dict[str, Reading]:
        sample = await self.look(after_s)
        assert sample.fault is None
        return dict(sample.readings)

    async def lines(self, after_s: float = 60.0) -> float | None:
        """Lines per minute when the last minute is one look."""
        return (await self.readings(after_s))["lines"].value


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    """A log of three old lines, followed."""
    path = tmp_path / "app.log"
    path.write_text("old 500\nold\nold\n")
    os.utime(path, (time.time() - QUIET_S,) * 2)
    made = Watch(path)
    yield made
    await made.poller.close()


def write(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def value(reading: Reading) -> tuple[float | None, Status | None, str]:
    return reading.value, reading.flaw, reading.caveat or reading.reason


async def test_only_what_is_new_is_counted_and_a_burst_is_not_multiplied(watch: Watch) -> None:
    first = await watch.readings()
    assert value(first["lines"]) == (0, None, "")   # nothing was written in the last minute: its time says so
    assert (first["size"].value, first["errors"].value) == (16, 0)
    assert (first["errors"].raw, first["lines"].raw) == ("old 500", "old 500\nold\nold")   # shown, not counted
    assert QUIET_S <= (first["age"].value or 0) < QUIET_S + 60
    write(watch.path, "a 500\nb\n\nGET / 5\x1b[1m03 \x1b[31mred\x1b[0m\nno end 50")
    seen = []
    for _ in range(4):
        readings = await watch.readings(20)
        seen.append((readings["lines"].value, readings["errors"].value))
    assert seen == [(4, 2), (4, 2), (4, 2), (0, 0)]
    assert readings["errors"].raw == "old 500\na 500\nGET / 503 red"
    assert (readings["age"].value or 0) < 60
    assert readings["lines"].data_age_s == readings["age"].value
    write(watch.path, "3\n")
    assert (await watch.readings())["errors"].raw.endswith("no end 503")


async def test_a_rate_is_not_known_before_a_minute_was_seen(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("no time in it\n")
    watch = Watch(path, LINES)
    for words in ("the file does not tell of the one before", "6 lines in 20 s so far", "12 lines in 40 s so far"):
        assert value((await watch.readings(20))["lines"]) == (None, Status.UNKNOWN, f"collecting a minute: {words}")
        write(path, "x\n" * 6)
    assert value((await watch.readings(20))["lines"]) == (18, None, "")
    await watch.poller.close()


@pytest.mark.parametrize("layout", [
    "%Y-%m-%dT%H:%M:%SZ x", "{%Y/%m/%d %H:%M:%S} x", '1.2.3.4 - - [%d/%b/%Y:%H:%M:%S +0000] "GET / HTTP/1.1" 200 5',
    "%b %d %H:%M:%S host app[7]: x", "%d.%m.%Y %H:%M:%S x", '{"level":30,"time":EPOCH,"msg":"x"}', "I%m%d %H:%M:%S.0 x",
])  # fmt: skip
async def test_lines_with_times_tell_of_the_minute_before_the_first_look(tmp_path: Path, layout: str) -> None:
    now = time.time()
    ages = [4000, 3000, 130, 100, 45, 30, 20, 10, 1]
    path = tmp_path / "app.log"
    heads = [time.strftime(layout, time.gmtime(now - age + 7200)) for age in ages]   # of some other time zone
    lines = [head.replace("EPOCH", f"{(now - age) * 1000:.0f}") for head, age in zip(heads, ages, strict=True)]
    path.write_text("".join(f"{line}\n  at f\n" for line in lines))
    os.utime(path, (now - 1, now - 1))
    watch = Watch(path)
    if time.gmtime(now - 200 + 7200).tm_mday == time.gmtime(now + 7200).tm_mday:
        assert value((await watch.readings())["lines"]) == (10, None, "")
    await watch.poller.close()


async def test_the_minute_slides_over_what_was_there_before_the_first_look(tmp_path: Path) -> None:
    now = time.time()
    path = tmp_path / "app.log"
    ages = [*range(300, 50, -10), 47, 47, *range(43, 3, -10), *[3] * 4, 2, 2]
    marks = {47: "500", 3: "500", 2: "500"}
    heads = [(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - age)), marks.get(age, "ok")) for age in ages]
    path.write_text("".join(f"{at} {mark}\n" for at, mark in heads))
    os.utime(path, (now - 2, now - 2))
    watch = Watch(path, ERRORS)
    seen = [(await watch.readings(after_s))["errors"].value for after_s in (2, 2, 18, 20, 15, 10)]
    assert seen[:2] == [8, pytest.approx(8, rel=0.06)]   # a minute is 57 to 62 seconds
    assert seen[2:4] == [pytest.approx(6, rel=0.06)] * 2   # those of 47 s before are out, the others in
    assert seen[5] == 0
    await watch.poller.close()


def stamped(age_s: float, zone_s: float = 0.0, head: str = "") -> str:
    return time.strftime(f"{head}%Y-%m-%dT%H:%M:%S x\n", time.gmtime(time.time() - age_s + zone_s))


def two_clocks() -> Iterator[str]:
    """Twelve lines a minute of two writers, one an hour ahead."""
    yield from (stamped(age_s, 3600.0 * (age_s % 10 == 0)) for age_s in range(3600, 0, -5))


def set_back() -> Iterator[str]:
    """Six lines a minute through the hour that comes twice."""
    yield from (stamped(age_s, 3600.0 * (age_s > 30)) for age_s in range(3600, 0, -10))


def date_of_something_else() -> Iterator[str]:
    """Six lines a minute, each with the date of its batch before its own."""
    batch = stamped(7200).removesuffix(" x\n")
    yield from (f'{{"batch":"{batch}","ts":"{stamped(age_s)[:-3]}"}}\n' for age_s in range(3600, 0, -10))


def yesterday() -> Iterator[str]:
    """Thirty lines of the last minute of yesterday's copy."""
    yield from (stamped(86400 + age_s) for age_s in range(60, 0, -2))


@pytest.mark.parametrize("lines", [two_clocks, set_back, date_of_something_else, yesterday])
async def test_times_that_cannot_be_those_of_the_lines_tell_nothing(
    tmp_path: Path, lines: Callable[[], Iterator[str]]
) -> None:
    path = tmp_path / "app.log"
    path.write_text("".join(lines()))
    watch = Watch(path, LINES)
    said = "collecting a minute: the file does not tell of the one before"
    assert value((await watch.readings())["lines"]) == (None, Status.UNKNOWN, said)
    await watch.poller.close()


async def test_a_young_file_tells_at_least_how_many(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    now = time.time()
    path.write_text("".join(time.strftime("%Y-%m-%d %H:%M:%S x\n", time.gmtime(now - age)) for age in (12, 5, 2)))
    watch = Watch(path)
    seen = (await watch.readings())["lines"]
    assert (seen.value, seen.flaw) == (3, None)
    assert seen.caveat.startswith("at least: the file begins 1")
    await watch.poller.close()


def renamed(path: Path) -> None:
    path.rename(path.with_suffix(".1"))
    write(path.with_suffix(".1"), "late in the old one\n")
    path.write_text("first in the new one\nsecond\n")


def renamed_and_packed(path: Path) -> None:
    write(path, "late in the old one\n")
    path.rename(path.with_suffix(".1"))
    with path.with_suffix(".1").open("rb") as old, gzip.open(path.with_suffix(".gz"), "wb") as packed:
        shutil.copyfileobj(old, packed)
    path.with_suffix(".1").unlink()
    path.write_text("first in the new one\nsecond\n")


def replaced(path: Path) -> None:
    write(path, "late in the old one\n")
    path.with_suffix(".new").write_text("first in the new one\nsecond\n")
    path.with_suffix(".new").replace(path)


def deleted_and_made_again(path: Path) -> None:
    write(path, "late in the old one\n")
    path.unlink()
    path.write_text("first in the new one\nsecond\n")


@pytest.mark.parametrize("rotate", [renamed, renamed_and_packed, replaced, deleted_and_made_again])
async def test_no_line_is_lost_or_counted_twice_when_it_is_rotated(watch: Watch, rotate: Step) -> None:
    await watch.look()
    rotate(watch.path)
    readings = await watch.readings(60)
    assert value(readings["lines"]) == (3, None, "")
    assert readings["size"].value == watch.path.stat().st_size
    write(watch.path, "third\n")
    assert await watch.lines() == 1
    assert await watch.lines() == 0


async def test_who_has_not_noticed_the_rotation_is_still_heard(watch: Watch) -> None:
    await watch.look()
    with watch.path.open("a") as old:
        renamed(watch.path)
        assert await watch.lines() == 3
        old.write("still the old one\n")
        old.flush()
        assert await watch.lines() == 1


async def test_a_link_that_is_switched(tmp_path: Path) -> None:
    for day in ("mon", "tue"):
        (tmp_path / day).write_text("")
    path = tmp_path / "current"
    path.symlink_to("mon")
    watch = Watch(path)
    await watch.look()
    write(tmp_path / "mon", "one\n")
    path.unlink()
    path.symlink_to("tue")
    write(tmp_path / "tue", "one\ntwo\n")
    sample = await watch.look(60)
    assert sample.readings["lines"].value == 3
    assert sample.server == str((tmp_path / "tue").resolve())
    await watch.poller.close()


async def test_an_old_file_that_gets_the_name_brings_nothing_new(watch: Watch) -> None:
    await watch.look()
    other = watch.path.with_suffix(".other")
    other.write_text("long ago\n" * 50)
    os.utime(other, (time.time() - QUIET_S,) * 2)
    other.replace(watch.path)
    assert value((await watch.readings(60))["lines"]) == (
        0, None, "at least: another file has the name now, and what was in it already is not counted"
    )  # fmt: skip
    write(watch.path, "now\n")
    assert value((await watch.readings(60))["lines"]) == (1, None, "")


async def test_what_came_since_the_last_look_is_no_older_whatever_the_clock_of_the_disk_says(watch: Watch) -> None:
    await watch.look()
    for skew_s in (-5000, 5000):
        write(watch.path, "x\n")
        os.utime(watch.path, (time.time() + skew_s,) * 2)
        assert (await watch.readings())["age"].value == pytest.approx(0, abs=10)


@pytest.mark.parametrize("after", ["x\n", "x\ny\nzz\nold\nlonger than it was before\n"])
async def test_one_that_is_cut_short_in_place_may_miss_lines_and_says_so(watch: Watch, after: str) -> None:
    await watch.look()
    watch.path.write_text(after)   # the same file, as copytruncate leaves it
    readings = await watch.readings(60)
    assert value(readings["lines"]) == (
        after.count("\n"), None, "at least: the file was cut short, and what was written just before may be missing"
    )  # fmt: skip
    assert value((await watch.readings(60))["lines"]) == (0, None, "")


async def test_a_hole_left_by_cutting_under_a_writer_is_no_line_and_no_burst(watch: Watch) -> None:
    with watch.path.open("r+") as writer:
        writer.seek(100_000_000)
        writer.write("far out\n")
        writer.flush()
        await watch.look()
        os.truncate(watch.path, 0)
        writer.write("500 after the hole\n")
        writer.flush()
        readings = await watch.readings(60)
    assert readings["lines"].value == 1
    assert readings["errors"].raw == "500 after the hole"


@pytest.mark.parametrize("spelled", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("words", ["GET / 500", "2026-11-21 10:00:00 500 недоступен"])
async def test_text_of_two_bytes_a_letter_is_a_fault_and_no_number(tmp_path: Path, spelled: str, words: str) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(f"{words}\r\n".encode(spelled) * 3)
    os.utime(path, (time.time() - QUIET_S,) * 2)
    watch = Watch(path)

    async def fault(after_s: float = 20.0) -> str:
        found = (await watch.look(after_s)).fault
        return found.text if found is not None else ""

    said = "app.log: not text that can be read: it holds NUL bytes (UTF-16?)"
    assert [await fault(), await fault()] == [said, said]
    with path.open("ab") as file:
        file.write(f"{words}\r\n".encode("utf-16-le"))
    assert await fault() == said
    path.rename(path.with_suffix(".1"))
    path.write_text("plain\n")
    assert value((await watch.readings(20))["lines"])[:2] == (None, Status.UNKNOWN)
    write(path, "500\n")
    assert value((await watch.readings(60))["errors"]) == (1, None, "")
    await watch.poller.close()


async def test_zeros_that_stand_together_are_no_text_and_hide_none(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(bytes(100_000) + b"500 after a hole that was written out\ntorn" + bytes(300) + b"by a crash\n")
    os.utime(path, (time.time() - QUIET_S,) * 2)
    watch = Watch(path)
    assert value((await watch.readings())["errors"]) == (0, None, "")
    with path.open("ab") as file:
        file.write(bytes(5000) + b"500\n" + b"ended by a zero 500\0\n" * 3)
    assert value((await watch.readings(60))["errors"]) == (4, None, "")
    await watch.poller.close()


async def test_it_vanishes_and_comes_back(watch: Watch) -> None:
    await watch.look()
    write(watch.path, "last words\n")
    watch.path.unlink()
    sample = await watch.look(20)
    assert sample.fault is not None
    assert (sample.fault.kind, sample.fault.text) == (FaultKind.LOST, "app.log: there is no such file")
    assert (await watch.look(20)).fault is not None
    write(watch.path, "back\nagain\n")
    assert value((await watch.readings(20))["lines"]) == (3, None, "")


async def test_one_that_is_not_there_yet_is_read_from_its_first_line(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "app.log")
    assert (await watch.look()).fault is not None
    write(watch.path, "one\n")
    assert (await watch.readings(60))["lines"].value == 1
    await watch.poller.close()


async def test_a_huge_file_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    with path.open("wb") as file:
        file.truncate(10 * 2**30)
        file.seek(0, os.SEEK_END)
        file.write(b"\n500 real\n")
    watch = Watch(path)
    for text, seen in (("", (None, Status.UNKNOWN)), ("500 new\n", (1, None))):
        write(path, text)
        began = time.monotonic()
        readings = await watch.readings(60)
        assert time.monotonic() - began < 5
        assert value(readings["errors"])[:2] == seen
    assert readings["size"].value == 10 * 2**30 + 18
    assert readings["errors"].raw == "500 real\n500 new"
    await watch.poller.close()


async def test_a_burst_larger_than_is_read_is_said(watch: Watch) -> None:
    await watch.look()
    line = "x" * 99 + "\n"
    write(watch.path, line * (2 * MOST_BYTES // 100))
    readings = await watch.readings(60)
    assert readings["lines"].value == MOST_BYTES // 100
    assert readings["lines"].caveat == "at least: 8 MiB more were written than are read at once"
    write(watch.path, "y\n")
    assert value((await watch.readings(60))["lines"]) == (1, None, "")


async def test_garbage_and_endless_lines_are_bounded(watch: Watch) -> None:
    await watch.look()
    with watch.path.open("ab") as file:
        file.write(bytes(range(256)) * 1000 + b"\n" + b"z" * 3_000_000 + b" 500")
    assert (await watch.readings(60))["lines"].value == 1001   # every round of them has one line end
    with watch.path.open("ab") as file:
        file.write(b"z" * 3_000_000)
    assert await watch.lines() == 0
    write(watch.path, "\nshort 500 \x1b]52;c;eA==\x07\u202e!\n")
    readings = await watch.readings(60)
    assert (readings["lines"].value, readings["errors"].value) == (2, 1)
    assert readings["errors"].raw.splitlines()[-1] == "short 500 \ufffd!"
    assert all(len(line) <= 300 and line.isprintable() for line in readings["lines"].raw.splitlines())
    [process] = [p for p in psutil.Process().children() if p.pid == watch.poller._apart.pid]
    assert process.memory_info().rss < 100 * 2**20


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    socket.socket(socket.AF_UNIX).bind(str(path))


def loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (folder, "app.log: it is a folder, not a file that grows"),
        (pipe, "app.log: it is a pipe, not a file that grows"),
        (listening, "app.log: it is a socket, not a file that grows"),
        (loop, "app.log: too many levels of symbolic links"),
    ],
)
async def test_what_cannot_be_followed_says_why(tmp_path: Path, make: Step, words: str) -> None:
    watch = Watch(tmp_path / "app.log")
    make(watch.path)
    sample = await watch.look()
    assert sample.fault is not None
    assert (sample.fault.kind, sample.fault.text, dict(sample.readings)) == (FaultKind.LOST, words, {})
    await watch.poller.close()


def test_without_the_right_to_read_it(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("x\n")
    path.chmod(0)
    follower, user = Follower(str(path)), os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        look = follower.look({}, 1.0)
    finally:
        os.seteuid(user)
    assert look["fault"] == "no permission to read it"
    assert (look["denied"], look["known"], look["size"]) == (True, False, None)


async def test_a_pattern_that_runs_wild_costs_the_others_nothing(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("")
    os.utime(path, (time.time() - QUIET_S,) * 2)
    watch = Watch(path, LINES, sli("wild", match="^(a|aa)+$"), timeout_s=4)
    await watch.look()
    write(path, "a" * 60 + "!\n")
    readings = await watch.readings(60)
    assert value(readings["wild"])[1:] == (
        Status.UNKNOWN, "it takes too long to look for the pattern in these lines"
    )  # fmt: skip
    assert readings["lines"].value == 1
    write(path, "aaa\n")
    assert value((await watch.readings(60))["wild"]) == (1, None, "")
    await watch.poller.close()


@contextlib.contextmanager
def dead_disk(folder: Path, reader: int) -> Iterator[None]:
    """A file system that answers nothing, over a folder; where none may be mounted, a frozen reader."""
    libc, device = ctypes.CDLL(None, use_errno=True), -1
    with contextlib.suppress(OSError):
        device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if device < 0 or libc.mount(b"dead", os.fsencode(folder), b"fuse", 0, options):
        os.kill(reader, signal.SIGSTOP)
        yield
        return
    try:
        yield
    finally:
        os.close(device)
        libc.umount2(os.fsencode(folder), 2)


async def test_a_disk_that_does_not_answer_holds_nobody_up(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    path = folder / "app.log"
    path.write_text("")
    watch = Watch(path, LINES, timeout_s=0.5)
    await eventually_async(lambda: _answered(watch))   # the reader has started
    pid = watch.poller._apart.pid
    assert pid is not None
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    with dead_disk(folder, pid):
        ticking, began = asyncio.create_task(tick()), time.monotonic()
        sample = await watch.look(60)
        ticking.cancel()
        assert time.monotonic() - began < 5
    assert ticks > 10
    assert sample.fault is not None
    words = "the file was not read within 500 ms: it did not answer"
    assert (sample.fault.kind, sample.fault.text) == (FaultKind.TIMEOUT, words)
    write(path, "while we could not look\n")
    again = await eventually_async(lambda: _answered(watch))
    assert value(again.readings["lines"])[:2] == (None, Status.UNKNOWN)
    assert again.readings["lines"].reason.startswith("collecting a minute")
    await watch.poller.close()


async def _answered(watch: Watch) -> Sample:
    sample = await watch.look(0.1)
    assert sample.fault is None
    return sample


async def test_closing_ends_the_reader(watch: Watch) -> None:
    await watch.look()
    pid = watch.poller._apart.pid
    assert pid is not None
    await watch.poller.close()
    await eventually_async(lambda: not psutil.pid_exists(pid))


async def test_rotations_under_a_real_writer_lose_no_line(tmp_path: Path) -> None:
    """A shell reopens the file for every line it writes, while the file is renamed again and again."""
    path = tmp_path / "app.log"
    path.write_text("")
    os.utime(path, (time.time() - QUIET_S,) * 2)
    watch = Watch(path, LINES)
    await watch.look()
    script = "i=0; while [ ! -e stop ]; do echo line $i >> app.log; i=$((i+1)); done; echo $i > count"
    writer = await asyncio.create_subprocess_exec("sh", "-c", script, cwd=tmp_path)
    counted = 0.0
    for number in range(8):
        await eventually_async(path.exists)
        counted += await watch.lines() or 0.0
        path.rename(tmp_path / f"app.log.{number}")
    (tmp_path / "stop").touch()
    await writer.wait()
    write(path, "end\n")
    counted += (await watch.lines() or 0.0) + (await watch.lines() or 0.0)
    assert counted == int((tmp_path / "count").read_text()) + 1
    await watch.poller.close()
