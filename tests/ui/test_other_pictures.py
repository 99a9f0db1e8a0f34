"""Pictures of alerts of others and of silences; a change of one is to be looked at, then accepted."""

from collections.abc import Callable

import pytest

from tests.ui import neighbours
from tests.ui.scenes import LARGE, SMALL, Scene, Size
from tests.ui.still import Still
from tests.ui.test_pictures import Compare

TO_CROWD = ("down", "down", "down", "down")
"""From the first line of the board to the 37."""
WHY = tuple("deploy")


def both(name: str, desk: Callable[[], Still], *press: str) -> list[Scene]:
    """The same at both sizes."""
    sizes: tuple[Size, ...] = (SMALL, LARGE)
    return [Scene(f"{name}-{size[0]}x{size[1]}", desk, size, press) for size in sizes]


SCENES = [
    *both("others", neighbours.desk),
    *both("others-calm", lambda: neighbours.desk(neighbours.calm)),
    Scene("others-flood", lambda: neighbours.desk(neighbours.flood), SMALL),
    Scene("others-ascii", neighbours.desk, SMALL, is_ascii=True),
    *both("other", neighbours.desk, "enter"),
    *both("crowd", neighbours.desk, *TO_CROWD, "enter"),
    *both("silence-form", neighbours.desk, *TO_CROWD, "s"),
    *both("silence-preview", neighbours.desk, *TO_CROWD, "s", *WHY, "enter"),
    Scene("silence-done", neighbours.desk, SMALL, (*TO_CROWD, "s", *WHY, "enter", *"freight", "enter")),
    Scene("silence-end", neighbours.desk, SMALL, ("down",) * 6 + ("s",)),
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_picture_of_others(scene: Scene, snap_compare: Compare) -> None:
    app = scene.app()
    assert snap_compare(app, terminal_size=scene.size, run_before=scene.before)
    assert app.return_code == 0, "it crashed; the picture is of nothing"
