"""Rows 20 to 23: a PostgreSQL that is full, silent, frozen, or starting."""

import os
import re
import shutil
import signal

import psutil
import psycopg

from ontui.demo.postgres import PostgresServer
from ontui.demo.process import demoted_account, spawn
from ontui.domain.sample import Point
from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.conftest import Watching
from tests.faults.postgres_setup import crowd, let_in, session_pid, watched
from tests.faults.watch import Watch, status
from tests.servers.postgres import Postgres
from tests.servers.proxy import ProxyMaker

EARLY_S = 5.5
"""Until then a source is asked more often than its interval says."""
REFUSED = "TOO MANY CLIENTS: server refuses new connections (53300)"
COUNTED = "TOO MANY CLIENTS: 37 of 37 slots used, new connections are refused (53300)"


def test_20_a_full_server_is_named_from_outside_and_counted_from_within(
    place: ConfigFolder, watching: Watching, any_postgres: Postgres
) -> None:
    watched(place, any_postgres.dsn("monitor"), "up", "connections", "connections_used_ratio")
    watch = watching(place)
    watch.sli("connections", value=1)
    with crowd(any_postgres, 36):
        watch.sli("connections", value=37)
        watch.sli("connections_used_ratio", value=1, status="warning")
        watch.source("db", status="warning", error=re.escape(COUNTED))
        watch.shows(r"db ◆ .*TOO MANY CLIENTS: 37 of 37 slots used")
        told = status(place)
        assert (told.source("db")["status"], told.source("db")["error"]) == ("critical", REFUSED)
        assert (told.sli("up")["status"], told.sli("up")["value"]) == ("warning", 0)
        assert (told.sli("connections")["status"], told.sli("connections")["value"]) == ("unknown", None)
        late = watching(place)
        late.shows(r"db ▲ down.*" + re.escape(REFUSED))
        late.sli("up", value=0)
    watch.sli("connections", value=2)
    late.sli("connections", value=2)
    watch.source("db", status="ok", error=None)


def test_20_a_full_server_is_named_where_only_up_is_watched(
    place: ConfigFolder, watching: Watching, postgres18: Postgres
) -> None:
    watched(place, postgres18.dsn("monitor"), "up")
    watch = watching(place)
    watch.sli("up", status="ok")
    with crowd(postgres18, 36):
        watch.source("db", status="warning", error=re.escape(COUNTED))


def contact_lost(watch: Watch, words: str) -> None:
    """The poll fails at its deadline, and what is known is marked at once."""
    source = watch.source("db", status="critical", error=words)
    assert source["latency_s"] <= 2
    watch.shows(r"db ▲ down.*" + words)
    watch.sli("up", value=0)
    watch.shows(r"connections .* old")


def test_21_a_black_hole_costs_a_deadline_makes_stale_and_is_left_again(
    place: ConfigFolder, watching: Watching, postgres18: Postgres, proxy: ProxyMaker
) -> None:
    way = proxy(postgres18.address)
    watched(place, postgres18.dsn("monitor", via=way), "up", "connections", every="5s", timeout="1s")
    watch = watching(place)
    watch.sli("connections", value=1)
    way.black_hole()
    contact_lost(watch, "no (answer|connection) within 1 s")
    told = status(place)
    assert told.source("db")["error"] == "no connection within 1 s"
    assert (told.sli("up")["value"], told.sli("connections")["value"]) == (0, None)
    assert told.sli("connections")["status"] == "unknown"
    stale = watch.sli(
        "connections", within_s=30, status="stale", value=None, reason="no (answer|connection) within 1 s"
    )
    assert 8.5 <= stale["age_s"] < 30  # one interval and a half, and the deadline
    watch.shows(r"connections +1 .*stale")
    assert watch.tones(r"^ *1 *$") <= {"stale"}
    way.heal()
    watch.sli("connections", within_s=20, status="ok")
    watch.sli("up", status="ok", value=1)
    watch.source("db", status="ok|warning")


def test_22_a_frozen_backend_is_left_for_another(place: ConfigFolder, watching: Watching, postgres15: Postgres) -> None:
    watched(place, postgres15.dsn("monitor"), "up", "connections", every="5s", timeout="1s")
    watch = watching(place)
    watch.sli("connections", value=1)
    eventually(lambda: watch.engine.now() - watch.engine.started_at > EARLY_S)  # then a failure stays for an interval
    frozen = psutil.Process(session_pid(postgres15))
    frozen.suspend()
    try:
        contact_lost(watch, "no answer within 1 s")
        watch.sli("up", status="ok", value=1)
        watch.sli("connections", value=2)  # ours, and the one that hangs
    finally:
        frozen.resume()


