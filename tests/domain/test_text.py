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
