"""Pictures of every screen on fixed data at a fixed instant; a change of one is to be looked at, then accepted."""

from collections.abc import Callable

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tests.ui.scenes import COLOURLESS, SCENES, Scene

Compare = Callable[..., bool]


class AsDrawn(LineFilter):
    """The picture's own black and white where no colour is sent: the exporter takes "default" for black on black."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Every style without its colours."""
        del background
        return [Segment(s.text, s.style.without_color if s.style else None, s.control) for s in segments]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_picture(scene: Scene, snap_compare: Compare) -> None:
    app = scene.app()
    assert snap_compare(app, terminal_size=scene.size, run_before=scene.before)
    assert app.return_code == 0, "it crashed; the picture is of nothing"


@pytest.mark.parametrize("scene", COLOURLESS, ids=lambda scene: scene.name)
def test_picture_without_colour(scene: Scene, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = scene.app()
    app.last_filters.append(AsDrawn())
    assert snap_compare(app, terminal_size=scene.size, run_before=scene.before)
    assert app.return_code == 0, "it crashed; the picture is of nothing"
