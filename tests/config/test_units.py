"""A unit names a number and never converts it: beside a number whose unit is known, only that one may stand."""

from pathlib import Path

import pytest

from tests.config.write import HEAD, findings, read

SOURCES = HEAD + """  r: {type: redis, url: "redis://localhost"}
  c: {type: command, run: [ls]}
  p: {type: metrics, url: "http://localhost/metrics"}
  l: {type: log, path: x}
  s: {type: statuspage, url: "http://localhost"}
"""


def entry(source: str, asked: str, unit: str) -> str:
    """A config with one SLI, of which the unit is written last."""
    return SOURCES + f"slis: {{a: {{source: {source}, {asked}, unit: {unit}}}}}\n"


@pytest.mark.parametrize(
    ("source", "asked", "unit", "own"),
    [
        ("h", "metric: latency", "ms", "seconds"),
        ("r", "metric: latency", "ms", "seconds"),
        ("p", "metric: latency", "milliseconds", "seconds"),
        ("c", "metric: duration", "ms", "seconds"),
        ("d", "metric: longest_query", "minutes", "seconds"),
        ("d", "metric: longest_query", "count", "seconds"),
        ("d", "metric: database_size", "MiB", "bytes"),
        ("d", "metric: database_size", "GB", "bytes"),
        ("r", "metric: commands_per_second", "per_minute", "per_second"),
        ("d", "metric: deadlocks_per_minute", "per_second", "per_minute"),
        ("d", "metric: cache_hit_ratio", "seconds", "ratio or percent"),
        ("d", "metric: connections", "percent", "count"),
        ("r", "metric: keys", "bytes", "count"),
        ("h", "metric: cert_days", "seconds", "days"),
        ("h", "metric: up", "ratio", "up"),
        ("l", "match: x", "per_second", "per_minute"),
        ("s", "component: x", "count", "vendor"),
    ],
)
def test_another_unit_than_the_number_has_is_found(
    tmp_path: Path, source: str, asked: str, unit: str, own: str
) -> None:
    text = entry(source, asked, unit)
    (found,) = findings(tmp_path, text)
    column = text.splitlines()[11].index(f"unit: {unit}") + len("unit: ") + 1
    assert (found.line, found.column, found.where) == (12, column, "slis.a.unit")
    assert found.found == f"found '{unit}'"
    assert found.expected.startswith(f"{own}, ")


@pytest.mark.parametrize(("asked", "written"), [("metric: longest_query", "300ms"), ("metric: database_size", "10MiB")])
def test_how_its_limits_are_written_is_said(tmp_path: Path, asked: str, written: str) -> None:
    (found,) = findings(tmp_path, entry("d", asked, "ms"))
    assert written in found.hint
    read(tmp_path, entry("d", asked, f'{{}}, objective: "<= {written}"').replace("unit: {}, ", ""))


@pytest.mark.parametrize(
    ("source", "asked", "unit"),
    [
        ("h", "metric: latency", "seconds"),
        ("d", "metric: cache_hit_ratio", "percent"),
        ("d", "metric: cache_hit_ratio", "ratio"),
        ("d", "metric: database_size", "bytes"),
        ("d", "metric: connections", "sessions"),
        ("c", "metric: number", "millicores"),
        ("c", "metric: number", "seconds"),
        ("d", "sql: select 1", "MiB"),
        ("m", "query: up", "ms"),
        ("h", "json: a", "ms"),
        ("p", "series: x, rate: true", "per_minute"),
        ("l", "match: x", "per_minute"),
    ],
)
def test_the_unit_it_has_and_words_for_what_is_counted_may_stand(
    tmp_path: Path, source: str, asked: str, unit: str
) -> None:
    assert read(tmp_path, entry(source, asked, unit)).system.slis["a"].unit == unit
