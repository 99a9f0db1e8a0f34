"""`ontui`: the cockpit."""

import contextlib
import ctypes
import os
import sys
from pathlib import Path

import click

from ontui.cli.options import fail
from ontui.cli.reading import Reading

M_ARENA_MAX = -8
"""Option of glibc's mallopt."""


def refuse_without_terminal() -> None:
    """Leave with exit 2 and a plain line where a screen cannot be drawn."""
    from ontui.ui.terminal import refusal

    if reason := refusal(os.environ, sys.stdin, sys.stdout, sys.stderr):
        fail(reason)


def cockpit(
    config_file: Path | None, *, read_only: bool, mouse: bool, theme: str | None, folder: Path | None = None
) -> int:
    """Run the cockpit on a config; returns the exit code."""
    reading = Reading(config_file, os.environ)
    _allocate_from_one_arena()
    # What the screens need is imported while the config is read.
    import ontui.ui.app  # noqa: F401
    from ontui.cli.configuration import keymap_problems, or_leave, theme_problem
    from ontui.cli.session import open_engine
    from ontui.ui.terminal import run_app

    config = or_leave(reading.result)
    for problem in (problems := keymap_problems(config)):
        click.echo(problem, err=True)
    if problems:
        sys.exit(2)
    theme = theme or config.theme
    if problem := theme_problem(theme or ""):
        fail(problem)
    refuse_without_terminal()
    return run_app(open_engine(config, read_only=read_only, folder=folder), mouse=mouse, theme=theme)


def _allocate_from_one_arena() -> None:
    """Have all threads share glibc's arena: Python's hardly ever allocate at once, and one each is 1 % more memory."""
    with contextlib.suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
