"""`ontui`: the cockpit."""

from pathlib import Path

from ontui.cli.options import fail
from ontui.cli.session import open_engine, read_config


def cockpit(
    config_file: Path | None, *, read_only: bool, mouse: bool, theme: str | None, folder: Path | None = None
) -> int:
    """Run the cockpit on a config; returns the exit code."""
    from ontui.ui.terminal import no_terminal

    if reason := no_terminal():
        fail(reason)
    config = read_config(config_file)
    from ontui.ui.terminal import run_app

    return run_app(open_engine(config, read_only=read_only, folder=folder), mouse=mouse, theme=theme or config.theme)
