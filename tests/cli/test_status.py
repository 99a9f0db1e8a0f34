"""`ontui status` on real servers: the contract of its JSON, its words, its exit codes."""

import contextlib
import datetime
import re
from pathlib import Path

import pytest

from tests.cli.config_folder import ConfigFolder, run
from tests.servers.postgres import Postgres
from tests.servers.prometheus import Prometheus
from tests.servers.web import Reply, Web, json_reply

CONFIG = """version: 1
system: {{id: shop, name: The Shop, environment: staging, production: false}}
sources:
  metrics: {{type: prometheus, url: "{prometheus}", stale_after: 1h}}
  database: {{type: postgres, dsn: "${{SHOP_DSN}}"}}
  api: {{type: http, url: "{web}/health", expect: {{status: 200, json: {{status: ok}}}}}}
slis:
  requests:
    title: requests
    group: API
    source: metrics
    query: sum(rate(shop_requests_total[5m] @ {end}))
    unit: per_second
    objective: ">= 5/s"
    alerts: [{{name: Quiet, when: "< 1/s", severity: SEV-2}}]
  room: {{source: metrics, query: "min(shop_room_celsius @ {end})", unit: celsius}}
  pool: {{source: database, metric: connections_used_ratio}}
  answer: {{source: database, sql: select 42, unit: answers}}
  api_up: {{source: api, metric: up}}
  queue: {{source: api, json: queue.length, objective: "<= 100"}}
{more}
"""
SLI_KEYS = {
    "id", "title", "group", "status", "value", "unit", "text", "objective", "objective_met", "age_s",
    "data_age_s", "reason", "source", "rows",
}  # fmt: skip
ALERT_KEYS = {
    "name", "sli", "severity", "level", "state", "since", "value", "runbook", "actions", "labels", "source",
    "flapping", "respond_by", "acknowledge_by",
}  # fmt: skip
SOURCE_KEYS = {"id", "type", "status", "latency_s", "age_s", "error", "server"}
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Shop:
    """The three servers and a config over them."""

    def __init__(self, place: ConfigFolder, prometheus: Prometheus, postgres: Postgres, web: Web) -> None:
        self.place, self.prometheus, self.postgres, self.web = place, prometheus, postgres, web
        place.environ["SHOP_DSN"] = postgres.dsn("monitor")
        web.reply(json_reply({"status": "ok", "queue": {"length": 7}}))
        self.configure()

    def configure(self, more: str = "") -> None:
        """Write the config, with more SLIs or sections."""
        end = self.prometheus.history_end
        text = CONFIG.format(prometheus=self.prometheus.url, web=self.web.url, end=end, more=more)
        self.place.write(text)


@pytest.fixture
def shop(place: ConfigFolder, prometheus: Prometheus, postgres15: Postgres, web: Web) -> Shop:
    """With PostgreSQL 15; the poller's own tests run on both."""
    return Shop(place, prometheus, postgres15, web)


def test_all_is_well(shop: Shop) -> None:
    ended = shop.place.run("status", "--json")
    assert (ended.code, ended.err) == (0, "")
    seen = ended.json
    assert set(seen) == {"system", "environment", "at", "status", "cut_off", "slis", "alerts", "sources"}
    assert (seen["system"], seen["environment"], seen["status"]) == ("shop", "staging", "ok")
    assert RFC_3339.fullmatch(seen["at"])
    assert all(set(s) == SLI_KEYS for s in seen["slis"])
    assert all(set(s) == SOURCE_KEYS for s in seen["sources"])
    values = {s["id"]: s["value"] for s in seen["slis"]}
    assert values["requests"] == pytest.approx(10.5)
    assert (values["room"], values["answer"], values["api_up"], values["queue"]) == (20, 42, 1, 7)
    assert 0 < values["pool"] < 1
    assert all(s["status"] == "ok" and 0 <= s["age_s"] < 10 and s["rows"] == [] for s in seen["slis"])
    ages = {s["id"]: s["data_age_s"] for s in seen["slis"]}
    assert ages["room"] >= 0
    assert ages["api_up"] is None
    assert {s["id"]: s["type"] for s in seen["sources"]} == {
        "metrics": "prometheus",
        "database": "postgres",
        "api": "http",
    }
    assert all(s["status"] == "ok" and 0 < s["latency_s"] < 5 and s["error"] is None for s in seen["sources"])
    assert {s["id"]: s["server"] for s in seen["sources"]}["metrics"].startswith("Prometheus 2.42")
    assert {s["id"]: s["server"] for s in seen["sources"]}["database"].startswith("PostgreSQL 15")


def test_both_postgres_say_the_same_as_psql(
    place: ConfigFolder, prometheus: Prometheus, postgres: Postgres, web: Web
) -> None:
    shop = Shop(place, prometheus, postgres, web)
    shop.configure("  sessions: {source: database, metric: connections}\n")
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(postgres.session())
        seen = place.run("status", "--json").json
        values = {s["id"]: s["value"] for s in seen["slis"]}
        rows = postgres.execute(
            "select count(*) - 1 from pg_stat_activity where backend_type = 'client backend'"  # not ourselves
        )
    assert values["sessions"] in (rows[0][0], rows[0][0] + 1)
    limit = 40 - 3
    assert values["pool"] == pytest.approx(values["sessions"] / limit)


def test_text_for_people(shop: Shop) -> None:
    ended = shop.place.run("status")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0].startswith("The Shop (staging): ✓ ok")
    assert any("requests" in line and "10.5 /s" in line and "≥ 5 /s" in line for line in lines)
    assert "\x1b" not in ended.out


