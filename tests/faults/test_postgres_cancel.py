"""Row 28: a statement is cancelled and a session ended only while they are those that were looked at."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.conftest import Watching
from tests.faults.postgres_setup import watched
from tests.faults.watch import status
from tests.servers.postgres import Postgres, Session

WHO = "pid = %(pid)s and backend_start = %(began)s::timestamptz and backend_type = 'client backend'"
WHAT = f"{WHO} and query_start = %(asked)s::timestamptz and state = 'active' and pid <> pg_backend_pid()"
ACTIONS = f"""actions:
  cancel:
    title: Cancel one statement
    source: db
    sql: "select pg_cancel_backend(pid) from pg_stat_activity where {WHAT}"
    preview_sql: "select pid, query_start, application_name from pg_stat_activity where {WHAT}"
    danger: change
    inputs:
      pid: {{type: integer, default: PID}}
      began: {{type: string, pattern: "[-0-9:. +]+", default: "BEGAN"}}
      asked: {{type: string, pattern: "[-0-9:. +]+", default: "ASKED"}}
  end:
    title: End one session
    source: db
    sql: "select pg_terminate_backend(pid) from pg_stat_activity where {WHO}"
    preview_sql: "select pid, backend_start, application_name from pg_stat_activity where {WHO}"
    danger: change
    inputs:
      pid: {{type: integer, default: PID}}
      began: {{type: string, pattern: "[-0-9:. +]+", default: "BEGAN"}}
"""
NOT_CANCELLED = "0 statements cancelled: already gone, nothing was signalled"
NOT_ENDED = "0 sessions ended: already gone, nothing was signalled"


@dataclass(slots=True)
class Victim:
    """A session that runs one statement after another, each until it is cancelled."""

    postgres: Postgres
    session: Session
    thread: threading.Thread = field(init=False)

    def begin(self) -> None:
        """Run a statement for a long time."""

        def run() -> None:
            try:
                self.session.execute("select pg_sleep(120)")
            except psycopg.errors.QueryCanceled:
                return

        self.thread = threading.Thread(target=run)
        self.thread.start()
        eventually(self.facts)

    def cancel(self) -> None:
        """End the statement that runs."""
        self.session.cancel_safe()
        self.thread.join()

    def facts(self) -> tuple[str, str, str] | None:
        """Its pid, when its session began, and when the statement was asked that runs now."""
        rows = self.postgres.execute(
            "select pid::text, backend_start::text, query_start::text from pg_stat_activity"
            f" where pid = {self.session.info.backend_pid} and state = 'active'"
        )
        return rows[0] if rows else None


@pytest.fixture
def victim(postgres18: Postgres) -> Iterator[Victim]:
    with postgres18.session("plain", name="app") as session:
        victim = Victim(postgres18, session)
        victim.begin()
        yield victim
        victim.cancel()


def configured(place: ConfigFolder, victim: Victim) -> tuple[str, str, str]:
    """A config whose actions are about the statement that runs now."""
    facts = victim.facts()
    assert facts is not None
    actions = ACTIONS
    for word, fact in zip(("PID", "BEGAN", "ASKED"), facts, strict=True):
        actions = actions.replace(word, fact)
    active = "connections_active: metric: connections_active, actions: [cancel]"
    watched(place, victim.postgres.dsn(), active, "longest_query", more=actions)
    return facts


def test_28_a_statement_that_is_another_one_by_now_is_not_cancelled(place: ConfigFolder, victim: Victim) -> None:
    pid, began, asked = configured(place, victim)
    shown = place.run("action", "show", "cancel")
    assert "1 now" in shown.out, shown
    victim.cancel()
    victim.begin()
    other = victim.facts()
    assert other is not None
    assert other[:2] == (pid, began)
    ended = place.run("action", "run", "cancel", "--confirm", "y")
    assert (ended.code, NOT_CANCELLED in ended.err) == (0, True), ended
    assert victim.facts() == other
    told = status(place)
    assert (told.sli("connections_active")["value"], told.sli("longest_query")["status"]) == (1, "ok")
    ended = place.run("action", "run", "cancel", "-p", f"asked={other[2]}", "--confirm", "y")
    assert "1 statement cancelled" in ended.err
    eventually(lambda: victim.facts() is None)
    assert asked != other[2]


def test_28_a_pid_that_was_given_out_again_is_not_ended(place: ConfigFolder, victim: Victim) -> None:
    pid, _, _ = configured(place, victim)
    earlier = "2026-01-01 00:00:00+00"  # the session that had this pid then
    ended = place.run("action", "run", "end", "-p", f"began={earlier}", "--confirm", "y")
    assert (ended.code, NOT_ENDED in ended.err) == (0, True), ended
    assert status(place).sli("connections_active")["value"] == 1
    assert (victim.facts() or ("",))[0] == pid


def test_28_what_moved_between_look_and_word_is_shown_and_then_not_touched(
    place: ConfigFolder, watching: Watching, victim: Victim
) -> None:
    configured(place, victim)
    watch = watching(place)
    watch.sli("connections_active", status="ok", value=1)
    watch.press("x")
    watch.shows("Cancel one statement")
    watch.press("enter", "enter", "enter", "enter")
    watch.shows("hits +1 now +app 1")
    victim.cancel()
    victim.begin()
    other = victim.facts()
    watch.press("y")
    watch.shows("Something moved")
    watch.shows("hits +0 now")
    assert victim.facts() == other
    watch.press("y")
    watch.shows(NOT_CANCELLED)
    assert victim.facts() == other
    assert watch.sli("connections_active", status="ok")["value"] == 1
