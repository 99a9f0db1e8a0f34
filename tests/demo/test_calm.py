"""The world as it opens: whole, within its objectives, and usable by others."""

import json
import random
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from ontui.config.load import load
from ontui.demo import SCENARIOS, open_world
from ontui.demo.freight_api import LOG_BYTES, FreightApi
from ontui.demo.freight_system import Freight
from tests.demo.looking import Look, get
from tests.eventually import eventually

LIMITS = {
    "api_p95": (0.02, 0.3),
    "api_errors": (0.0001, 0.01),
    "api_throughput": (85.0, 120.0),
    "api_unauthorised": (0.001, 0.02),
    "cache_hit": (0.85, 0.99),
    "cache_evictions": (0.0, 10.0),
    "cache_memory": (0.4, 0.8),
    "replica_lag": (0.0, 0.1),
    "active_shipments": (900.0, 1100.0),
    "payment_success": (0.98, 1.0),
    "signups": (40.0, 65.0),
}


def test_every_indicator_is_within_its_objective_at_once_and_stays_there(calm: Look) -> None:
    assert set(calm.queries()) == set(LIMITS)
    for _ in range(3):
        for name, query in calm.queries().items():
            low, high = LIMITS[name]
            assert low <= calm.value(query) <= high, name
        time.sleep(0.4)


def test_an_hour_lies_behind_it_without_a_seam(calm: Look) -> None:
    now = time.time()
    for name, query in calm.queries().items():
        form = {"query": query, "start": str(now - 3600), "end": str(now), "step": "15"}
        status, answer = calm.prometheus("/api/v1/query_range", form)
        assert status == 200
        (series,) = answer["data"]["result"]
        values = [float(value) for _, value in series["values"]]
        low, high = LIMITS[name]
        assert len(values) >= 240, name
        assert all(low <= value <= high for value in values), (name, min(values), max(values))


def test_the_stand_in_names_itself_and_is_being_fed(calm: Look) -> None:
    assert calm.prometheus("/api/v1/status/buildinfo")[1]["data"] == {
        "application": "prombed",
        "version": "0.1.0 (PromQL subset)",
    }
    assert calm.world.describe()["prometheus"]["program"] == "prombed"
    assert calm.prometheus("/-/ready")[0] == 200
    assert calm.prometheus("/api/v1/targets")[1]["data"]["activeTargets"][0]["health"] == "up"
    before = calm.value("sum(http_requests_total)")
    eventually(lambda: calm.value("sum(http_requests_total)") > before, within_s=8)


def test_the_config_holds_from_any_folder(calm: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    config = load(calm.world.config_path)
    assert config.trusted, config.distrust
    assert config.system.production
    assert len(config.system.slis) >= 18


def test_health_is_asked_of_the_real_database(calm: Look) -> None:
    status, answer = get(calm.world.describe()["api"]["url"] + "/api/health")
    assert (status, answer["status"], answer["database"]) == (200, "ok", "ok")


def test_the_components_work_on_real_tables(calm: Look) -> None:
    with calm.session() as session:
        rows = session.execute("select application_name from pg_stat_activity where datname = 'freight'").fetchall()
        assert {"web", "reports", "cron"} <= {name for (name,) in rows}
        counted = "select count(*) from pg_stat_statements where query like '%from shipments%' and calls > 0"
        eventually(lambda: (session.execute(counted).fetchone() or (0,))[0])
        assert 0.25 <= calm.pool(session) <= 0.6


def test_the_watching_role_sees_all_and_owns_nothing(calm: Look) -> None:
    with calm.session() as session:
        row = session.execute(
            "select rolsuper, pg_has_role('pg_monitor', 'usage'), pg_has_role('pg_signal_backend', 'usage') "
            "from pg_roles where rolname = current_user"
        ).fetchone()
        assert row == (False, True, True)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("delete from shipments")


def test_wrong_passwords_are_refused(calm: Look) -> None:
    port = calm.world.describe()["postgres"]["port"]
    for user in ("postgres", "ontui", "freight_app"):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(f"postgresql://{user}:guess@127.0.0.1:{port}/freight")


def test_there_is_more_to_look_at_than_metrics_a_log_a_vendor_and_a_program(calm: Look) -> None:
    log = calm.world.root / "api-access.log"
    before = log.stat().st_size
    eventually(lambda: log.stat().st_size > before)
    assert " INFO  api     GET /api/shipments/" in log.read_text()
    status, vendor = get(calm.world.describe()["api"]["url"] + "/vendor/api/v2/summary.json")
    assert (status, vendor["status"]["indicator"]) == (200, "none")
    told = json.loads(subprocess.check_output([calm.world.root / "freightctl", "status", "--json"], timeout=20))
    assert told["replicas"] == 2
    assert calm.metrics()['circuit_breaker_open{to="cache"}'] == 0


def test_a_full_log_is_rotated_and_nothing_is_lost_on_the_way(tmp_path: Path) -> None:
    place = tmp_path / "api-access.log"
    api = FreightApi(Freight(0), "calm", 0.0, 1.0, "token", random.Random(0), place)
    lines = LOG_BYTES // 100
    for n in range(lines):
        api.say("INFO", "api", f"{n:06} " + "x" * 100)
    older, newer = (tmp_path / "api-access.log.1").read_text(), place.read_text()
    assert [int(line.split()[3]) for line in (older + newer).splitlines()] == list(range(lines))
    assert len(older) > LOG_BYTES > len(newer)


def test_the_control_door_wants_its_token(calm: Look) -> None:
    assert get(calm.world.describe()["api"]["url"] + "/control/restart-cache", {})[0] == 403


def test_what_holds_secrets_is_ours_alone(calm: Look) -> None:
    root = calm.world.root
    assert (root / "secrets").stat().st_mode & 0o077 == 0
    assert calm.world.config_path.stat().st_mode & 0o077 == 0
    assert (root / "freightctl").stat().st_mode & 0o077 == 0
    assert root.stat().st_mode & 0o066 == 0


def test_unknown_systems_and_scenarios_are_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match="freight"):
        open_world("frieght")
    with pytest.raises(ValueError, match=", ".join(SCENARIOS)):
        open_world(scenario="storm")
