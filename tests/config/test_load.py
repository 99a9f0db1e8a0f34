"""A good config becomes the domain's values."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from ontui.config import Config, ConfigError
from ontui.config.load import load
from ontui.config.metrics import METRICS
from ontui.config.schema import schema
from ontui.domain.action import Action, Danger, Input, Means, OnDisconnect, Verify
from ontui.domain.condition import Kind, parse_condition
from ontui.domain.severity import Level
from ontui.domain.sli import Link
from ontui.domain.source import HttpSource, PrometheusSource
from tests.config.write import HEAD, read, written

ROOT = Path(__file__).parents[2]
ENVIRON = {
    "PROMETHEUS_TOKEN": "prom-token",
    "OLD_METRICS_PASSWORD": "old-password",
    "DATABASE_URL": "postgresql://ontui:db-password@db:5432/freight",
}


@pytest.fixture(scope="module")
def example() -> Config:
    return load(ROOT / "config.example.yaml", ENVIRON)


def test_the_smallest_config_works_with_the_strict_defaults(tmp_path: Path) -> None:
    text = "version: 1\nsystem: {id: x}\nsources: {m: {type: prometheus, url: http://h}}\n"
    config = read(tmp_path, text + "slis: {api_p95: {source: m, query: up}}\n")
    system, sli = config.system, config.system.slis["api_p95"]
    assert (system.name, system.environment, system.production, system.read_only) == ("x", "unknown", True, False)
    assert system.timezone == "UTC"
    assert (sli.title, sli.group, sli.unit, sli.objective) == ("api p95", "m", "count", None)
    assert (sli.interval_s, sli.timeout_s) == (15.0, 5.0)
    assert [(s.name, s.level, s.rank) for s in system.severities] == [
        ("SEV-1", Level.CRITICAL, 0), ("SEV-2", Level.CRITICAL, 1), ("SEV-3", Level.WARNING, 2)
    ]  # fmt: skip
    assert (config.runbooks, config.run_fences, config.keymap, config.theme) == (None, (), {}, "")
    assert config.path == tmp_path / "ontui.yaml"
    assert config.sha256 == hashlib.sha256((tmp_path / "ontui.yaml").read_bytes()).hexdigest()
    assert read(tmp_path, text).system.slis == {}


@pytest.mark.parametrize(
    ("words", "production"),
    [
        ("", True), ("environment: production", True), ("environment: Prod-EU", True), ("environment: live", True),
        ("environment: unknown", True), ("environment: staging", False), ("environment: dev", False),
        ("environment: staging, production: true", True), ("environment: production, production: false", False),
        ("environment: no", False), ("production: no", False),
    ],
)  # fmt: skip
def test_production_is_assumed_in_doubt(tmp_path: Path, words: str, production: bool) -> None:
    assert read(tmp_path, HEAD.replace("id: x", f"id: x, {words}")).system.production is production


def test_the_example_loads_whole(example: Config) -> None:
    system = example.system
    assert (system.id, system.production, system.timezone) == ("freight", True, "Europe/Berlin")
    assert example.runbooks == ROOT / "ontui/demo/freight/runbooks"
    assert example.run_fences == ("sh", "sql")
    metrics, api = example.sources["metrics"], example.sources["api"]
    assert isinstance(metrics, PrometheusSource)
    assert isinstance(api, HttpSource)
    assert (metrics.url, metrics.access.bearer, metrics.stale_after_s) == ("http://localhost:9090", "prom-token", 60)
    assert (api.status, api.json, api.contains, api.down_after) == (
        (200,), {"status": "ok", "database.connected": True}, "ok", 3
    )  # fmt: skip
    assert example.sources["database"].address == "db:5432/freight"
    p95 = system.slis["api_p95"]
    assert p95.objective == parse_condition("<= 300ms", "seconds")
    assert p95.links == (Link("Grafana", "https://grafana.example.com/d/api"),)
    (rule,) = p95.alerts
    assert (rule.key, rule.hold_s, rule.severity.name) == ("api_p95/HighLatency", 300, "SEV-2")
    assert (rule.runbook, rule.actions) == ("latency.md#diagnosis", ("restart-cache", "end-idle-sessions"))
    assert system.slis["throughput"].baseline_query == "sum(rate(http_requests_total[5m] offset 1w))"
    assert system.actions["restart-cache"] == Action(
        id="restart-cache", title="Restart the cache", danger=Danger.CHANGE, means=Means.ARGV,
        argv=("docker", "compose", "restart", "--timeout", "{seconds}", "cache"),
        inputs=(Input("seconds", "integer", "Seconds to wait", min=0, max=60, default="10"),),
        env=("DOCKER_HOST",), cwd=str(ROOT), timeout_s=120, on_disconnect=OnDisconnect.KILL,
        verify=Verify("api_p95", 300),
    )  # fmt: skip
    assert system.actions["end-idle-sessions"].means is Means.SQL
    assert system.actions["show-log"].means is Means.SHELL
    assert not [s for s in ENVIRON.values() if s in repr(example)]


def test_the_example_uses_and_explains_every_key() -> None:
    text = (ROOT / "config.example.yaml").read_text()
    found = schema()
    for name, part in {"File": found, **found["$defs"]}.items():
        for key in part["properties"]:
            assert f"{key}:" in text, f"{name}.{key} is not in config.example.yaml"
    for words in METRICS.values():
        assert not [w for w in words if f" {w}" not in text]


def test_every_key_of_the_schema_is_described() -> None:
    found = schema()
    for part in (found, *found["$defs"].values()):
        assert part["additionalProperties"] is False
        assert part["description"]
        assert not [key for key, value in part["properties"].items() if not value.get("description")]
    assert found["required"] == ["version", "system", "sources"]
    assert found["$defs"]["AlertEntry"]["properties"]["for"]["description"].startswith("How long the condition")


def test_metrics_bring_their_unit_and_objective(tmp_path: Path) -> None:
    for kind, source in {"postgres": "d", "http": "h", "prometheus": "m"}.items():
        text = HEAD + "slis:\n" + "".join(f"  {w}: {{source: {source}, metric: {w}}}\n" for w in METRICS[kind])
        slis = read(tmp_path, text).system.slis
        for word, metric in METRICS[kind].items():
            assert (slis[word].unit, slis[word].title) == (metric.unit, metric.title)
            objective = slis[word].objective
            assert (objective.text if objective else "") == metric.objective
    text = HEAD + 'slis: {a_b: {source: d, metric: cache_hit_ratio, objective: ">= 50%", title: T}}\n'
    sli = read(tmp_path, text).system.slis["a_b"]
    assert (sli.title, sli.objective) == ("T", parse_condition(">= 50%", "ratio"))


def test_alerts_without_a_name_get_one_of_their_own(tmp_path: Path) -> None:
    text = HEAD + (
        "slis:\n"
        "  api_p95: {source: m, query: x, alerts: [{when: rising, severity: SEV-1}]}\n"
        "  b: {source: m, query: x, title: API latency p95, alerts: [{when: rising, severity: SEV-1}]}\n"
        '  c: {source: m, query: x, alerts: [{when: rising, severity: SEV-1}, {when: "> 1", severity: SEV-1},\n'
        '     {when: "> 2", severity: SEV-1}, {name: C, when: "> 3", severity: SEV-2}]}\n'
        "  d: {source: m, query: x, title: '✓', alerts: [{when: rising, severity: SEV-1}]}\n"
    )
    slis = read(tmp_path, text).system.slis
    assert [[r.name for r in s.alerts] for s in slis.values()] == [
        ["ApiP95"], ["APILatencyP95"], ["C SEV-1", "C SEV-1 2", "C SEV-1 3", "C"], ["d"]
    ]  # fmt: skip


def test_limits_are_read_in_the_unit(tmp_path: Path) -> None:
    text = HEAD + (
        'slis: {a: {source: m, query: x, unit: bytes, baseline: 10MiB, objective: "<= 1KiB",\n'
        ' alerts: [{when: "< 50% of baseline", for: 1h30m, severity: SEV-1},\n'
        ' {name: b, when: absent, severity: SEV-3}]}}'
    )
    sli = read(tmp_path, text).system.slis["a"]
    assert sli.baseline == 10 * 1024 * 1024
    assert sli.objective is not None
    assert sli.objective.limit == 1024
    assert [(r.condition.kind, r.condition.limit, r.hold_s) for r in sli.alerts] == [
        (Kind.BASELINE, 0.5, 5400), (Kind.ABSENT, 0, 0)
    ]  # fmt: skip


def test_an_inherited_time_limit_gives_way_to_a_short_interval(tmp_path: Path) -> None:
    text = HEAD.replace('health"', 'health", every: 2s') + "defaults: {every: 20s, timeout: 6s}\n"
    sources = read(tmp_path, text).sources
    assert (sources["m"].interval_s, sources["m"].timeout_s) == (20, 6)
    assert sources["h"].interval_s == 2
    assert sources["h"].timeout_s == pytest.approx(1.6)


def test_anchors_and_merges_can_be_used(tmp_path: Path) -> None:
    text = HEAD + (
        "slis:\n"
        "  a: &base {source: m, query: x, unit: seconds, group: G}\n"
        "  b: {<<: *base, title: B, group: H}\n"
        "  c: *base\n"
    )
    slis = read(tmp_path, text).system.slis
    assert [(s.title, s.unit, s.group) for s in slis.values()] == [
        ("a", "seconds", "G"), ("B", "seconds", "H"), ("c", "seconds", "G")
    ]  # fmt: skip


def test_words_that_old_yaml_would_change_stay_as_they_are(tmp_path: Path) -> None:
    text = HEAD.replace("{id: x}", "{id: 007, name: 12:30, environment: on}") + "keymap: {a: y, b: n, c: 5}\n"
    config = read(tmp_path, text)
    assert (config.system.id, config.system.name, config.system.environment) == ("007", "12:30", "on")
    assert config.keymap == {"a": "y", "b": "n", "c": "5"}


def test_arguments_with_braces_of_their_own_are_no_placeholders(tmp_path: Path) -> None:
    run = "[docker, ps, --format, '{{.Names}} {{json}}', '{}', '{\"a\": 1}', '${HOME}', 'a {', '{x-y}', '@{u}']"
    text = HEAD + f"actions: {{a: {{run: {run}, danger: read, inputs: {{x-y: {{type: boolean, default: yes}}}}}}}}\n"
    with pytest.raises(ConfigError, match="found 'yes', expected true or false"):
        read(tmp_path, text)
    action = read(tmp_path, text.replace("yes", "true")).system.actions["a"]
    assert len(action.argv) == 10
    assert action.inputs[0].default == "true"


def test_relative_paths_start_at_the_folder_of_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "etc"
    (home / "pages").mkdir(parents=True)
    (home / "ca.pem").touch()
    text = HEAD.replace('health"', 'health", ca_file: ca.pem') + "runbooks: {path: pages}\n"
    text += "actions: {a: {run: [ls], danger: read, cwd: pages}, b: {run: [ls], danger: read, cwd: /}}\n"
    written(home, text)
    monkeypatch.chdir(tmp_path)
    config = load(Path("etc/ontui.yaml"), {})
    source = config.sources["h"]
    assert isinstance(source, HttpSource)
    assert (config.runbooks, source.access.ca_file) == (home / "pages", str(home / "ca.pem"))
    assert [a.cwd for a in config.system.actions.values()] == [str(home / "pages"), "/"]


def test_reading_a_config_imports_no_client() -> None:
    code = (
        "import sys, ontui.config.load; "
        "print([m for m in ('httpx', 'psycopg', 'textual', 'asyncio', 'rich') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT)
    assert run.stdout.strip() == "[]"
