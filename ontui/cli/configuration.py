"""What every command begins with: the config, read here or beside; or every finding on stderr and exit 2."""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import click

from ontui.cli.reading import Reading, read
from ontui.config import Config, ConfigError
from ontui.config.finding import Finding, listed, suggestion
from ontui.domain.text import clean, one_line
from ontui.ui.keys import keymap_findings
from ontui.ui.theme_names import THEME_NAMES

LONGEST_CRASH = 20_000


def read_config(config_file: Path | None, *, exit_code: int = 2) -> Config:
    """The config, or every finding on stderr and `exit_code`."""
    return or_leave(lambda: read(config_file, os.environ), exit_code)


def read_again(path: Path) -> Config:
    """The config as it is on disk now, read and checked in a process of its own; raises ConfigError."""
    config = Reading(path, os.environ).result()
    if problems := keymap_findings(config.keymap):
        raise ConfigError([Finding(str(path), 0, 0, "", text, "") for text in problems])
    return config


def keymap_problems(config: Config) -> list[str]:
    """Keys that no terminal sends or that two things share, each with its place in the config."""
    return [_placed(config, "keymap", text) for text in keymap_findings(config.keymap)]


def _placed(config: Config, key: str, text: str) -> str:
    """A finding about a key at the top, where that is written."""
    lines = config.path.read_text(encoding="utf-8").splitlines()
    at = next(((n, line.index(key) + 1) for n, line in enumerate(lines, 1) if f"{key}:" in line), (1, 1))
    return f"{config.path}:{at[0]}:{at[1]}: {text}"


def presentation_problems(config: Config) -> list[str]:
    """What is wrong with keys and theme, each with its place in the config."""
    theme = theme_problem(config.theme)
    return keymap_problems(config) + ([_placed(config, "theme", theme)] if theme else [])


def theme_problem(theme: str) -> str:
    """Why there is no such theme, and which was meant; empty for one there is."""
    if not theme or theme in THEME_NAMES:
        return ""
    return f"there is no theme {one_line(theme, 40)!r}; {suggestion(theme, THEME_NAMES) or listed(THEME_NAMES, 40)}"


def or_leave(get: Callable[[], Config], exit_code: int = 2) -> Config:
    """The config, or every finding on stderr and `exit_code`."""
    try:
        config = get()
    except ConfigError as error:
        for finding in error.findings:
            click.echo(str(finding), err=True)
        sys.exit(exit_code)
    _mask_crashes(config)
    return config


def _mask_crashes(config: Config) -> None:
    """From now on even an error of our own is told without what the config keeps secret."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        lines = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(clean(config.secrets.mask(lines), LONGEST_CRASH) + "\n")

    sys.excepthook = tell
