"""Matchers as people write them, and wishes that are no silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontui.domain.silence import Matcher, SilenceRefused, check_wish


@pytest.mark.parametrize(
    ("text", "matcher"),
    [
        ('alertname="High"', Matcher("alertname", "High")),
        (" job != api ", Matcher("job", "api", is_equal=False)),
        ('job=~"a|b"', Matcher("job", "a|b", is_regex=True)),
        ("job!~a.*", Matcher("job", "a.*", is_equal=False, is_regex=True)),
        (r'path="C:\\x \"y\"\n"', Matcher("path", 'C:\\x "y"\n')),
        ('empty=""', Matcher("empty", "")),
    ],
)
def test_matchers_are_read(text: str, matcher: Matcher) -> None:
    assert Matcher.parse(text) == matcher


@pytest.mark.parametrize("text", ["", "job", "job:", '1x="a"', 'job="a', 'job="a"b"'])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(SilenceRefused):
        Matcher.parse(text)


@given(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text(max_size=30), st.booleans(), st.booleans())
def test_a_matcher_is_read_back_from_its_words(name: str, value: str, is_equal: bool, is_regex: bool) -> None:
    matcher = Matcher(name, value, is_equal, is_regex)
    assert Matcher.parse(matcher.words) == matcher


@given(st.text(max_size=60))
def test_any_text_is_a_matcher_or_refused(text: str) -> None:
    try:
        Matcher.parse(text)
    except SilenceRefused as refusal:
        assert "\n" not in str(refusal)


@pytest.mark.parametrize(
    ("matchers", "duration_s", "comment"),
    [
        ((), 60, "why"),
        ((Matcher("a", ""),), 60, "why"),
        ((Matcher("a", ".*", is_regex=True),), 60, "why"),
        ((Matcher("a", "x", is_equal=False),), 60, "why"),
        ((Matcher("a", "(", is_regex=True),), 60, "why"),
        ((Matcher("a", "b"),), 0, "why"),
        ((Matcher("a", "b"),), 1e9, "why"),
        ((Matcher("a", "b"),), 60, "  "),
    ],
)
def test_what_is_no_silence_is_refused(matchers: tuple[Matcher, ...], duration_s: float, comment: str) -> None:
    with pytest.raises(SilenceRefused):
        check_wish(matchers, duration_s, comment)


def test_a_silence_with_one_matcher_that_asks_for_something_is_fine() -> None:
    check_wish((Matcher("a", "b"), Matcher("c", "")), 7200, "deploy")


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("job=api", True), ("job=a", False), ("job!=b", True), ("gone=", True), ("gone!=", False), ("gone=x", False),
        ("job=~a|api", True), ("job=~a", False), ("job=~a.*", True), ("job!~a.*", False), ("gone!~.+", True),
        ("path=~.*\\.js", True), ("job=~(api|web)", True), ("job!~(api|web)", False),
    ],
)  # fmt: skip
def test_labels_meet_a_matcher_as_an_alertmanager_says(text: str, met: bool) -> None:
    assert Matcher.parse(text).meets({"job": "api", "path": "a.js"}) is met


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)(a|a)(a|a)b", "a{1,9}", "[ab]", "(", "x" * 2000, ".*.*.*.*b"])
@pytest.mark.parametrize("is_equal", [True, False])
def test_a_pattern_that_might_take_long_or_read_otherwise_is_met_by_nothing(pattern: str, is_equal: bool) -> None:
    assert not Matcher("job", pattern, is_equal, is_regex=True).meets({"job": "a" * 40})
