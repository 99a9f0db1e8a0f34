"""Worlds for the tests of this room; both are opened from the main thread, as spawn() wants."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ontui.demo import World, open_world
from tests.demo.looking import Look

PACE = 20.0
"""In the fast story the cache falls sick after 3 s, the leak begins after 4 s, and a fault takes hold in a second."""


def without_prometheus() -> str:
    """PATH without the folders that have a Prometheus: what the stand-in is for."""
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(place for place in places if not (Path(place) / "prometheus").exists())


@pytest.fixture(scope="session")
def calm() -> Iterator[Look]:
    """A world in which nothing goes wrong, on the stand-in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", without_prometheus())
        with open_world(scenario="calm") as world:
            yield Look(world)


@pytest.fixture(scope="module")
def story() -> Iterator[Look]:
    """A world whose story is told twenty times as fast."""
    with open_world(scenario="story", pace=PACE) as world:
        yield Look(world)


def opened(world: World) -> list[int]:
    """The process numbers of a world."""
    found = world.describe()
    return [found[part]["pid"] for part in ("api", "prometheus", "postgres", "watchdog")]
