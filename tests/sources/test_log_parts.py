"""The parts of following a log, against models: lines, the times they carry, and the sliding minute."""

import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ontui.sources.log_file import CUT_SHORT, LINE_BYTES, NOT_TEXT, GrowingFile
from ontui.sources.log_look import Follower, Tally
from ontui.sources.log_rate import Window
from ontui.sources.log_stamps import Stamp, newest, stamp

DAY, DAY_AT = b"2026-11-21", 1_795_219_200.0


@given(st.lists(st.lists(st.sampled_from([b"\n", b"\r\n", b"a", b"\0", b"\xff", b"x" * 70_000, b"long 500 line"]))))
def test_lines_are_the_same_however_they_arrive(pieces: list[list[bytes]]) -> None:
    with tempfile.NamedTemporaryFile(buffering=0) as file:
        growing, seen = GrowingFile(file.name), []
        for piece in pieces:
            file.write(b"".join(piece))
            seen += [line for lines in growing.new_lines() for line in lines]
            assert growing.missed == ""
        growing.close()
    whole = b"".join(part for piece in pieces for part in piece)
    assert len(seen) == whole.count(b"\n")
    for got, line in zip(seen, whole.split(b"\n"), strict=False):
        # A line end that was cut off with the rest of a line that is too long is no part of it.
        assert got == line[:LINE_BYTES].removesuffix(b"\r").lstrip(b"\0")


@given(st.binary(max_size=300), st.binary(max_size=300), st.binary(max_size=300))
def test_whatever_is_in_a_file_and_done_to_it_looking_answers(before: bytes, more: bytes, after: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "app.log"
        path.write_bytes(before)
        follower = Follower(str(path))
        first = follower.look({"x": "a|\\d"}, 1.0)
        assert first["fault"] in {"", NOT_TEXT}
        assert first["size"] == (None if first["fault"] else len(before))
        with path.open("ab") as file:
            file.write(more)
        grown = follower.look({"x": "a|\\d"}, 1.0)
        assert (grown["lines"], grown["known"], grown["missed"]) == (more.count(b"\n"), not grown["fault"], "")
        assert grown["matches"]["x"] <= grown["lines"]
        path.write_bytes(after)
        cut = follower.look({"x": "a|\\d"}, 1.0)
        if len(after) < len(before + more):
            assert (cut["lines"], cut["missed"]) == (after.count(b"\n"), CUT_SHORT)
        follower._forget()


@given(st.lists(st.binary(max_size=60), max_size=30), st.floats(0, 60))
@example([b"2026-11-21 10:00:00 a", b"2026-11-21 10:00:60 b"], 60.0)
def test_no_line_breaks_the_reading_of_times(lines: list[bytes], seconds: float) -> None:
    young = newest(lines, seconds, 1_795_255_260.0)
    assert young is None or set(young[0]) <= set(lines)
    for line in lines:
        stamp(line)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        (b"2026-11-21T10:00:01.25Z", Stamp(DAY, 36001.25)),
        (b"[2026-11-21 10:00:01,250] took 00:00:07", Stamp(DAY, 36001.25)),
        (b'h - - [21/Nov/2026:10:00:01 +0000] "GET /"', Stamp(b"21/Nov/2026", 36001)),
        (b"Nov  1 10:00:01 host app: x", Stamp(b"Nov  1", 36001)),
        (b"E1121 10:00:01.250000 7 main.go:1] x", Stamp(b"1121", 36001.25)),
        (b'{"time":1763719201250,"pid":1}', Stamp(b"", 1763719201.25)),
        (b'{"level":"info","ts": 1763719201.25}', Stamp(b"", 1763719201.25)),
        (b"10:00:01 a time of day says nothing of the day", None),
        (b"[pid 4242] 10:00:01 x", None),
        (b"2026-11-21", None),
        (b"", None),
        (b"x" * 1000 + b"2026-11-21T10:00:01Z", None),
    ],
)
def test_times_in_lines(line: bytes, at: Stamp | None) -> None:
    assert stamp(line) == at


