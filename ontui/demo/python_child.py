"""How a module of ours is run in a process of its own, from a wheel, a checkout or a virtual environment alike."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PACKAGE_FOLDER = Path(__file__).resolve().parents[2]
"""The folder that holds the package `ontui`."""


def python_argv(module: str) -> list[str]:
    """The interpreter we run in, without the current folder on its path."""
    return [sys.executable, "-P", "-m", module]


def python_path() -> str:
    """What PYTHONPATH must be for the child to find us."""
    given = os.environ.get("PYTHONPATH", "")
    return os.pathsep.join([str(PACKAGE_FOLDER), *(place for place in given.split(os.pathsep) if place)])


def python_env() -> dict[str, str]:
    """No more of our environment than a Python needs."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "PYTHONPATH": python_path()}
