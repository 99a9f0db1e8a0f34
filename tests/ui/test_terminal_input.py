"""What is pasted is never a key, wherever the bytes are cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.drivers import linux_driver
from textual.events import Key, Paste
from textual.message import Message

from ontui.ui import terminal_input
from ontui.ui.terminal_input import InputParser, decoder

BEGINS, ENDS = "\x1b[200~", "\x1b[201~"


def told(*chunks: str) -> list[tuple[str, str]]:
    """Keys and pastes, in order; no time passes between the chunks."""
    parser = InputParser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    events += parser.release()
    return [("key", e.key) if isinstance(e, Key) else ("paste", e.text) for e in events if isinstance(e, Key | Paste)]


@pytest.mark.parametrize("text", ["\x1b[Ay", "\x1bOPxq", "lat\x1bqabc", "\x1b\x1b\x1by", "\x1b[200~y", "y\x1b"])
def test_escape_characters_in_a_paste_are_dropped(text: str) -> None:
    assert told(f"x{BEGINS}{text}{ENDS}j") == [("key", "x"), ("paste", text.replace("\x1b", "")), ("key", "j")]


@given(st.text(alphabet="\x1b[Ay20~1", max_size=20), st.lists(st.integers(0, 40), max_size=6))
def test_nothing_in_a_paste_becomes_a_key_wherever_it_is_cut(text: str, cuts: list[int]) -> None:
    whole = f"x{BEGINS}{text}{ENDS}j"
    at = sorted({0, len(whole), *(min(cut, len(whole)) for cut in cuts)})
    found = told(*(whole[a:b] for a, b in itertools.pairwise(at)))
    assert [t for t in found if t[0] == "key"] == [("key", "x"), ("key", "j")]
    pasted = "".join(text for kind, text in found if kind == "paste")
    assert pasted.replace("[200~", "") == text.replace("\x1b", "").replace("[201~", "").replace("[200~", "")


@pytest.mark.parametrize(
    ("chunks", "texts"),
    [
        ((f"{BEGINS}a{ENDS}y{ENDS}",), ["a", "y"]),
        ((f"{BEGINS}a{ENDS}", "y\r", ENDS), ["a", "y\r"]),
        ((f"{BEGINS}a{ENDS}y\x1b[20", "1~"), ["a", "y"]),
        ((f"{BEGINS}a{ENDS}y{BEGINS}b{ENDS}",), ["a", "yb"]),
        ((f"{BEGINS}a{ENDS}y{BEGINS}b",), ["a"]),
        ((f"{BEGINS}a{ENDS}{ENDS}{ENDS}",), ["a"]),
    ],
)
def test_a_paste_that_holds_the_mark_of_its_end_goes_on(chunks: tuple[str, ...], texts: list[str]) -> None:
    assert [t for t in told(*chunks) if t != ("paste", "")] == [("paste", text) for text in texts]


def test_keys_after_a_paste_wait_a_moment_and_are_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 5.0
    monkeypatch.setattr(terminal_input, "get_time", lambda: now)
    parser = InputParser()
    assert [type(e) for e in (*parser.feed(f"{BEGINS}pool{ENDS}\r"), *parser.tick())] == [Paste]
    now += terminal_input.HOLD_S
    assert [e.key for e in parser.tick() if isinstance(e, Key)] == ["enter"]
    assert [e.key for e in parser.feed("y") if isinstance(e, Key)] == ["y"]


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1by", "alt+y"), ("\x1bY", "alt+shift+y"), ("\x1b\r", "alt+enter"), ("\x1bq", "alt+q"),
        ("\x1b[27;3;121~", "alt+y"), ("\x1b[27;5;121~", "ctrl+y"), ("\x1b[27;3;13~", "alt+enter"),
        ("\x1b[121;3u", "alt+y"), ("\x1b[121;3;121u", "alt+y"), ("\x1b[121;5;121u", "ctrl+y"),
        ("\x1b[113;5u", "ctrl+q"), ("\x1b[1;3A", "alt+up"),
    ],
)  # fmt: skip
def test_with_alt_or_ctrl_a_key_is_another_one_and_writes_nothing(sent: str, key: str) -> None:
    parser = InputParser()
    events = [*parser.feed(sent), *parser.feed("")]
    assert [(e.key, e.character) for e in events if isinstance(e, Key)] == [(key, None)]


@pytest.mark.parametrize(
    ("sent", "character"),
    [("\x1b[121;1;121u", "y"), ("\x1b[121;2;89u", "Y"), ("\x1b[121;65;121u", "y"), ("\x1b[108;3;64u", "@")],
)
def test_shift_locks_and_what_a_keyboard_writes_with_alt_are_text(sent: str, character: str) -> None:
    assert [e.character for e in InputParser().feed(sent) if isinstance(e, Key)] == [character]


@pytest.mark.parametrize(
    "sent", ["\x1b[>0;276;0c", "\x1b[121;1:3u", "\x1bO3M", "\x1b[99999999999;1u", "\x1b[>9$y", "\x1b\x1bOM"],
)
def test_what_means_nothing_is_no_key_and_neither_are_its_parts(sent: str) -> None:
    assert told(f"x{sent}j") == [("key", "x"), ("key", "j")]


def test_mouse_focus_modes_and_sizes_still_arrive() -> None:
    sent = "\x1b[<0;10;10M\x1b[I\x1b[?2026;2$y\x1b[48;24;80;0;0t\x1b[1;1R\x1b[[A\x1b[M #$"
    names = [type(e).__name__ for e in InputParser().feed(sent)]
    assert names == ["MouseDown", "AppFocus", "TerminalSupportsSynchronizedOutput", "Resize", "CursorPosition", "Key"]


@given(st.text(alphabet="\x1b[]O?<>=;:,.0123459~umtRcAyMIn$ \xff\x00", max_size=40), st.booleans())
def test_whatever_a_terminal_sends_is_no_error(text: str, is_sequence: bool) -> None:
    told("\x1b[" * is_sequence + text)


@pytest.mark.parametrize(
    "sent",
    [
        "\x1bP>|alacritty y\x1b\\", "\x1b]0;y\x07", "\x1b]11;rgb:y\x1b\\", "\x1b_Gi=1;y\x1b\\", "\x1b^y\x1b\\",
        "\x1b#y", "\x1b(y", "\x1b[[y", "\x9by", "\x1bO5y", "\x1b[1;2;3;4y", f"{BEGINS}y{ENDS}",
        "\x1b[48;40;120;0;0t", "\x1b[48;0;0;800;1200t", "\x1b_a\x07y\r\x1b\\", "\x1b[48;40;120t",
        "\x1b[121;5;121:121u", "\x1b[122;3;121u", "\x1b[13;3;10u", "\x1b[57414;3;13u",
        "\x1b[27;000005;121~", "\x1b[55296u",
    ],
)  # fmt: skip
def test_what_is_cut_on_a_slow_line_is_no_answer_either(sent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for cut in range(2, len(sent) + 1):
        now = [5.0]
        monkeypatch.setattr(terminal_input, "get_time", lambda now=now: now[0])
        parser, found = InputParser(), list[Message]()
        for part in (sent[:cut], sent[cut:], "\x1b[<0;5;5M"):
            found += parser.feed(part) if part else ()
            now[0] += 0.3
            found += parser.tick()
        pressed = [(e.key, e.character) for e in found if isinstance(e, Key)]
        assert not [key for key, character in pressed if key == "enter" or character is not None], (cut, pressed)
        assert type(found[-1]).__name__ == "MouseDown"


@given(st.lists(st.binary(max_size=6)))
def test_a_byte_that_is_no_text_is_no_error(chunks: list[bytes]) -> None:
    decode = decoder("utf-8")().decode
    text = "".join(decode(chunk) for chunk in chunks) + decode(b"", final=True)
    assert text == b"".join(chunks).decode(errors="replace")


def test_keys_outside_of_a_paste_do_not_wait() -> None:
    assert told("\x1b[A") == [("key", "up")]
    assert told("\x1b[2", "0", "0~ab", "\x1b[20", "1~") == [("paste", "ab")]


def test_the_driver_takes_its_parser_from_there() -> None:
    """A door of Textual that is not promised to stay."""
    terminal_input.install()
    theirs = linux_driver.LinuxDriver.run_input_thread.__globals__
    assert theirs["XTermParser"] is InputParser
    assert theirs["getincrementaldecoder"] is decoder


def test_an_escape_just_before_a_paste_opens_no_door() -> None:
    assert told(f"\x1b{BEGINS}y\r{ENDS}j") == [("paste", "y\r"), ("key", "j")]
