"""How SLIs of the sources that are read directly are written: series, a vendor's components, variables."""

from pathlib import Path

import pytest

from ontui.domain.condition import Kind
from ontui.domain.sli import Sli
from ontui.domain.source import EnvSource, MetricsSource, StatuspageSource
from tests.config.write import findings, read

HEAD = """version: 1
system: {id: x}
sources:
  app: {type: metrics, url: "http://localhost:9100/metrics", bearer: sesame-1234}
  vendor: {type: statuspage, url: "https://status.example.com"}
  keys: {type: env}
  dotenv: {type: env, file: ./app.env, every: 5m}
"""


def the_sli(folder: Path, entry: str) -> Sli:
    return read(folder, HEAD + f"slis: {{a: {entry}}}\n").system.slis["a"]


def test_the_sources_are_what_was_written(tmp_path: Path) -> None:
    config = read(tmp_path, HEAD)
    app, vendor, keys, dotenv = (config.sources[name] for name in ("app", "vendor", "keys", "dotenv"))
    assert isinstance(app, MetricsSource)
    assert (app.url, app.access.bearer, app.interval_s) == ("http://localhost:9100/metrics", "sesame-1234", 15)
    assert isinstance(vendor, StatuspageSource)
    assert vendor.interval_s == 60
    assert isinstance(keys, EnvSource)
    assert (keys.file, keys.address, keys.interval_s) == ("", "environment", 60)
    assert isinstance(dotenv, EnvSource)
    assert (dotenv.file, dotenv.interval_s) == (str(tmp_path / "app.env"), 300)


@pytest.mark.parametrize(
    ("entry", "unit", "ask"),
    [
        ("{source: app, series: cache_keys}", "count", "cache_keys"),
        ("{source: app, series: errors_total, rate: true}", "per_second", "errors_total"),
        ("{source: app, series: errors_total, rate: true, unit: per_minute}", "per_minute", "errors_total"),
        ("{source: app, series: 'hits{a=~\"$x|${y}\"}', over: asked}", "ratio", 'hits{a=~"$x|${y}"} / asked'),
        ("{source: app, series: hits, over: asked, rate: true}", "ratio", "hits / asked"),
        ("{source: app, metric: latency}", "seconds", "latency"),
        ("{source: vendor, component: API}", "vendor", "API"),
        ("{source: vendor, metric: incidents}", "count", "incidents"),
        ("{source: keys, variable: JWT_SECRET, min_length: 33}", "present", "JWT_SECRET"),
    ],
)
def test_what_is_asked_and_in_which_unit(tmp_path: Path, entry: str, unit: str, ask: str) -> None:
    sli = the_sli(tmp_path, entry)
    assert (sli.unit, sli.ask) == (unit, ask)


def test_what_has_a_best_value_promises_it(tmp_path: Path) -> None:
    words = {
        "{source: vendor, component: API}": "operational",
        "{source: vendor, metric: status}": "operational",
        "{source: keys, variable: A}": "present",
        "{source: app, metric: up}": "up",
    }
    for entry, said in words.items():
        sli = the_sli(tmp_path, entry)
        assert sli.objective is not None
        assert sli.objective.words(sli.unit) == said


def test_a_vendors_limit_is_a_word(tmp_path: Path) -> None:
    alerts = '[{when: ">= partial outage", severity: SEV-2}, {when: "== major_outage", severity: SEV-1}]'
    sli = the_sli(tmp_path, f'{{source: vendor, component: API, objective: "<= degraded", alerts: {alerts}}}')
    conditions = [rule.condition for rule in sli.alerts]
    assert [(c.kind, c.limit, c.words("vendor")) for c in conditions] == [
        (Kind.COMPARISON, 3, "≥ partial outage"), (Kind.COMPARISON, 4, "= major outage")
    ]  # fmt: skip


MISTAKES = [
    ("{source: app, series: 'rate(a[5m])'}", "series", "the name of a series, with labels"),
    ("{source: app, series: 'a{b=c}'}", "series", 'label="value"'),
    ("{source: app, series: 'a{b=~\"(\"}'}", "series", "a regular expression after =~"),
    ("{source: app, series: a, over: '{}'}", "over", "the name of a series"),
    ("{source: app, series: a, combine: most}", "combine", "sum, max, min or avg"),
    ("{source: app, metric: up, rate: true}", "rate", "'rate' without 'series'"),
    ("{source: app, over: a}", "over", ""),
    ("{source: vendor, series: a}", "series", "it understands metric or component"),
    ("{source: vendor, component: API, rows: name}", "rows", "'rows' without"),
    ('{source: vendor, component: API, objective: "<= broken"}', "objective", "operational, maintenance"),
    ("{source: keys, variable: A-B}", "variable", "the name of an environment variable"),
    ("{source: keys, variable: A, min_length: 0}", "min_length", "1 or more"),
    ("{source: vendor, component: API, min_length: 3}", "min_length", "'min_length' without 'variable'"),
    ("{source: keys, metric: up}", "metric", "source for it"),
]


@pytest.mark.parametrize(("entry", "key", "words"), MISTAKES)
def test_what_does_not_hold_together_is_found(tmp_path: Path, entry: str, key: str, words: str) -> None:
    found = findings(tmp_path, HEAD + f"slis: {{a: {entry}}}\n")
    assert [f for f in found if f.where in (f"slis.a.{key}", "slis.a") and words in str(f)], list(map(str, found))
