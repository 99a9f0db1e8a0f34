"""What every command says alike: how the config is named, and how a command ends in one plain line."""

import sys
from pathlib import Path
from typing import NoReturn

import click

READ_ONLY = "ontui.read_only"
"""Where `--read-only` before the command's name is kept for it, in `Context.meta`."""
CONFIG_HELP = "The config file; else $ONTUI_CONFIG, ./ontui.yaml, $XDG_CONFIG_HOME/ontui/ontui.yaml."
_FILE: click.Path = click.Path(path_type=Path, readable=False)   # what is wrong with it is said in our own words
config_option = click.option("-c", "--config", "config_file", type=_FILE, help=CONFIG_HELP)
"""`-c FILE`, before or after the command's name."""


def fail(text: str, code: int = 2) -> NoReturn:
    """One plain line on stderr, and out."""
    click.echo(f"ontui: {text}", err=True)
    sys.exit(code)


def chosen(ctx: click.Context, config_file: Path | None) -> Path | None:
    """The `-c` after the command's name, else the one before it."""
    before = ctx.find_root().obj
    return config_file or (before if isinstance(before, Path) else None)
