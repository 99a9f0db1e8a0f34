"""What a poll says, and how soon, when the server or the way to it is not well."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from ontui.demo.postgres import PostgresServer
from ontui.demo.process import listening_socket
from ontui.domain.sample import FaultKind, Sample
from ontui.sources.postgres import PostgresPoller
from ontui.sources.postgres_faults import fault_of
from ontui.sources.postgres_probe import refusal
from tests.eventually import eventually_async
from tests.servers.alone import started_again
from tests.servers.postgres import Postgres
from tests.servers.proxy import ProxyMaker
from tests.sources.leaving import leaves_promptly
from tests.sources.postgres_poll import polled, poller, sli, values

DEADLINE_S = 1.0
LATE_S = 3.0
"""A busy machine is no slow deadline: without one it would take a minute and more."""


async def timed(made: PostgresPoller) -> tuple[Sample, float]:
    """A poll and how long it took."""
    began = time.monotonic()
    sample = await made.poll()
    return sample, time.monotonic() - began


async def test_a_black_hole_costs_one_deadline_and_is_left_again(any_postgres: Postgres, proxy: ProxyMaker) -> None:
    way = proxy(any_postgres.address)
    async with poller(any_postgres.dsn("monitor", via=way), sli("up"), timeout_s=DEADLINE_S) as made:
        assert values(await made.poll()) == {"up": 1}
        way.black_hole()
        for words in ("no answer within 1 s", "no connection within 1 s"):
            sample, took_s = await timed(made)
            assert took_s < DEADLINE_S + LATE_S
            assert sample.fault is not None
            assert (sample.fault.kind, sample.fault.text) == (FaultKind.TIMEOUT, words)
            assert values_of(sample) == {"up": 0}
        way.heal()
        assert values(await made.poll()) == {"up": 1}


def values_of(sample: Sample) -> dict[str, float | None]:
    return {name: reading.value for name, reading in sample.readings.items()}


async def test_a_frozen_server_costs_one_deadline_and_thaws(any_postgres: Postgres) -> None:
    async with poller(any_postgres.dsn("monitor"), sli("up"), timeout_s=DEADLINE_S) as made:
        await made.poll()
        any_postgres.freeze()
        try:
            sample, took_s = await timed(made)
        finally:
            any_postgres.thaw()
        assert took_s < DEADLINE_S + LATE_S
        assert sample.fault is not None
        assert sample.fault.kind is FaultKind.TIMEOUT
        assert values(await made.poll()) == {"up": 1}


async def test_closing_and_cancelling_are_prompt_in_a_black_hole(postgres15: Postgres, proxy: ProxyMaker) -> None:
    way = proxy(postgres15.address)
    await leaves_promptly(way, lambda: poller(postgres15.dsn("monitor", via=way), timeout_s=30))


@pytest.mark.parametrize("fault", ["reset", "cut"])
async def test_a_broken_connection_is_replaced_within_the_poll(
    postgres15: Postgres, proxy: ProxyMaker, fault: str
) -> None:
    way = proxy(postgres15.address)
    async with poller(postgres15.dsn("monitor", via=way), sli("up")) as made:
        await made.poll()
        if fault == "reset":
            way.reset()
            way.heal()
        else:
            mine = "application_name = 'ontui'"
            postgres15.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where {mine}")
        sample = await made.poll()
    assert values(sample) == {"up": 1}
    assert sample.findings[0].startswith("our session was ended, reconnected: ")
    if fault == "cut":
        assert sample.findings[0].endswith("terminating connection due to administrator command (57P01)")


async def test_a_full_server_is_still_counted_by_who_is_in(any_postgres: Postgres) -> None:
    postgres = any_postgres
    metrics = [sli("connections"), sli("connections_used_ratio"), sli("up")]
    with contextlib.ExitStack() as crowd:
        async with poller(postgres.dsn("monitor"), *metrics) as inside:
            await inside.poll()
            for _ in range(36):
                crowd.enter_context(postgres.session("plain"))
            sample = await inside.poll()
            assert values(sample) == {"connections": 37, "connections_used_ratio": 1, "up": 1}
            full = "TOO MANY CLIENTS: 37 of 37 slots used, new connections are refused (53300)"
            assert sample.findings == (full,)
            for reserved in (True, False):  # with and without the superuser's own slots being left
                late = await polled(postgres.dsn("monitor"), *metrics)
                assert late.fault is not None
                assert late.fault.kind is FaultKind.SATURATED
                assert late.fault.text == "TOO MANY CLIENTS: server refuses new connections (53300)"
                assert values_of(late) == {"up": 0}
                if reserved:
                    for _ in range(3):
                        crowd.enter_context(postgres.session("postgres"))
            state = await refusal("127.0.0.1", str(postgres.server.port), "plain", "postgres", 2)
            assert state == "53300"
            french = psycopg.OperationalError("FATAL: désolé, trop de clients sont déjà connectés")
            assert fault_of(french).kind is FaultKind.LOST
            assert fault_of(french, state).text == "TOO MANY CLIENTS: server refuses new connections (53300)"
    assert await refusal("127.0.0.1", str(postgres.server.port), "plain", "postgres", 2) == ""
    assert fault_of(french, "").kind is FaultKind.AUTH  # it asks for a password: it is not down


@pytest.mark.parametrize(
    ("change", "kind", "text"),
    [
        (("plain-word", "wrong-word"), FaultKind.AUTH, 'password authentication failed for user "plain"'),
        ((":plain-word@", "@"), FaultKind.AUTH, "fe_sendauth: no password supplied"),
        (("/postgres?", "/none?"), FaultKind.CONFIG, 'database "none" does not exist'),
        (("sslmode=disable", "sslmode=require"), FaultKind.TLS, "server does not support SSL, but SSL was required"),
        (("127.0.0.1", "no-such-host.invalid"), FaultKind.DNS, "not known"),
        (("sslmode=disable", "target_session_attrs=standby"), FaultKind.CONFIG, "server is not in hot standby mode"),
        (("postgresql://", "postgresql:/"), FaultKind.CONFIG, "neither a postgresql:// URI nor key=value pairs"),
        (("sslmode=disable", "sslmode=never"), FaultKind.CONFIG, "invalid sslmode value"),
        (("sslmode=disable", "options=-c%20nonsense%3D1"), FaultKind.CONFIG, '"nonsense"'),
    ],
)
async def test_each_refusal_is_named(postgres18: Postgres, change: tuple[str, str], kind: FaultKind, text: str) -> None:
    dsn = postgres18.dsn("plain").replace(*change)
    sample = await polled(dsn, sli("up"))
    assert sample.fault is not None
    assert sample.fault.kind is kind, sample.fault
    assert text in sample.fault.text
    assert "\n" not in sample.fault.text
    assert "-word" not in sample.fault.text
    assert sample.readings == {}


async def test_a_closed_port_and_an_unknown_language_are_named() -> None:
    with listening_socket() as free:
        port = free.getsockname()[1]
    sample = await polled(f"postgresql://nobody:word@127.0.0.1:{port}/db", sli("up"))
    assert sample.fault is not None
    assert (sample.fault.kind, sample.fault.text) == (FaultKind.REFUSED, "connection refused")
    sample = await polled(f"postgresql:///db?host=/tmp/none&port={port}&user=me", sli("up"))
    assert sample.fault is not None
    assert (sample.fault.kind, sample.fault.text) == (FaultKind.REFUSED, "no server at this socket")


async def test_a_restart_is_survived_told_and_starts_the_deltas_again(own_server: PostgresServer) -> None:
    async with poller(own_server.dsn(), sli("up"), sli("transactions_per_second"), one_shot=True) as made:
        assert values(await made.poll())["transactions_per_second"] is not None
        before = (await made.poll()).identity
        own_server.stop()
        down = await made.poll()
        assert down.fault is not None
        assert down.fault.kind is FaultKind.REFUSED
        own_server.child = started_again(own_server)
        made._looker._one_shot = False
        up = await made.poll()
        reading = up.readings["transactions_per_second"]
        assert (reading.value, reading.reason) == (None, "collecting: connected again")
        assert up.findings == ("the server was restarted",)
        assert up.identity != before


async def test_crash_recovery_is_starting_and_then_well(own_server: PostgresServer) -> None:
    kinds: list[FaultKind | None] = []
    async with poller(own_server.dsn(), sli("up"), sli("transactions_per_second"), one_shot=True) as made:
        await made.poll()
        with psycopg.connect(own_server.dsn()) as victim:
            os.kill(victim.info.backend_pid, signal.SIGKILL)

            async def well_again() -> bool:
                sample = await made.poll()
                kinds.append(sample.fault.kind if sample.fault else None)
                tps = sample.readings.get("transactions_per_second")
                assert tps is None or tps.value is None or tps.value >= 0
                return sample.fault is None and made._looker._counters.why == "connected again"

            await eventually_async(well_again, every_s=0.0)
    assert set(kinds) <= {None, FaultKind.STARTING, FaultKind.LOST}


def test_words_of_a_server_that_is_starting_or_leaving() -> None:
    table = {
        "connection failed: connection to server at \"10.0.0.1\", port 5432 failed: FATAL:  the database system is"
        " starting up": (FaultKind.STARTING, "the database system is starting up"),
        "FATAL:  the database system is in recovery mode": (
            FaultKind.STARTING, "the database system is in recovery mode",
        ),
        "FATAL:  the database system is shutting down": (FaultKind.STARTING, "the database system is shutting down"),
        'FATAL:  too many connections for role "app"': (
            FaultKind.SATURATED, 'TOO MANY CLIENTS: too many connections for role "app" (53300)',
        ),
        "FATAL:  query_wait_timeout": (FaultKind.SATURATED, "POOL EXHAUSTED: query_wait_timeout"),
        "connection failed: connection to server at \"10.0.0.1\", port 5432 failed: No route to host\n\tIs the server"
        " running on that host and accepting TCP/IP connections?": (FaultKind.UNREACHABLE, "No route to host"),
        "SSL error: certificate verify failed": (FaultKind.TLS, "SSL error: certificate verify failed"),
        "SSL connection has been closed unexpectedly": (FaultKind.TLS, "SSL connection has been closed unexpectedly"),
        "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally": (
            FaultKind.LOST, "server closed the connection unexpectedly",
        ),
        "évidemment \x1b[31m": (FaultKind.LOST, "évidemment �[31m"),
    }  # fmt: skip
    for text, (kind, words) in table.items():
        fault = fault_of(psycopg.OperationalError(text))
        assert (fault.kind, fault.text) == (kind, words)


def test_the_library_writes_nothing_over_what_is_printed() -> None:
    code = "import logging, ontui.sources.postgres; logging.getLogger('psycopg').warning('cancellation interrupted')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stderr == ""
