"""The story goes wrong by itself, and what repairs it repairs it for real."""

import itertools
import subprocess
import time

import psycopg

from tests.demo.looking import Look
from tests.eventually import eventually


def hit_rate(look: Look) -> float:
    """Of the look-ups in the next quarter of a second."""
    before = look.metrics()
    time.sleep(0.25)
    after = look.metrics()
    hits, misses = (after[name] - before[name] for name in ("cache_hits_total", "cache_misses_total"))
    return hits / (hits + misses)


def share_slower_than(look: Look, bound: str) -> float:
    """Of the requests in the next quarter of a second."""
    before = look.metrics()
    time.sleep(0.25)
    after = look.metrics()
    below, all_of_them = (
        after[name] - before[name]
        for name in (
            f'http_request_duration_seconds_bucket{{le="{bound}"}}',
            "http_request_duration_seconds_count",
        )
    )
    return 1 - below / all_of_them


def by_age(session: psycopg.Connection, sql: str) -> list[tuple[object, ...]]:
    """The repair's SQL as configured, for a story in which a second counts for twenty."""
    return session.execute(sql.replace("interval '30 seconds'", "interval '1 second'").encode()).fetchall()


def test_it_goes_wrong_and_is_put_right(story: Look) -> None:
    with story.session() as session:
        assert hit_rate(story) > 0.85
        assert story.pool(session) < 0.6

        eventually(lambda: hit_rate(story) < 0.4, within_s=10)
        eventually(lambda: story.pool(session) > 0.9, within_s=10)
        eventually(lambda: share_slower_than(story, "2") > 0.05, within_s=5)
        assert story.pool(session) <= 1.0
        eventually(lambda: story.metrics()["cache_memory_used_bytes"] > 0.95 * 512 * 1024**2, within_s=5)

        action = story.config()["actions"]["end-idle-sessions"]
        before = len(by_age(session, action["preview_sql"]))
        assert before >= 10
        ended = by_age(session, action["sql"])
        assert all(row[2] is True for row in ended)
        assert len(ended) >= 10
        eventually(lambda: story.pool(session) < 0.7, within_s=3)
        for _ in range(5):  # the reports do not leak again at once
            assert story.pool(session) < 0.7
            time.sleep(0.1)

        restarted = story.run("restart-cache")
        assert restarted.returncode == 0, restarted.stderr
        assert len(restarted.stdout.splitlines()) >= 5
        eventually(lambda: hit_rate(story) > 0.85, within_s=5)
        eventually(lambda: share_slower_than(story, "0.3") < 0.05, within_s=5)
        assert story.metrics()["cache_memory_used_bytes"] < 0.8 * 512 * 1024**2
        log = story.run("show-api-logs").stdout
        assert "restarted, empty; warming" in log


def test_more_instances_bring_their_own_sessions(story: Look) -> None:
    with story.session() as session:
        count = "select count(*) from pg_stat_activity where application_name = 'web'"
        (before,) = session.execute(count).fetchone() or (0,)
        scaled = story.run("scale-api", instances="4")
        assert (scaled.returncode, scaled.stdout.splitlines()[-1]) == (0, "api  4 instances run")
        eventually(lambda: (session.execute(count).fetchone() or (0,))[0] > before, within_s=3)
        assert "4 instances" in story.run("service-status").stdout
        refused = story.run("scale-api", instances="21")
        assert refused.returncode == 1
        assert "1 to 20" in refused.stderr


def test_operators_output_arrives_line_by_line(story: Look) -> None:
    argv = story.config()["actions"]["restart-cache"]["run"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd="/", env={}) as running:
        assert running.stdout is not None
        times = [time.monotonic() for _ in running.stdout]
    assert times[-1] - times[0] > 0.8
    assert sum(later - earlier > 0.2 for earlier, later in itertools.pairwise(times)) >= 3
