"""What was in view once is not held for ever: memory stays flat however many screens are opened in a shift."""

import gc

from textual._styles_cache import StylesCache

from tests.ui import freight
from tests.ui.pilot import cockpit, press
from tests.ui.still import Still


def painters() -> int:
    """How many widgets' pictures are held."""
    gc.collect()
    return sum(isinstance(each, StylesCache) for each in gc.get_objects())


async def test_screens_that_were_left_are_forgotten() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        counts = []
        for _ in range(6):
            await press(pilot, "question_mark", "escape", "enter", "escape")
            counts.append(painters())
        assert counts[-1] <= counts[1] + 2, counts
