from hypothesis import given
from hypothesis import strategies as st

from ontui.actions.output import HELD_BYTES, LINE_LIMIT, LINES_AT_ONCE, RAW_LIMIT, Output, readable


def test_a_line_is_what_a_terminal_would_show_and_nothing_it_would_obey() -> None:
    assert readable(b"\x1b[1;31mred\x1b[0m") == "red"
    assert readable(b"10%\r50%\r100%\r") == "100%"
    assert readable(b"a\x1b]52;c;ZXZpbA==\x07b\x1b]0;title\x1b\\c") == "abc"
    assert readable("x\u202ey\x9b31mz".encode()) == "x�yz"
    assert readable(b"caf\xe9 \xc3\xa9") == "caf� é"
    assert readable(b"a\tb") == "a       b"
    assert len(readable(b"x" * 5000)) == LINE_LIMIT + 1


def test_a_secret_is_masked_even_when_it_is_coloured_or_cut() -> None:
    def mask(text: str) -> str:
        return text.replace("hunter22", "••")

    assert readable(b"pass hunter\x1b[1m22", mask) == "pass ••"
    assert readable(b"x" * (LINE_LIMIT - 4) + b"hunter22", mask).endswith("x••")
    cut = readable(b"\x1b[0m" * 16_000 + b"hunter2", mask, cut=True)
    assert "hunter" not in cut


def test_streams_keep_their_lines_apart() -> None:
    output = Output()
    output.feed(1, b"one ")
    output.feed(2, b"error\nhalf")
    output.feed(1, b"line\n")
    assert output.release() == ["error", "one line"]
    output.feed(2, b" an error\n")
    assert output.release(final=True) == ["half an error"]


def test_the_unfinished_line_comes_at_the_end() -> None:
    output = Output()
    output.feed(1, b"Continue? ")
    assert output.release() == []
    assert output.release(final=True) == ["Continue? "]
    assert output.release(final=True) == []


def test_a_flood_is_counted_and_its_end_is_kept() -> None:
    output = Output()
    total = 200_000
    data = b"".join(b"line %d\n" % n for n in range(total))
    for at in range(0, len(data), 65_536):
        output.feed(1, data[at : at + 65_536])
        assert output._held <= HELD_BYTES + 65_536
    marker, *lines = output.release()
    assert len(lines) == LINES_AT_ONCE
    assert lines[-1] == f"line {total - 1}"
    assert marker == f"… {total - LINES_AT_ONCE} lines not shown …"


def test_a_line_without_end_is_cut_and_forgotten() -> None:
    output = Output()
    for _ in range(40):
        output.feed(1, b"x" * 65_536)
        assert output.release() == []
        assert len(output._partial[1]) <= RAW_LIMIT
    output.feed(1, b"still the same\nnext\n")
    first, second = output.release()
    assert first.endswith("x…")
    assert second == "next"


def test_endless_progress_keeps_its_last_state() -> None:
    output = Output()
    for n in range(50_000):
        output.feed(1, b"\rpercent %d" % n)
        output.release()
    assert len(output._partial[1]) <= RAW_LIMIT + 65_536
    assert output.release(final=True) == ["percent 49999"]


@given(st.binary(max_size=3000), st.lists(st.integers(1, 200), max_size=30))
def test_lines_do_not_depend_on_how_they_arrive(data: bytes, cuts: list[int]) -> None:
    whole, parts = Output(), Output()
    whole.feed(1, data)
    at = 0
    found = []
    for cut in cuts:
        parts.feed(1, data[at : at + cut])
        at += cut
        found += parts.release()
    parts.feed(1, data[at:])
    assert [x for x in found + parts.release(final=True) if "not shown" not in x][-5:] == [
        x for x in whole.release(final=True) if "not shown" not in x
    ][-5:]
    assert all(line.isprintable() for line in found)
