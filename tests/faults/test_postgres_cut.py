"""What our own death leaves on a server: nothing, also of a statement that would have run for long."""

import signal

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.postgres_setup import watched
from tests.servers.pgbouncer import Pooler
from tests.servers.postgres import Postgres

RUNNING = "select count(*) from pg_stat_activity where query like 'select 1 from pg_sleep(20)%' and state = 'active'"
SLEEPS = "slow: sql: select 1 from pg_sleep(20)"


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda blow: blow.name)
def test_a_statement_ends_with_the_command_that_asked_it(
    place: ConfigFolder, any_postgres: Postgres, blow: signal.Signals
) -> None:
    watched(place, any_postgres.dsn("monitor"), SLEEPS, every="20s", timeout="15s")
    with place.going("status") as command:
        eventually(lambda: any_postgres.execute(RUNNING) == [(1,)], within_s=20)
        command.send_signal(blow)
        eventually(lambda: any_postgres.execute(RUNNING) == [(0,)], within_s=5)


def test_a_statement_ends_with_the_command_behind_a_pooler(
    place: ConfigFolder, pooler: Pooler, postgres15: Postgres
) -> None:
    watched(place, pooler.dsn, SLEEPS, every="20s", timeout="15s")
    with place.going("status") as command:
        eventually(lambda: postgres15.execute(RUNNING) == [(1,)], within_s=20)
        command.kill()
        eventually(lambda: postgres15.execute(RUNNING) == [(0,)], within_s=5)
