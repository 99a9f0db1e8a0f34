"""Each launcher does what it says, and nothing outlives the tests."""

import math
import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from tests import environment
from tests.eventually import eventually
from tests.servers import history
from tests.servers.exporter import Exporter
from tests.servers.postgres import Postgres
from tests.servers.prometheus import Prometheus

ROOT = Path(__file__).parents[2]


def test_history_answers_as_computed(prometheus: Prometheus) -> None:
    """Off the sample grid, so that closed and left-open ranges agree."""
    at = prometheus.history_end - 7.5
    rates = prometheus.query("sum by (code) (rate(shop_requests_total[5m]))", at)
    assert rates == pytest.approx({'{code="200"}': 10.0, '{code="500"}': 0.5})
    p95 = "histogram_quantile(0.95, sum by (le) (rate(shop_latency_seconds_bucket[5m])))"
    assert prometheus.value(p95, at) == pytest.approx(history.P95_S)
    assert prometheus.value("shop_queue_depth", at) == history.queue_depth(prometheus.history_end - 15)
    assert prometheus.query("shop_room_celsius", at) == {
        f'shop_room_celsius{{room="{room}"}}': celsius for room, celsius in history.ROOMS.items()
    }
    assert math.isnan(prometheus.value("shop_broken", at) or 0)
    assert prometheus.value("shop_overflow", at) == math.inf
    assert prometheus.value("shop_stopped", at) is None
    assert prometheus.value("shop_stopped", at - history.STOPPED_S) == 7


def test_scrapes_what_the_test_exposes(prometheus: Prometheus, exporter: Exporter) -> None:
    eventually(lambda: prometheus.value("up") == 1, within_s=15)
    exporter.expose("live_temperature 99")
    eventually(lambda: prometheus.value("live_temperature") == 99)
    exporter.fail()
    eventually(lambda: prometheus.value("up") == 0)
    assert prometheus.value("live_temperature") is None


def test_pushed_samples_are_there_at_once(prometheus: Prometheus) -> None:
    now = time.time()
    labels = {"__name__": "pushed", "kind": "a" * 70000}  # longer than one snappy literal
    prometheus.push(labels, [(now - 5400, 1.0), (now, 2.5)])
    assert prometheus.value("sum(pushed)") == 2.5
    assert prometheus.value("sum(pushed)", now - 5400) == 1.0


def test_prometheus_freezes_stops_and_comes_back(prometheus: Prometheus) -> None:
    prometheus.freeze()
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{prometheus.url}/-/ready", timeout=0.3)
    prometheus.thaw()
    assert prometheus.value("vector(1)") == 1
    prometheus.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(prometheus.url, timeout=0.3)
    prometheus.start()
    assert prometheus.value("count(shop_room_celsius)", prometheus.history_end) == 3


def test_both_versions_are_real(postgres15: Postgres, postgres18: Postgres) -> None:
    assert [int(server.execute("show server_version_num")[0][0]) // 10000 for server in (postgres15, postgres18)] == [
        15, 18,
    ]  # fmt: skip
    assert (postgres15.major, postgres18.major) == (15, 18)


def test_roles_see_what_they_may(postgres: Postgres) -> None:
    query = "select query from pg_stat_activity where application_name = 'other'"
    with postgres.session(name="other") as other:
        other.execute("select 1")
        with postgres.session("monitor") as monitor:
            assert monitor.execute(query).fetchall() == [("select 1",)]
        with postgres.session("plain") as plain:
            assert plain.execute(query).fetchall() == [("<insufficient privilege>",)]
    assert postgres.execute("select count(*) > 0 from pg_stat_statements") == [(True,)]


def test_wrong_password_is_refused(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.dsn("monitor").replace("monitor-word", "wrong"))


def test_database_is_made_and_dropped(postgres: Postgres) -> None:
    with postgres.database() as name:
        assert postgres.execute("select current_database()", name) == [(name,)]
    assert postgres.execute(f"select 1 from pg_database where datname = '{name}'") == []


def test_frozen_postgres_is_silent_on_old_and_new_connections(postgres: Postgres) -> None:
    with postgres.session() as session:
        postgres.freeze()
        with pytest.raises(psycopg.errors.ConnectionTimeout):
            psycopg.connect(postgres.dsn(), connect_timeout=2)
        session.pgconn.send_query(b"select 1")
        session.pgconn.flush()
        assert not _readable(session.fileno(), 0.2)
        postgres.thaw()
        assert _readable(session.fileno(), 5)


def test_rest_ends_sessions(postgres: Postgres) -> None:
    with postgres.session() as session:
        postgres.freeze()
        postgres.rest()
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")


def test_nothing_outlives_a_killed_session(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    _write_test(
        tmp_path,
        f"""
        def test_held(prometheus, postgres15, postgres18):
            children = psutil.Process().children(recursive=True)
            Path({str(pids)!r}).write_text(" ".join(str(child.pid) for child in children) + "\\n")
            time.sleep(300)
        """,
    )
    session = subprocess.Popen(_pytest(tmp_path), cwd=ROOT, env=environment.ORIGINAL, stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: pids.exists() and pids.read_text().endswith("\n"), within_s=60)
        started = [int(pid) for pid in pids.read_text().split()]
        assert sum(_lives(pid) for pid in started) >= 3  # the servers; a worker of PostgreSQL may have ended meanwhile
        folders = list(Path("/tmp").glob(f"ontui-t-{session.pid}-*"))
        assert len(folders) == 1
    finally:
        session.send_signal(signal.SIGKILL)
        session.wait()
    eventually(lambda: not any(_lives(pid) for pid in started), within_s=5)
    environment.make_folder().rmdir()
    eventually(lambda: not folders[0].exists(), within_s=5)  # another session may be sweeping it too


def test_missing_server_is_loud(tmp_path: Path) -> None:
    _write_test(tmp_path, "def test_never_runs(prometheus): pass")
    bare = {"ONTUI_TEST_SERVERS": "fetched", "ONTUI_TEST_SERVERS_CACHE": str(tmp_path / "cache"), "PATH": str(tmp_path)}
    done = subprocess.run(
        _pytest(tmp_path), cwd=ROOT, env=environment.ORIGINAL | bare, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "real servers missing: this machine has no apt-get. They are" in done.stdout + done.stderr


def test_environment_is_ours() -> None:
    assert not {"NO_COLOR", "COLORTERM", "PGHOST", "TEXTUAL_THEME"} & os.environ.keys()
    assert all(os.environ[f"XDG_{kind}_HOME"].startswith("/tmp/ontui-t-") for kind in ("CONFIG", "STATE", "CACHE"))


def test_late_theme_is_refused() -> None:
    env = environment.ORIGINAL | {"TEXTUAL_THEME": "nord"}
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_eventually.py"]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "unset TEXTUAL_THEME" in done.stdout + done.stderr


def _write_test(folder: Path, body: str) -> None:
    head = "import time\nfrom pathlib import Path\nimport psutil\n\n"
    (folder / "test_inner.py").write_text(head + textwrap.dedent(body))


def _pytest(folder: Path) -> list[str]:
    """A session of its own, with our fixtures, over the test in ``folder``."""
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:textual-snapshot",
        "-p",
        "tests.conftest",
        "-c",
        "pyproject.toml",
        "--rootdir",
        str(ROOT),
    ]
    return [sys.executable, "-m", "pytest", *options, str(folder / "test_inner.py")]


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _readable(descriptor: int, within_s: float) -> bool:
    return bool(select.select([descriptor], [], [], within_s)[0])
