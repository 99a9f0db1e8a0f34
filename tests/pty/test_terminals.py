"""Terminals of every kind: what is sent to each, and where the cockpit refuses to start."""

import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.pty.conftest import furnish
from tests.pty.terminal import Terminal, ontui
from tests.servers.web import Web

TRUE_COLOUR = re.compile(rb"\x1b\[[\d;]*[34]8;2;")
PALETTE = re.compile(rb"\x1b\[[\d;]*[34]8;5;")
COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|[34]8;[25];[\d;]+)(?:;\d+)*m")
MOUSE = {"1000", "1002", "1003", "1006", "1015"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A terminal and what is said on its command line."""

    arguments: tuple[str, ...] = ()
    term: str = "xterm-256color"
    env: Mapping[str, str] = field(default_factory=dict)


KINDS = {
    "usual": Kind(),
    "true": Kind(env={"COLORTERM": "truecolor"}),
    "linux": Kind(term="linux"),
    "plain": Kind(env={"NO_COLOR": "1"}),
    "plain by any word": Kind(env={"NO_COLOR": "yes"}),
    "without mouse": Kind(("--no-mouse",)),
    "C": Kind(env={"LANG": "C", "LC_ALL": "C"}),
    "LANG only": Kind(env={"LANG": "C"}),
    "ascii": Kind(env={"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}),
}


@pytest.fixture(scope="module")
def seen(shared_web: Web, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Terminal]:
    """Run on each kind until there is data, then left; side by side, because starting takes longest."""
    place = furnish(tmp_path_factory.mktemp("kinds") / "place", shared_web)
    found = {}
    with ExitStack() as end:
        for name, kind in KINDS.items():
            env = place.environ | dict(kind.env)
            terminal = Terminal(ontui("-c", place.config, *kind.arguments), env=env, term=kind.term)
            found[name] = end.enter_context(terminal)
        for terminal in found.values():
            terminal.wait("[▲#] SEV-1 QueueLong .*firing", 20)
            terminal.type("q")
            assert terminal.exit_code() == 0
            assert terminal.restored == []
    return found


def test_colours_are_those_the_terminal_has(seen: Mapping[str, Terminal]) -> None:
    assert TRUE_COLOUR.search(seen["true"].bytes)
    assert PALETTE.search(seen["usual"].bytes)
    assert not TRUE_COLOUR.search(seen["usual"].bytes)


def test_sixteen_colours_are_the_terminals_own(seen: Mapping[str, Terminal]) -> None:
    linux = seen["linux"]
    assert COLOUR.search(linux.bytes)
    assert not PALETTE.search(linux.bytes)
    assert not TRUE_COLOUR.search(linux.bytes)


@pytest.mark.parametrize("name", ["plain", "plain by any word"])
def test_no_color_means_none(seen: Mapping[str, Terminal], name: str) -> None:
    plain = seen[name]
    assert COLOUR.search(plain.bytes) is None, COLOUR.search(plain.bytes)
    assert "▲ SEV-1 QueueLong" in plain.written, "the state is readable without colour"


@pytest.mark.parametrize("name", ["ascii", "C", "LANG only", "linux"])
def test_without_utf_8_it_is_ascii(seen: Mapping[str, Terminal], name: str) -> None:
    assert "# SEV-1 QueueLong" in seen[name].written
    assert bytes(seen[name].bytes).isascii()
    assert "▲ SEV-1 QueueLong" in seen["usual"].written


def test_the_mouse_is_left_alone_when_asked(seen: Mapping[str, Terminal]) -> None:
    assert MOUSE & seen["usual"].modes.keys()
    assert not MOUSE & {mode for mode, on in seen["without mouse"].modes.items() if on}


@pytest.mark.parametrize("size", [(0, 0), (80, 0), (0, 24)])
def test_a_terminal_without_a_size_is_taken_for_80x24_until_it_has_one(
    place: ConfigFolder, size: tuple[int, int]
) -> None:
    with Terminal(ontui("-c", place.config), env=place.environ, columns=size[0], rows=size[1]) as terminal:
        terminal.wait("QueueLong")
        terminal.wait("firing 2s")
        assert terminal.text.splitlines()[23].endswith("help")
        sent = len(terminal.bytes)
        terminal.wait("firing 3s")
        assert len(terminal.bytes) - sent < 4_000, "a second is some digits, not pictures without end"
        terminal.resize(120, 40)
        terminal.wait(lambda text: len(text.splitlines()[0]) > 100)
        terminal.signal(signal.SIGTERM)
        assert terminal.exit_code() == 128 + signal.SIGTERM


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
