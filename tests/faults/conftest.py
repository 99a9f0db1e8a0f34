"""What the tests of the faults share: a folder for a config, and cockpits on it."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.faults.watch import Watch

Watching = Callable[..., Watch]


@pytest.fixture
def place(tmp_path: Path) -> ConfigFolder:
    """`.write(yaml)` a config, then `.run("status", "--json")` is the installed program on it."""
    return ConfigFolder(tmp_path / "place")


@pytest.fixture
def watching() -> Iterator[Watching]:
    """A maker of cockpits: ``watching(place)`` is a `Watch`, ended after the test."""
    with contextlib.ExitStack() as end:

        def watch(place: ConfigFolder, **options: object) -> Watch:
            return end.enter_context(Watch(place, **options))  # type: ignore[arg-type]

        yield watch