def test_where_only_ascii_can_be_shown_no_more_is_printed(shop: Shop) -> None:
    ended = shop.place.run("status", env={"LC_ALL": "C"})
    lines = ended.out.splitlines()
    assert ended.out.isascii()
    assert lines[0].startswith("The Shop (staging): + ok")
    assert any("10.5 /s  >= 5 /s" in line for line in lines)


def test_a_missed_objective_is_a_warning(shop: Shop) -> None:
    shop.web.reply(json_reply({"status": "ok", "queue": {"length": 101}}))
    ended = shop.place.run("status", "--json")
    assert ended.code == 1
    queue = next(s for s in ended.json["slis"] if s["id"] == "queue")
    assert (queue["status"], queue["objective_met"], queue["value"]) == ("warning", False, 101)
    assert queue["objective"] == "≤ 100"
    assert "missed" in queue["reason"]


def test_a_paging_alert_is_critical_and_told_whole(shop: Shop) -> None:
    shop.configure(
        '  hot: {source: metrics, query: "max(shop_room_celsius @ END)", runbook: heat.md, alerts: '
        '[{name: TooHot, when: "> 21", severity: SEV-1}, {name: Warm, when: "> 20", severity: SEV-3}]}\n'.replace(
            "END", str(shop.prometheus.history_end)
        ).replace(", runbook: heat.md", "")
    )
    ended = shop.place.run("status", "--json")
    assert ended.code == 2
    assert ended.json["status"] == "critical"
    alerts = ended.json["alerts"]
    assert [a["name"] for a in alerts] == ["TooHot", "Warm"]
    assert all(set(a) == ALERT_KEYS for a in alerts)
    hot = alerts[0]
    assert (hot["sli"], hot["severity"], hot["level"], hot["state"]) == ("hot", "SEV-1", "critical", "firing")
    assert (hot["value"], hot["actions"], hot["labels"]) == (22, [], {})
    assert RFC_3339.fullmatch(hot["since"])
    at = datetime.datetime.fromisoformat(hot["since"])
    assert at.utcoffset() == datetime.timedelta(0)
    assert shop.place.run("status").code == 2


@pytest.mark.parametrize(
    ("query", "status", "word"),
    [
        ("shop_broken", "unknown", "NaN"),
        ("shop_overflow", "unknown", "Inf"),
        ("no_such_metric", "no_data", ""),
        ("sum(", "unknown", "parse"),
    ],
)
def test_what_is_no_number_is_null_with_the_reason(shop: Shop, query: str, status: str, word: str) -> None:
    at = "" if query == "sum(" else f" @ {shop.prometheus.history_end}"
    shop.configure(f'  odd: {{source: metrics, query: "{query}{at}"}}\n')
    ended = shop.place.run("status", "--json")
    odd = next(s for s in ended.json["slis"] if s["id"] == "odd")
    assert ended.code == 3
    assert odd["value"] is None
    assert odd["status"] in (status, "no_data")
    assert odd["status"] != "ok"
    assert word in odd["reason"]
    assert odd["reason"]


def test_a_dead_source_is_said_and_the_others_stand(shop: Shop) -> None:
    shop.web.stop()
    ended = shop.place.run("status", "--json")
    by_id = {s["id"]: s for s in ended.json["sources"]}
    assert by_id["api"]["status"] == "critical"
    assert "refused" in by_id["api"]["error"]
    assert by_id["metrics"]["status"] == by_id["database"]["status"] == "ok"
    slis = {s["id"]: s for s in ended.json["slis"]}
    assert slis["requests"]["status"] == "ok"
    assert slis["queue"]["value"] is None
    assert slis["queue"]["status"] in ("unknown", "no_data")
    assert ended.code in (2, 3)


def test_a_silent_source_costs_its_deadline_at_most(shop: Shop) -> None:
    shop.web.reply(Reply(delay_s=60))
    ended = shop.place.run("status", "--json", "--timeout", "1s")
    assert ended.code != 0
    assert ended.took_s < 30   # and not the minute of the source
    api = next(s for s in ended.json["sources"] if s["id"] == "api")
    assert "1 s" in api["error"]


@pytest.mark.parametrize("timeout", ["0", "soon", "-1s"])
def test_a_timeout_that_is_none_is_a_plain_error(shop: Shop, timeout: str) -> None:
    ended = shop.place.run("status", f"--timeout={timeout}")
    assert ended.code == 3   # a monitoring system must not read it as critical
    assert "--timeout" in ended.err


def test_secrets_are_masked_and_foreign_text_is_clean(shop: Shop) -> None:
    shop.web.reply(Reply(500, b"\x1b]52;c;Zm9v\x07 monitor-word"))
    for ended in (shop.place.run("status"), shop.place.run("status", "--json")):
        assert ended.code != 0
        assert not set(ended.out + ended.err) & {"\x1b", "\x07"}
        assert "monitor-word" not in ended.out + ended.err


def test_status_remembers_nothing(shop: Shop) -> None:
    shop.place.run("status")
    assert not shop.place.journal.exists()


def test_what_cannot_be_asked_is_unknown_and_never_critical(tmp_path: Path) -> None:
    for arguments in (("-c", tmp_path / "none.yaml"), ("--nonsense",)):
        ended = run("status", "--json", *arguments)
        assert (ended.code, ended.out) == (3, "")
        assert ended.err
