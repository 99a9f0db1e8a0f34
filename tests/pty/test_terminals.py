"""Terminals of every kind: what is sent to each, and where the cockpit refuses to start."""

import re
import subprocess

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.pty.terminal import Terminal, ontui

TRUE_COLOUR = re.compile(rb"\x1b\[[\d;]*[34]8;2;")
PALETTE = re.compile(rb"\x1b\[[\d;]*[34]8;5;")
COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|[34]8;[25];[\d;]+)(?:;\d+)*m")
MOUSE = {"1000", "1002", "1003", "1006", "1015"}


def seen(place: ConfigFolder, *arguments: str, term: str = "xterm-256color", **env: str) -> Terminal:
    """Run until there is data, then leave."""
    with Terminal(ontui("-c", place.config, *arguments), env=place.environ | env, term=term) as terminal:
        terminal.wait("QueueLong")
        terminal.type("q")
        assert terminal.exit_code() == 0
        assert terminal.restored == []
    return terminal


def test_colours_are_those_the_terminal_has(place: ConfigFolder) -> None:
    true = seen(place, COLORTERM="truecolor")
    assert TRUE_COLOUR.search(true.bytes)
    usual = seen(place)
    assert PALETTE.search(usual.bytes)
    assert not TRUE_COLOUR.search(usual.bytes)


def test_sixteen_colours_are_the_terminals_own(place: ConfigFolder) -> None:
    linux = seen(place, term="linux")
    assert COLOUR.search(linux.bytes)
    assert not PALETTE.search(linux.bytes)
    assert not TRUE_COLOUR.search(linux.bytes)


@pytest.mark.parametrize("value", ["1", "yes"])
def test_no_color_means_none(place: ConfigFolder, value: str) -> None:
    plain = seen(place, NO_COLOR=value)
    assert COLOUR.search(plain.bytes) is None, COLOUR.search(plain.bytes)


def test_the_state_is_readable_without_colour(place: ConfigFolder) -> None:
    with Terminal(ontui("-c", place.config), env=place.environ | {"NO_COLOR": "1"}) as terminal:
        terminal.wait(r"▲ SEV-1 QueueLong .*firing")


def test_without_utf_8_it_is_ascii(place: ConfigFolder) -> None:
    env = {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    with Terminal(ontui("-c", place.config), env=place.environ | env) as terminal:
        terminal.wait(r"# SEV-1 QueueLong")
        terminal.type("q")
        assert terminal.exit_code() == 0
        assert bytes(terminal.bytes).isascii()


def test_the_mouse_is_left_alone_when_asked(place: ConfigFolder) -> None:
    assert MOUSE & seen(place).modes.keys()
    assert not MOUSE & {mode for mode, on in seen(place, "--no-mouse").modes.items() if on}


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_draw_is_refused(place: ConfigFolder, term: str) -> None:
    with Terminal(ontui("-c", place.config), env=place.environ, term=term) as terminal:
        assert terminal.exit_code() == 2
        assert "ontui status" in terminal.text
        assert b"\x1b" not in terminal.bytes


@pytest.mark.parametrize("arguments", [[], ["demo"]])
def test_without_a_terminal_it_is_refused(place: ConfigFolder, arguments: list[str]) -> None:
    done = subprocess.run(
        [str(a) for a in ontui("-c", place.config, *arguments)],
        env=place.environ | {"PATH": "/usr/bin:/bin", "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ontui: ontui needs a terminal")
    assert len(done.stderr.splitlines()) == 1


def test_a_bad_config_is_told_before_the_screen_changes(place: ConfigFolder) -> None:
    place.write("version: 1\nsystm: {id: x}\n")
    with Terminal(ontui("-c", place.config), env=place.environ) as terminal:
        assert terminal.exit_code() == 2
        assert ":2:1:" in terminal.text
        assert b"\x1b[?1049h" not in terminal.bytes