def test_22_a_frozen_server_is_as_a_black_hole(place: ConfigFolder, watching: Watching, postgres18: Postgres) -> None:
    watched(place, postgres18.dsn("monitor"), "up", "connections", every="3s", timeout="1s")
    watch = watching(place)
    watch.sli("connections", value=1)
    postgres18.freeze()
    try:
        contact_lost(watch, "no (answer|connection) within 1 s")
        assert status(place).source("db")["error"] == "no connection within 1 s"
    finally:
        postgres18.thaw()
    watch.sli("up", within_s=20, status="ok", value=1)


def test_22_a_frozen_postmaster_lets_us_go_on_but_nobody_in(
    place: ConfigFolder, watching: Watching, postgres18: Postgres
) -> None:
    watched(place, postgres18.dsn("monitor"), "up", "connections")
    watch = watching(place)
    watch.sli("connections", value=1)
    postmaster = psutil.Process(postgres18.server.child.pid)
    postmaster.suspend()
    try:
        hang = "NEW LOGINS HANG: no answer to one within 900 ms; our session still works"
        watch.source("db", within_s=20, status="warning", error=hang)
        watch.shows(r"db ◆ .*NEW LOGINS HANG")
        watch.sli("up", status="warning", value=1, reason="NEW LOGINS HANG")
        watch.sli("connections", status="ok", value=1)
        told = status(place)
        assert (told.source("db")["status"], told.source("db")["error"]) == ("critical", "no connection within 0.9 s")
        assert told.sli("up")["value"] == 0
    finally:
        postmaster.resume()
    watch.source("db", status="ok", error=None)
    watch.sli("up", status="ok", value=1)
    assert postgres18.execute("select count(*) from pg_stat_activity where application_name = 'ontui'") == [(1,)]


def held_in_recovery(server: PostgresServer) -> None:
    """Start it again so that it recovers for as long as its file `hold` exists."""
    hold = server.data.parent / "hold"
    hold.touch()
    (server.data / "recovery.signal").touch()
    with (server.data / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"restore_command = 'while [ -e {hold} ]; do sleep 0.1; done; false'\n")
    account = demoted_account()
    if account is not None:
        shutil.chown(server.data / "recovery.signal", account.uid, account.gid)
    argv = server.child.process.args
    assert isinstance(argv, list)
    server.child = spawn(
        argv, cwd=server.data.parent, log=server.child.log, env={"PATH": os.defpath, "TZ": "UTC"},
        as_user=account, stop_signal=signal.SIGINT, death_signal=signal.SIGQUIT,
    )  # fmt: skip


def test_23_a_restart_is_starting_then_well_and_compares_no_counters_across_it(
    place: ConfigFolder, watching: Watching, own_server: PostgresServer
) -> None:
    watched(place, own_server.dsn(), "up", "transactions_per_second", every="2s", timeout="1500ms")
    watch = watching(place)
    watch.sli("transactions_per_second", within_s=20, status="ok")
    own_server.stop()
    watch.source("db", status="critical", error="connection refused|server closed|terminating|not yet")
    watch.sli("up", value=0)
    held_in_recovery(own_server)
    watch.source("db", within_s=20, status="critical", error=r"the database system is starting up")
    watch.shows(r"db ▲ down.*the database system is starting up")
    told = status(place)
    assert (told.source("db")["error"], told.sli("up")["value"]) == ("the database system is starting up", 0)
    (own_server.data.parent / "hold").unlink()
    watch.sli("up", within_s=20, status="ok", value=1)
    watch.source("db", error="the server was restarted")
    watch.shows(r"db ◆ .*the server was restarted")
    watch.sli("transactions_per_second", status="unknown", value=None, reason="collecting: connected again")
    assert any("the server was restarted" in event[-1] for event in watch.events())


def test_23_a_crash_is_recovering_then_well(
    place: ConfigFolder, watching: Watching, own_server: PostgresServer
) -> None:
    watched(place, own_server.dsn(), "up", "transactions_per_second", timeout="900ms")
    watch = watching(place)
    watch.source("db", status="ok")
    with psycopg.connect(own_server.dsn()) as stuck, psycopg.connect(own_server.dsn()) as victim:
        # The server waits 5 s for a session that does not die before it goes on to recover.
        os.kill(stuck.info.backend_pid, signal.SIGSTOP)
        os.kill(victim.info.backend_pid, signal.SIGKILL)
        watch.source("db", status="critical", error=r"the database system is in recovery mode")
        watch.shows(r"db ▲ down.*in recovery mode")
        eventually(lambda: let_in(own_server.dsn()), within_s=30)
    watch.sli("up", within_s=20, status="ok", value=1)
    seen = watch.sli("transactions_per_second", within_s=20, status="ok")
    assert 0 <= seen["value"] < 100
    assert all(0 <= point.value < 100 for point in points(watch) if point.value is not None)
    assert None in [point.value for point in points(watch)]


def points(watch: Watch) -> list[Point]:
    """What the sparkline of the transactions is drawn from."""
    return list(watch.engine.state.indicators["transactions_per_second"].history)
