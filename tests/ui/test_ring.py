"""What the terminal gets for a ring: a bell, a notification, and nothing a name could put into it."""

import re

import pytest

from ontui.domain.notice import Desktop, Notify, Ring
from ontui.ui.ring import LONGEST, sequence
from tests.ui import freight
from tests.ui.pilot import cockpit
from tests.ui.still import Still


def ring(text: str = "SEV-2 Slow firing: p95 1.2 s", *, fires: bool = True, system: str = "freight") -> Ring:
    return Ring(system, "Slow", "SEV-2", "firing", "1.2 s", text, fires)


@pytest.mark.parametrize(
    ("notify", "fires", "written"),
    [
        (Notify(), True, "\a"),
        (Notify(), False, ""),
        (Notify(bell=False), True, ""),
        (Notify(bell=False, desktop=Desktop.OSC9), True, "\x1b]9;freight: SEV-2 Slow firing: p95 1.2 s\x1b\\"),
        (Notify(desktop=Desktop.OSC777), False, "\x1b]777;notify;freight;SEV-2 Slow firing: p95 1.2 s\x1b\\"),
        (Notify(desktop=Desktop.OSC9), True, "\x1b]9;freight: SEV-2 Slow firing: p95 1.2 s\x1b\\\a"),
    ],
)
def test_what_is_written(notify: Notify, fires: bool, written: str) -> None:
    assert sequence(ring(fires=fires), notify) == written


@pytest.mark.parametrize("desktop", [Desktop.OSC9, Desktop.OSC777])
def test_no_name_gets_out_of_its_sequence(desktop: Desktop) -> None:
    evil = "a\x1b\\b\x07c\x9cd\x1b]52;c;x\x07e\nf\x00g\u202eh;i" + "x" * 5000
    written = sequence(ring(evil, system=evil), Notify(bell=False, desktop=desktop))
    body = re.fullmatch(r"\x1b\](?:9|777;notify);(.*)\x1b\\", written, re.S)
    assert body is not None
    assert all(c.isprintable() for c in body[1])
    assert body[1].count(";") == (1 if desktop is Desktop.OSC777 else 0)
    assert len(written) < LONGEST + 120


async def test_the_app_rings_through_its_driver_and_m_mutes(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Still(state=freight.burning())
    async with cockpit(desk) as pilot:
        app = pilot.app
        assert desk.aloud is not None
        assert app._driver is not None
        written: list[str] = []
        monkeypatch.setattr(app._driver, "write", written.append)
        desk.aloud(ring())
        assert written == ["\a"]
        await pilot.press("m")
        assert desk.muted_until == freight.NOW + 3600
        await pilot.press("m")
        assert desk.muted_until is None
