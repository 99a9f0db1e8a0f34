"""Row 39: VictoriaMetrics holds back the newest 30 s and shifts its own clock by them; we ask for the truth."""

import re
import time

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.conftest import Watching
from tests.faults.test_prometheus import configure, sli
from tests.faults.watch import status
from tests.servers.exporter import Exporter
from tests.servers.victoria import Victoria


def test_39_its_offset_hides_nothing(
    place: ConfigFolder, watching: Watching, victoria: Victoria, exporter: Exporter
) -> None:
    old_ms = int((time.time() - 20) * 1000)
    exporter.expose(f"live_temperature 21.5\nstamped_level 7 {old_ms}")
    eventually(lambda: victoria.value("stamped_level") == 7, within_s=30)
    slis = sli("warmth", "live_temperature", ', objective: "<= 30"') + sli("whole", "sum(live_temperature) * 2")
    slis += sli("level", "stamped_level")
    configure(place, victoria.url, slis)
    place.write(place.config.read_text().replace("timeout: 900ms", "timeout: 900ms, stale_after: 5s"))
    told = status(place)
    assert (told.code, told.sli("warmth")["value"], told.sli("whole")["value"]) == (3, 21.5, 43)
    assert (told.sli("level")["status"], told.sli("level")["value"]) == ("stale", None)
    assert re.fullmatch(r"data is \d\ds old", told.sli("level")["reason"])  # by its time(), it would be fresh
    watch = watching(place)
    watch.sli("warmth", within_s=20, status="ok", value=21.5)
    watch.shows(r"✓ warmth +21\.5")
    watch.shows(r"◌ level +7")
    exporter.expose("live_temperature 30")  # a change is seen at once, which the default hides for half a minute
    changed_at = time.monotonic()
    watch.sli("warmth", within_s=15, value=30)
    assert time.monotonic() - changed_at < 15
    watch.shows(r"✓ warmth +30")
    assert victoria.value("live_temperature", cached=True) != 30
    exporter.fail()
    for id_ in ("warmth", "whole"):
        gone = watch.sli(id_, within_s=20, status="stale|no_data", value=None)
        assert "target down" in gone["reason"] or "old" in gone["reason"], gone
    watch.shows("[◌∅] warmth")
    watch.shows("[◌∅] whole")
    assert victoria.value("up", cached=True) != 0  # by itself it does not know yet
    told = status(place)
    assert (told.code, told.sli("warmth")["value"]) == (3, None)