def at(clock: str, day: bytes = DAY) -> bytes:
    return day + b"T" + clock.encode()


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([at("10:00:00"), at("10:01:40"), b"  trace", at("10:02:00")],
         ([at("10:01:40"), b"  trace", at("10:02:00")], None)),
        ([at("10:01:30"), b"  trace", at("10:02:00"), b" more"],
         ([at("10:01:30"), b"  trace", at("10:02:00"), b" more"], 30.0)),
        ([at("10:02:01"), at("10:01:59"), at("10:02:00")], ([at("10:02:01"), at("10:01:59"), at("10:02:00")], 1.0)),
        ([at("10:02:00", b"2026-11-20"), at("10:02:01")], ([at("10:02:01")], None)),
        ([at("23:59:50", b"2026-11-20"), at("00:00:05")], ([at("23:59:50", b"2026-11-20"), at("00:00:05")], 15.0)),
        ([at("10:00:00"), at("11:02:00"), at("10:02:01")], None),
        ([at("02:59:50"), at("02:00:00")], None),
        ([at("10:02:00")] * 2, None),
        ([at("10:02:00")], ([at("10:02:00")], 0.0)),
        ([at("10:00:00", b"2026-13-45"), at("10:02:00")], ([at("10:02:00")], 0.0)),
        ([b"nothing", b"at all"], None),
        ([], None),
        ([at("10:00:00")] + [b"x"] * 300, None),
    ],
)  # fmt: skip
def test_the_lines_of_the_last_minute(lines: list[bytes], found: object) -> None:
    written = [at for at in map(stamp, lines) if at is not None][-1:]
    for zone_s in (0, -7200, 20_700):
        written_at = DAY_AT + written[0].second + zone_s if written else 0.0
        assert newest(lines, 60.0, written_at) == found


@pytest.mark.parametrize(
    ("line", "second"),
    [
        (b"2026/11/21 10:02:00", 0), (b"21/Nov/2026:10:02:00", 0), (b"Nov 21 10:02:00", 0), (b"I1121 10:02:00", 0),
        (b"21.11.2026 10:02:00", 0), (b"11/21/2026 10:02:00", 0), (b"2026-11-21 10:02:00", -14 * 3600),
        (b"2026-11-21 10:02:00", 12 * 3600), (b'{"time":1795255320}', 0),
    ],
)  # fmt: skip
def test_a_last_line_that_agrees_with_when_the_file_was_written_is_believed(line: bytes, second: float) -> None:
    written_at = DAY_AT + 36120 + second
    assert newest([line], 60.0, written_at + 3) == ([line], 0.0)
    for away_s in (-8, 8, 400, -100 * 86400, 100 * 86400):
        assert newest([line], 60.0, written_at + away_s) is None


def test_what_counts_from_1970_knows_no_zones() -> None:
    assert newest([b'{"time":1795255320}'], 60.0, DAY_AT + 36120 + 3600) is None


@given(st.lists(st.tuples(st.floats(0.1, 300), st.integers(0, 1000)), min_size=1, max_size=60))
def test_a_rate_is_never_more_than_was_counted_in_a_minute_nor_from_less_than_one(
    stretches: list[tuple[float, int]],
) -> None:
    window = Window()
    for seconds, count in stretches:
        window.add(seconds, count)
        rate = window.rate()
        assert (rate.per_minute is None) == (rate.seconds < 57)
        if rate.per_minute is not None:
            assert rate.per_minute <= rate.count * 60 / 57
            assert rate.count >= count
            # No more than a minute beside the stretch that fills it up.
            assert rate.seconds <= 57 + max(s for s, _ in stretches)


def test_a_stretch_of_nothing_dilutes_nothing() -> None:
    window = Window()
    window.add(60, 0)
    window.add(15, 10)
    assert window.rate().per_minute == 10
    window.add(15.1, 0)
    window.add(15.1, 0)
    window.add(14.9, 5)
    assert window.rate().per_minute == pytest.approx(15 * 60 / 60.1)
    window.clear()
    assert window.rate().per_minute is None


def test_a_pattern_too_slow_for_one_piece_has_no_count() -> None:
    tally = Tally({"wild": "^(a|aa)+$", "tame": "!"}, 0.6)
    began = time.monotonic()
    tally.take([b"a" * 60 + b"!"])
    tally.take([b"aa!"])
    assert (tally.slow, tally.matches["tame"], tally.lines) == (["wild"], 2, 2)
    assert time.monotonic() - began < 5
