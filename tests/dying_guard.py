"""A guard that is killed at a moment of our choice."""

from pathlib import Path

import pytest

from ontui.guard import guard

BEFORE_THE_PROGRAM = "    pid = os.fork()\n"
BEFORE_ITS_START_IS_SAID = "    let_go()\n"


def let_guards_die(at: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on every guard kills itself where it would carry out that line."""
    text = guard.PROGRAM.read_text()
    assert text.count(at) == 1
    dying = folder / guard.PROGRAM.name
    dying.write_text(text.replace(at, "    os.kill(os.getpid(), signal.SIGKILL)\n" + at))
    monkeypatch.setattr(guard, "PROGRAM", dying)
