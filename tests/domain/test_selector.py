import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontui.domain.selector import SelectorError, parse_selector

LABELS = {"code": "503", "path": 'a"b', "job": "api"}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("requests_total", True),
        ("requests", False),
        ("requests_total{}", True),
        ('requests_total{code="503"}', True),
        ("requests_total { code = '503' , }", True),
        ("requests_total{code=`503`}", True),
        ('requests_total{code="50"}', False),
        ('requests_total{code!="503"}', False),
        ('requests_total{code=~"5.."}', True),
        ('requests_total{code=~"5."}', False),  # the whole value, as in PromQL
        ('requests_total{code!~"5.."}', False),
        ('requests_total{code!~"2..|4.."}', True),
        (r'requests_total{code=~"\\d+"}', True),
        (r"requests_total{code=~`\d+`}", True),
        (r'requests_total{path="a\"b"}', True),
        (r'requests_total{path="\x61\u0022\142"}', True),
        ('requests_total{zone=""}', True),  # what is missing is empty
        ('requests_total{zone!=""}', False),
        ('requests_total{zone=~".*"}', True),
        ('requests_total{code=~"5..", job="api"}', True),
        ('requests_total{code=~"5..", job="web"}', False),
        ('{__name__="requests_total"}', True),
        ('{__name__=~"(requests|errors)_total", job="api"}', True),
        ('{__name__=~"errors_total"}', False),
    ],
)
def test_a_selector_means_what_promql_means(text: str, fits: bool) -> None:
    assert parse_selector(text).fits("requests_total", LABELS) is fits


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the name of a series"),
        ("{}", "the name of a series"),
        ('{job="api"}', "the name of a series"),
        ('{__name__=~".*"}', "the name of a series"),
        ('a{__name__="b"}', "once"),
        ("rate(a[5m])", "the name of a series, with labels"),
        ("a[5m]", "the name of a series, with labels"),
        ("a{b}", 'label="value"'),
        ("a{b=c}", 'label="value"'),
        ('a{b="c" d="e"}', "a comma before"),
        ('a{b="c}', 'label="value"'),
        ('a{b=~"("}', "a regular expression after =~"),
        (r'a{b="\d"}', r"not \d"),
    ],
)
def test_what_selects_nothing_says_what_was_expected(text: str, words: str) -> None:
    with pytest.raises(SelectorError) as refused:
        parse_selector(text)
    assert words in str(refused.value)


@settings(max_examples=1000, deadline=None)
@given(st.text(alphabet="ab_{}=~!\"'`\\\\,[]()|.*+?x0 \n", max_size=30))
def test_any_text_is_a_selector_or_refused(text: str) -> None:
    for written in (text, f'a{{b=~"{text}"}}', f"a{{b!='{text}'}}", f"a{{b=~`{text}`}}"):
        try:
            selector = parse_selector(written)
        except SelectorError as refused:
            assert str(refused).isprintable()
        else:
            assert selector.fits("a", {"b": "x"}) in (True, False)
