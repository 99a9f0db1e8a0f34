"""Prepares every test session; the fixtures themselves are listed in `tests/servers/__init__.py`."""

import shutil

import hypothesis
import pytest

from tests import environment

FOLDER = environment.make_folder()
_too_early = environment.clean(FOLDER)

# The same examples every time, however slow the machine is; `--hypothesis-profile=default` looks for new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")

pytest_plugins = ["tests.servers.fixtures"]


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to draw pictures with somebody's theme; hand the folder to the fixtures."""
    if _too_early:
        pytest.exit(f"unset {', '.join(_too_early)}: Textual read it before the tests could remove it", returncode=3)
    config.stash[environment.FOLDER_KEY] = FOLDER


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(FOLDER, ignore_errors=True)
