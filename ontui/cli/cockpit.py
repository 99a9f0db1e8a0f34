"""`ontui`: the cockpit."""

import os
import sys
from pathlib import Path

import click

from ontui.cli.options import fail
from ontui.cli.reading import Reading


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
