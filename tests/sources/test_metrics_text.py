"""Foreign bytes where an exposition was expected: read rightly or refused, never read wrongly, never an error."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontui.domain.selector import parse_selector
from ontui.domain.sli import Sli
from ontui.sources.metrics_growth import Counters
from ontui.sources.metrics_text import OPENMETRICS, Exposition, Malformed, read_exposition
from ontui.sources.metrics_value import Moment, series_reading

ANY = parse_selector('{__name__=~".+"}')
TEXT = "text/plain"
LINES = st.lists(
    st.sampled_from([
        "# TYPE a counter", "# TYPE a gauge", "# TYPE h histogram", "# TYPE s summary", "# HELP a words", "# EOF",
        "#", "# TYPE", "# UNIT a seconds", "", "a 1", "a_total 12345", 'a{b="c"} 2', 'a{b="c",} 2.5 1700000000000',
        'a{b="\\"}"} 3', 'h_bucket{le="0.1"} 1', 'h_bucket{le="+Inf"} 2', "h_count 2", "h_sum 1e300", "s_sum -1",
        's{quantile="0.5"} NaN', "a +Inf", "a -Inf", "a 0x1p3", "a 1_000", "a nan", 'a{b="c"', "a{b=c} 1", "a{} 5",
        '{"utf.8", b="c"} 4', 'a 1 # {x="y"} 2 3', "process_start_time_seconds 1e9", "a_created 1e9", "a 9a 9",
        "h {count:1,sum:2,schema:0}", 'h{b="c"} {count:1,sum:2,schema:0,zero_threshold:0,zero_count:1}',
        "a " + "9" * 400, "a 1 " + "9" * 400,
    ]),
    max_size=8,
)  # fmt: skip


def judged(body: bytes, media: str) -> Exposition | None:
    """What was read; None where it was refused, in words that are harmless."""
    try:
        return read_exposition(body, media, [ANY])
    except Malformed as refused:
        words = str(refused)
        assert words
        assert all(c.isprintable() for c in words)
        return None


@settings(max_examples=1000, deadline=None)
@given(LINES, st.sampled_from([TEXT, OPENMETRICS]), st.booleans())
def test_any_lines_are_read_or_refused(lines: list[str], media: str, ended: bool) -> None:
    body = "\n".join([*lines, "# EOF"] if ended else lines) + "\n"
    seen = judged(body.encode(), media)
    if seen is None:
        return
    moment = Moment(1000.0, 1000.0, 15.0, Counters(20.0))
    moment.counters.add(seen, seen.found[ANY.text], 1000.0)
    for combine, rows, rate in (("", "", False), ("sum", "", False), ("avg", "b", False), ("max", "b", True)):
        sli = Sli("x", "x", "", "app", "count", 5, 2, series=ANY.text, combine=combine, rows=rows, rate=rate)
        found = series_reading(sli, seen.found[ANY.text], (), moment)
        assert found.value is None or math.isfinite(found.value)
        assert (found.value is None) <= (found.flaw is not None)
        assert all(c.isprintable() or c == "\n" for c in found.raw + found.reason + found.note)


@settings(max_examples=1000, deadline=None)
@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_what_is_not_asked_for_changes_nothing(lines: list[str], end: str) -> None:
    body = "".join(line + end for line in lines).encode()
    whole = judged(body, TEXT)
    if whole is None:
        return
    some = [parse_selector(text) for text in ("a", 'a{b="c"}', "h_sum", '{__name__=~"a.*"}', "nowhere")]
    seen = read_exposition(body, TEXT, some)
    for selector in some:
        expected = [s for s in whole.found[ANY.text] if selector.fits(s.name, s.labels)]
        assert [repr(s) for s in seen.found[selector.text]] == [repr(s) for s in expected]   # NaN is not NaN
    assert (seen.started, seen.created) == (whole.started, whole.created)


def test_many_names_are_read_too() -> None:
    body = "".join(f"n{n} {n}\n" for n in range(2000)).encode()
    seen = read_exposition(body, TEXT, [ANY, parse_selector("n7")])
    assert (len(seen.found[ANY.text]), [s.value for s in seen.found["n7"]]) == (2000, [7])


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode), st.sampled_from([TEXT, OPENMETRICS, ""]))
def test_any_bytes_are_read_or_refused(body: bytes, media: str) -> None:
    judged(body, media)
    judged(body + b"\n", media)


WHOLE = 'a_total 12345\nb{c="d, e"} 678.25\n# TYPE g gauge\ng 9e5\nb{c="f"} 31\n'


@pytest.mark.parametrize("media", [TEXT, OPENMETRICS])
def test_no_cut_makes_another_number(media: str) -> None:
    body = WHOLE.encode() + (b"# EOF\n" if media == OPENMETRICS else b"")
    body = body if media == TEXT else body.replace(b'g 9e5\nb{c="f"} 31\n', b"g 9e5\n")
    whole = judged(body, media)
    assert whole is not None
    right = {series.words: series.value for series in whole.found[ANY.text]}
    assert len(right) == (4 if media == TEXT else 3)
    for length in range(len(body)):
        part = judged(body[:length], media)
        if part is not None:
            assert body[:length].endswith((b"\n", b"# EOF"))
            assert {s.words: s.value for s in part.found[ANY.text]}.items() <= right.items()


def test_a_counter_has_the_name_under_which_it_is_exposed() -> None:
    text = "# TYPE jobs counter\njobs 7\n# TYPE done_total counter\ndone_total 8\n# TYPE odd counter\nodd_total 9\n"
    seen = read_exposition(text.encode(), TEXT, [ANY])
    assert {s.name: s.value for s in seen.found[ANY.text]} == {"jobs": 7, "done_total": 8, "odd_total": 9}


@pytest.mark.parametrize("media", [TEXT, OPENMETRICS])
@pytest.mark.parametrize("line", ["a ٣", "a 1_000", 'a{b="c"} ٣', "a 1 ١", 'a{b="}"} １', "a{} 1e1_0", "ä 1"])
def test_numbers_have_ascii_digits(line: str, media: str) -> None:
    assert judged(f"{line}\n# EOF\n".encode(), media) is None


@pytest.mark.parametrize("media", [TEXT, OPENMETRICS])
def test_labels_and_remarks_may_be_in_any_script(media: str) -> None:
    lines = ["# HELP a größe ٣ 1_0", 'a{b="٣ 1_0 \\"ä"} 1', "a_1_0 5", "# EOF"]
    seen = judged("\n".join(lines).encode() + b"\n", media)
    assert seen is not None
    assert [s.value for s in seen.found[ANY.text]] == [1, 5]
