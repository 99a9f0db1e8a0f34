import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontui.domain.secret import MASK, Secret, Secrets
from ontui.domain.text import clean, one_line


@pytest.mark.parametrize(
    ("foreign", "harmless"),
    [
        ("\x1b]52;c;cm0=\x1b\\", "�]52;c;cm0=�\\"),
        ("a\u202eb", "a�b"),
        ("a\x9b31mb", "a�31mb"),
        ("é 漢 ✓ ▁", "é 漢 ✓ ▁"),
        ("a\r\nb\tc", "a\nb\tc"),
    ],
)
def test_what_a_terminal_would_obey_is_replaced(foreign: str, harmless: str) -> None:
    assert clean(foreign) == harmless


@given(st.text())
def test_nothing_unprintable_passes(text: str) -> None:
    assert all(c.isprintable() or c in "\n\t" for c in clean(text))
    assert one_line(text).isprintable()


def test_long_text_is_cut_and_says_so() -> None:
    assert clean("x" * 10, 4) == "xxxx…"


def test_a_secret_is_masked_by_value_longest_first() -> None:
    secrets = Secrets(["hunter2", "hunter2-and-more", "abc"])
    assert secrets.mask("pw=hunter2-and-more, hunter2, abc") == f"pw={MASK}, {MASK}, abc"
    assert "hunter2" not in repr(Secret("hunter2"))
    assert "hunter2" not in repr(secrets)


def test_every_line_of_a_long_secret_is_one() -> None:
    secrets = Secrets(["-----BEGIN KEY-----\nMIIEvQIBADAN\n-----END KEY-----\n"])
    assert secrets.mask("leaked: MIIEvQIBADAN") == f"leaked: {MASK}"


@given(st.text(min_size=1, max_size=60), st.integers(5, 40))
def test_a_line_is_never_longer_than_its_limit_and_says_that_it_was_cut(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line.endswith("…") or line == one_line(text, 1000)


@pytest.mark.parametrize("limit", range(20, 60))
def test_no_head_of_a_secret_is_left_where_a_text_was_cut(limit: int) -> None:
    secret = "hunter2-and-a-long-tail"
    said = Secrets([secret]).mask(one_line(f"the server refused {secret} for you", limit))
    assert "hun" not in said
    assert said.startswith("the server refus")
    assert Secrets([secret]).mask(f"{clean(secret, 9)}' and {clean(secret, 4)}") == f"{MASK}…' and {MASK}…"
    assert Secrets([secret]).mask("a hunt… of others, hunter2") == f"a {MASK}… of others, hunter2"
