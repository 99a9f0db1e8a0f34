"""What is pasted is never a key, wherever the bytes are cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.drivers import linux_driver
from textual.events import Key, Paste

from ontui.ui import pasting
from ontui.ui.pasting import PasteParser

BEGINS, ENDS = "\x1b[200~", "\x1b[201~"


def told(*chunks: str) -> list[tuple[str, str]]:
    """Keys and pastes, in order."""
    parser = PasteParser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    return [("key", e.key) if isinstance(e, Key) else ("paste", e.text) for e in events if isinstance(e, Key | Paste)]


@pytest.mark.parametrize("text", ["\x1b[Ay", "\x1bOPxq", "lat\x1bqabc", "\x1b\x1b\x1by", "\x1b[200~y", "y\x1b"])
def test_escape_characters_in_a_paste_are_dropped(text: str) -> None:
    assert told(f"x{BEGINS}{text}{ENDS}j") == [("key", "x"), ("paste", text.replace("\x1b", "")), ("key", "j")]


@given(st.text(alphabet="\x1b[Ay20~1", max_size=20), st.lists(st.integers(0, 40), max_size=6))
def test_nothing_in_a_paste_becomes_a_key_wherever_it_is_cut(text: str, cuts: list[int]) -> None:
    whole = f"x{BEGINS}{text.replace(ENDS, '')}{ENDS}j"
    text = whole[len(BEGINS) + 1 :].partition(ENDS)[0]
    if not whole.endswith(f"{BEGINS}{text}{ENDS}j"):
        return   # the pieces left made another end mark: what follows that is typed
    at = sorted({0, len(whole), *(min(cut, len(whole)) for cut in cuts)})
    pasted = [("paste", text.replace("\x1b", ""))] if text.replace("\x1b", "") else []
    parts = [whole[a:b] for a, b in itertools.pairwise(at)]
    assert [t for t in told(*parts) if t != ("paste", "")] == [("key", "x"), *pasted, ("key", "j")]


def test_keys_outside_of_a_paste_do_not_wait() -> None:
    assert told("\x1b[A") == [("key", "up")]
    assert told("\x1b[2", "0", "0~ab", "\x1b[20", "1~") == [("paste", "ab")]


def test_the_driver_takes_its_parser_from_there() -> None:
    """A door of Textual that is not promised to stay."""
    pasting.install()
    assert linux_driver.LinuxDriver.run_input_thread.__globals__["XTermParser"] is PasteParser
