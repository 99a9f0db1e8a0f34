"""What every test of the command line has."""

from pathlib import Path

import pytest

from tests.cli.config_folder import ConfigFolder


@pytest.fixture
def place(tmp_path: Path) -> ConfigFolder:
    """An empty folder for a config; the program's state goes there too."""
    return ConfigFolder(tmp_path / "place")
