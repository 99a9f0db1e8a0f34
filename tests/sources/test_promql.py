"""Which selectors a query reads, found without evaluating it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontui.sources.promql import reads, seconds


@pytest.mark.parametrize(
    ("query", "selectors", "window_s"),
    [
        ("up", ["up"], 0),
        ("histogram_quantile(0.95, sum by (le) (rate(lat_bucket[5m])))", ["lat_bucket"], 300),
        ("sum(rate(a{x='}', y=~\"b|c\"}[1h30m] offset 5m)) by (job)", ["a{x='}', y=~\"b|c\"}"], 5400),
        ("sum without (le, pod) (a) / on (job) group_left (team) b", ["a", "b"], 0),
        ("a / ignoring(x) group_right b", ["a", "b"], 0),
        ('{__name__=~"http.*", job="x"}', ['{__name__=~"http.*", job="x"}'], 0),
        ('{"my.metric", a="b"}', ['{"my.metric", a="b"}'], 0),
        ("a + a + b", ["a", "b"], 0),
        ("max_over_time(rate(x[5m])[1h:30s])", ["x"], 3600),
        ("topk(3, job:cpu:rate5m) > bool 2e3", ["job:cpu:rate5m"], 0),
        ("x @ start() unless y @ 1609746000 and z", ["x", "y", "z"], 0),
        ('label_replace(a, "dst", "$1 b", "src", "(.*)")', ["a"], 0),
        ("1 + 0x1F - 5e-3 * .5 + Inf - NaN", [], 0),
        ("time() - a # b\n* c", ["a", "c"], 0),
        ("rate(a[90])", ["a"], 90),
        ("a{", [], 0),
        ("sum(", [], 0),
        ("rate(a[5m", ["a"], 300),
        ("by", [], 0),
        ("", [], 0),
    ],
)
def test_selectors_and_window(query: str, selectors: list[str], window_s: float) -> None:
    found = reads(query)
    assert list(found.selectors) == selectors
    assert found.window_s == window_s


@pytest.mark.parametrize(
    ("query", "about_absence", "needs_current"),
    [
        ("rate(a[5m])", False, True),
        ("a", False, True),
        ("absent(a)", True, False),
        ("sum(rate(a[5m])) or vector(0)", False, False),
        ("max_over_time(a[1d])", False, False),
        ("a offset 1d", False, False),
        ("a @ 100", False, False),
        ('a{x="or absent @"}', False, True),
    ],
)
def test_what_a_query_says_about_missing_data(query: str, about_absence: bool, needs_current: bool) -> None:
    found = reads(query)
    assert (found.about_absence, found.needs_current) == (about_absence, needs_current)


@given(st.text(alphabet="ab_:{}[]()\"'`\\,=~!@#5ms. \nbyon", max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    found = reads(text)
    assert all(selector in text for selector in found.selectors)
    assert found.window_s >= 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("15s", 15), ("1m30s", 90), ("200ms", 0.2), ("1y", 31_536_000), ("90", 90), ("soon", 0), ("", 0)],
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected
