"""Rows 29 and 30: a replica whose primary is idle, gone, or silent, and one that becomes the primary."""

from pathlib import Path

import psutil
import pytest

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.conftest import Watching
from tests.faults.postgres_setup import WIDE, watched
from tests.faults.watch import Watch, status
from tests.servers.alone import started_again
from tests.servers.pair import Pair

LAG = "replication_lag"
IDLE_S = 3.0
"""A difference of clocks would have grown as much by then."""


@pytest.fixture
def watch(place: ConfigFolder, watching: Watching, pair: Pair) -> Watch:
    """A cockpit on the replica, which has caught up."""
    eventually(pair.caught_up)
    watched(place, pair.replica.dsn(), "up", LAG)
    watch = watching(place, size=WIDE)
    watch.sli(LAG, within_s=20, status="ok", value=0)
    return watch


def test_29_an_idle_primary_is_no_lag(place: ConfigFolder, watch: Watch) -> None:
    eventually(lambda: watch.engine.now() - watch.engine.started_at > IDLE_S)
    watch.sli(LAG, value=0)
    assert watch.source("db", status="ok")["server"].startswith("PostgreSQL 18")
    assert ", replica, 127.0.0.1:" in watch.source("db")["server"]
    told = status(place)
    assert (told.sli(LAG)["status"], told.sli(LAG)["value"]) == ("ok", 0)


def test_29_a_silent_receiver_is_unknown_and_never_without_lag(place: ConfigFolder, watch: Watch, pair: Pair) -> None:
    family = psutil.Process(pair.replica.child.pid).children()
    (receiver,) = [process for process in family if "walreceiver" in " ".join(process.cmdline())]
    receiver.suspend()
    try:
        pair.execute(pair.primary, "create table silent as select generate_series(1, 100000)")
        watch.sli(LAG, within_s=40, status="unknown", value=None, reason=r"no word from the primary for 1\d")
        watch.shows(r"replication lag +unknown .*no word from the primary")
        told = status(place)
        assert (told.sli(LAG)["status"], told.sli(LAG)["value"]) == ("unknown", None)
        assert told.sli(LAG)["reason"].startswith("no word from the primary for")
    finally:
        receiver.resume()
    watch.sli(LAG, within_s=20, status="ok", value=0)


def test_29_a_stopped_primary_is_disconnected(place: ConfigFolder, watch: Watch, pair: Pair) -> None:
    pair.primary.stop()
    try:
        lack = "DISCONNECTED: this replica receives from no primary"
        watch.sli(LAG, status="unknown", value=None, reason=lack)
        watch.source("db", status="warning", error=lack)
        watch.shows(rf"db ◆ .*{lack}")
        watch.shows(r"replication lag +unknown .*DISCONNECTED")
        told = status(place)
        assert (told.source("db")["status"], told.source("db")["error"]) == ("warning", lack)
        assert (told.sli(LAG)["status"], told.sli(LAG)["value"], told.sli(LAG)["reason"]) == ("unknown", None, lack)
        assert told.sli("up")["value"] == 1
    finally:
        pair.primary.child = started_again(pair.primary)
    watch.sli(LAG, within_s=30, status="ok", value=0)


def test_30_a_promotion_is_announced_and_goes_on_record(
    place: ConfigFolder, watch: Watch, pair: Pair, watching: Watching, tmp_path: Path
) -> None:
    before = watch.source("db")["server"]
    anywhere = ConfigFolder(tmp_path / "anywhere")
    both = f"@127.0.0.1:{pair.primary.port},127.0.0.1:{pair.replica.port}/"
    dsn = pair.primary.dsn().replace(f"@127.0.0.1:{pair.primary.port}/", both)
    watched(anywhere, f"{dsn}&target_session_attrs=primary", "up", every="6s", timeout="5s")
    wherever = watching(anywhere, size=WIDE)
    wherever.source("db", status="ok", server=f"primary, 127.0.0.1:{pair.primary.port}")
    pair.primary.stop()
    pair.execute(pair.replica, "select pg_promote()")
    news = "role changed: was replica, is primary now"
    watch.source("db", status="warning", error=news)
    watch.shows(rf"db ◆ .*{news}")
    assert watch.source("db")["server"] == before.replace("replica", "primary")
    watch.sli(LAG, status="no_data", reason="no replica is connected")
    changed = eventually(lambda: [event for event in watch.events() if event[2] == "changed"])
    assert [(event[3], event[5]) for event in changed] == [("db", f"db: {news}")]
    watch.source("db", error=rf"{news} \(\d+ s ago\)")  # it is told for minutes
    assert ", primary, " in status(place).source("db")["server"]
    places = [f"127.0.0.1:{server.port} as postgres" for server in (pair.replica, pair.primary)]
    moved = f"another server answers now: {places[0]}, was {places[1]}"
    wherever.source("db", within_s=20, status="warning", error=moved, server=f"primary, {places[0]}")
    wherever.shows(rf"db ◆ .*{moved}")
    assert [event[5] for event in wherever.events() if event[2] == "changed"] == [f"db: {moved}"]
