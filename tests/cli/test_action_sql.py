"""`ontui action` with SQL, on a real PostgreSQL."""

import contextlib
from collections.abc import Iterator

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.servers.postgres import Postgres, Session

CONFIG = """version: 1
system: {{id: shop, environment: live, production: true}}
sources: {{db: {{type: postgres, dsn: "${{SHOP_DSN}}", every: 1s, timeout: 900ms}}}}
slis:
  idle:
    title: idle sessions
    source: db
    sql: select count(*) from pg_stat_activity where application_name like 'forgotten%%'
    objective: "<= 0"
actions:
  end-idle:
    title: End forgotten sessions
    source: db
    sql: |
      select pid, application_name, pg_terminate_backend(pid) from pg_stat_activity
      where application_name like 'forgotten%%'
    preview_sql: |
      select pid, application_name from pg_stat_activity where application_name like 'forgotten%%'
    danger: destroy
    verify: {{sli: idle, within: 10s}}
  look:
    source: db
    sql: select 1 as one, %(word)s::text as word
    danger: read
    inputs: {{word: {{type: string, pattern: ".*"}}}}
  write: {{source: db, sql: "create temp table gone (x int)", danger: read}}
  slow: {{source: db, sql: "select pg_sleep(120)", danger: read, timeout: 1s}}
  long: {{source: db, sql: "select pg_sleep(300), 'long'", danger: change, timeout: 10m}}
  wrong: {{source: db, sql: "select \\"no such\\" from nowhere", danger: read}}
""".replace("%%", "%")


@pytest.fixture(autouse=True)
def _database(place: ConfigFolder, postgres: Postgres) -> None:
    place.write(CONFIG.format())
    place.environ["SHOP_DSN"] = postgres.dsn()


@contextlib.contextmanager
def forgotten(postgres: Postgres, count: int, name: str = "forgotten") -> Iterator[list[Session]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(postgres.session(name=f"{name} {n}")) for n in range(count)]


def left(postgres: Postgres) -> int:
    rows = postgres.execute("select count(*) from pg_stat_activity where application_name like 'forgotten%'")
    return int(rows[0][0])


def test_the_plan_counts_what_it_would_hit_and_hits_nothing(place: ConfigFolder, postgres: Postgres) -> None:
    with forgotten(postgres, 3):
        shown = place.run("action", "show", "end-idle")
        assert shown.code == 0
        assert "3 now" in shown.out
        assert "pg_terminate_backend(pid)" in shown.out
        assert "--confirm shop" in shown.out
        assert left(postgres) == 3


def test_it_ends_the_sessions_and_the_verdict_says_that_it_helped(place: ConfigFolder, postgres: Postgres) -> None:
    with forgotten(postgres, 3):
        assert place.run("action", "run", "end-idle").code == 3
        assert left(postgres) == 3
        ended = place.run("action", "run", "end-idle", "--confirm", "shop")
        assert ended.code == 0, ended
        assert "ok: 3 sessions ended" in ended.err
        assert "Recovered." in ended.out
        eventually(lambda: left(postgres) == 0)
    assert place.results("end-idle") == [
        ("planned", "planned"),
        ("refused", "refused"),
        ("planned", "planned"),
        ("run started", "running"),
        ("run ended", "ok"),
        ("verdict", "recovered"),
    ]


def test_values_are_bound(place: ConfigFolder) -> None:
    word = "'; drop table x; --"
    ended = place.run("action", "run", "look", "-p", f"word={word}")
    assert ended.code == 0
    assert word in ended.out


def test_reading_actions_cannot_write(place: ConfigFolder) -> None:
    ended = place.run("action", "run", "write")
    assert ended.code == 1
    assert "read-only transaction" in ended.err
    assert place.results("write")[-1] == ("run ended", "failed")


def test_the_time_limit_cancels_on_the_server(place: ConfigFolder, postgres: Postgres) -> None:
    ended = place.run("action", "run", "slow", within_s=40)   # it would sleep for longer
    assert (ended.code, ended.err.partition(":")[0]) == (1, "timed out")
    sleeping = "select count(*) from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'"
    eventually(lambda: postgres.execute(sleeping)[0][0] == 0)


def long_ones(postgres: Postgres) -> list[int]:
    running = "select pid from pg_stat_activity where query like '%''long''%' and state = 'active'"
    return [pid for (pid,) in postgres.execute(f"{running} and pid <> pg_backend_pid()")]


def test_killed_with_no_chance_to_say_so_it_ends_on_the_server_too(place: ConfigFolder, postgres: Postgres) -> None:
    with place.going("action", "run", "long", "--confirm", "shop") as process:
        eventually(lambda: long_ones(postgres), within_s=20)
        process.kill()
        eventually(lambda: not long_ones(postgres), within_s=4)
    assert place.run("action", "run", "look", "-p", "word=x").code == 0
    assert place.results("long")[-1] == ("run ended", "lost")
    lost = [event for event in place.events() if event[3:5] == ["long", "lost"]]
    assert "its statement may have gone on" in lost[0][5]


def test_the_same_statement_does_not_run_twice_from_two_machines(place: ConfigFolder, postgres: Postgres) -> None:
    with place.going("action", "run", "long", "--confirm", "shop") as process:
        (pid,) = eventually(lambda: long_ones(postgres), within_s=20)
        place.environ["XDG_STATE_HOME"] = str(place.folder / "elsewhere")
        ended = place.run("action", "run", "long", "--confirm", "shop")
        assert long_ones(postgres) == [pid]
        process.kill()
    assert ended.code == 3
    assert f"refused: this statement is still running on the server: pid {pid}, for" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_an_error_of_the_server_is_one_line(place: ConfigFolder) -> None:
    ended = place.run("action", "run", "wrong")
    assert ended.code == 1
    assert 'relation "nowhere" does not exist' in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_password_is_nowhere(place: ConfigFolder, postgres: Postgres) -> None:
    place.environ["SHOP_DSN"] = postgres.dsn("monitor")
    for ended in (
        place.run("action", "show", "end-idle"),
        place.run("action", "run", "look", "-p", "word=monitor-word"),
        place.run("status", "--json"),
    ):
        assert ended.out
        assert "monitor-word" not in ended.out + ended.err
    assert b"monitor-word" not in place.journal.read_bytes()


def test_names_of_sessions_are_cleaned(place: ConfigFolder, postgres: Postgres) -> None:
    with forgotten(postgres, 1, name="forgotten \x1b]52;c;Zm9v\x07\u202e"):
        ended = place.run("action", "run", "end-idle", "--confirm", "shop")
        assert ended.code == 0
        assert "forgotten" in ended.out
        assert not set(ended.out) & {"\x1b", "\x07", "\u202e"}


def test_without_its_server_it_is_refused(place: ConfigFolder) -> None:
    place.environ["SHOP_DSN"] = "postgresql://nobody@127.0.0.1:9/nothing"
    ended = place.run("action", "run", "end-idle", "--confirm", "shop")
    assert (ended.code, ended.out) == (3, "")
    assert len(ended.err.splitlines()) == 1
