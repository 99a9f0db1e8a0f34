"""What can be read but cannot be meant, and how little is said of it: one finding for one mistake."""

from pathlib import Path

import pytest

from ontui.domain.secret import MASK
from ontui.domain.source import CommandSource
from tests.config.write import HEAD, findings, read


def said(folder: Path, text: str) -> list[str]:
    return [str(finding).partition(": ")[2] for finding in findings(folder, HEAD + text)]


def ratio(entry: str) -> str:
    return f"slis: {{a: {{source: m, query: x, unit: ratio, {entry}}}}}\n"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('objective: "<= 90"', "found '<= 90', expected '<= 90%' or '<= 0.9'; write 9000% if that is meant"),
        ('objective: "≥ 99.5"', "expected '≥ 99.5%' or '≥ 0.995'; write 9950% if that is meant"),
        ('objective: "<= 900"', "expected '<= 90%' or '<= 0.9'; write 90000% if that is meant"),
        ('alerts: [{when: "> 90", severity: SEV-2}]', "expected '> 90%' or '> 0.9'; write 9000% if that is meant"),
        ('alerts: [{when: "> 90%", clear: "< 80", severity: SEV-2}]', "expected '< 80%' or '< 0.8'"),
        ("baseline: 80", "found 80, expected 80% or 0.8; write 8000% if that is meant"),
        ('baseline: "1.2"', "expected 1.2% or 0.012; write 120% if that is meant"),
        ("rows: t, empty: 5", "expected 5% or 0.05; write 500% if that is meant"),
    ],
)
def test_a_share_of_ninety_is_hardly_ninety_times_the_whole(tmp_path: Path, entry: str, words: str) -> None:
    found = said(tmp_path, ratio(entry))
    assert len(found) == 1
    assert words in found[0]


def test_a_share_may_be_more_than_the_whole_where_that_is_said(tmp_path: Path) -> None:
    sli = read(tmp_path, HEAD + ratio('objective: "<= 150%", baseline: 1, rows: t, empty: 0')).system.slis["a"]
    assert sli.objective is not None
    assert (sli.objective.limit, sli.baseline, sli.empty) == (1.5, 1, 0)
    read(tmp_path, HEAD + 'slis: {a: {source: m, query: x, unit: percent, objective: "<= 90"}}\n')
    read(tmp_path, HEAD + ratio('baseline: 1, objective: "<= 150% of baseline"'))


@pytest.mark.parametrize(
    "entry",
    [
        "source: d, sql: select 1, alerts: [{when: older than 10m, severity: SEV-2}]",
        "source: h, metric: latency, alerts: [{when: older  than 10m, severity: SEV-2}]",
        "source: m, metric: up, alerts: [{when: older than 10m, severity: SEV-2}]",
        "source: h, metric: latency, objective: older than 10m",
    ],
)
def test_an_age_that_nobody_knows_cannot_be_judged(tmp_path: Path, entry: str) -> None:
    (found,) = said(tmp_path, f"slis: {{a: {{{entry}}}}}\n")
    assert "expected an SLI whose data has a known age: a query of prometheus, or lines of a log" in found
    assert 'unit: seconds and "> 10m" on select extract(epoch from now() - max(updated_at))' in found
    assert "failing where it cannot be read" in found


def test_age_is_known_of_queries_and_logs(tmp_path: Path) -> None:
    text = HEAD + (
        "  l: {type: log, path: x}\n"
        "slis:\n"
        "  a: {source: m, query: x, alerts: [{when: older than 10m, severity: SEV-2}]}\n"
        "  b: {source: l, match: x, alerts: [{when: older than 10m, severity: SEV-2}]}\n"
        "  c: {source: l, metric: lines_per_minute, alerts: [{when: older than 10m, severity: SEV-2}]}\n"
    )
    assert len(read(tmp_path, text).system.slis) == 3


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{type: pgbouncer, dsn: 'postgresql://u@h:6432/app'}", "the database pgbouncer, which is its console"),
        ("{type: pgbouncer, dsn: 'host=h dbname=app'}", "the database pgbouncer, which is its console"),
        ("{type: pgbouncer, dsn: 'h'}", "postgresql://user:password@host"),
        ("""{type: alertmanager, url: "http://h", filter: ['team=~"("']}""", "a regular expression after =~"),
        ("""{type: alertmanager, url: "http://h", filter: ['team!~"a|*b"']}""", "a regular expression after !~"),
        ("""{type: alertmanager, url: "http://h", filter: [nonsense]}""", "a matcher such as"),
    ],
)
def test_an_address_or_filter_that_cannot_work_is_found(tmp_path: Path, entry: str, words: str) -> None:
    (found,) = said(tmp_path, f"  x: {entry}\n")
    assert words in found


def test_what_only_another_engine_understands_is_no_finding(tmp_path: Path) -> None:
    filters = r"""['team=~"\\pL+"', 'team=~"(?U)a+"', 'a="("']"""
    text = HEAD + f"  x: {{type: alertmanager, url: 'http://h', filter: {filters}}}\n"
    text += "  y: {type: pgbouncer, dsn: 'postgresql://u@h:6432/pgbouncer'}\n"
    assert len(read(tmp_path, text).sources) == 5


def test_dollars_of_a_command_are_its_own(tmp_path: Path) -> None:
    text = HEAD + '  c: {type: command, run: [sh, -c, \'echo $$ ${x} $1\', "${x:-y}"], cwd: "${FOLDER}"}\n'
    source = read(tmp_path, text, {"FOLDER": "/srv"}).sources["c"]
    assert isinstance(source, CommandSource)
    assert (source.argv, source.cwd) == (("sh", "-c", "echo $$ ${x} $1", "${x:-y}"), "/srv")
    headers = HEAD + '  x: {type: http, url: "http://h", headers: {run: "${NOWHERE}"}}\n'
    assert "NOWHERE is not set" in str(findings(tmp_path, headers)[0])


@pytest.mark.parametrize(
    "text",
    [
        "severities: [{name: P0, level: criticl}]\n",
        "severities: [5]\n",
        "  c: {type: command, run: [[ls]]}\n",
        "actions: {a: {run: [[ls]], danger: read}}\n",
    ],
)
def test_a_wrong_entry_makes_no_empty_list(tmp_path: Path, text: str) -> None:
    assert len(said(tmp_path, text)) == 1


def test_severities_are_named_once(tmp_path: Path) -> None:
    text = "severities: [{name: P0, level: warning}, {name: P0, level: warning}]\n" + (
        'slis: {a: {source: m, query: x, alerts: [{when: "> 1", severity: P9}]}}\n'
    )
    assert "severity: found 'P9', expected the name of a severity: P0" in said(tmp_path, text)[1]
    assert "P0 or P0" not in str(said(tmp_path, text))


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("{type: http, url: 'ftp://x'}", "found 'ftp://x'"),
        ("{type: http, url: 'ftp://x/secret-path/t0ken'}", "found 'ftp://x/…'"),
        ("{type: http, url: 'localhost:9090'}", "found 'localhost:9090'"),
        ("{type: postgres, dsn: 'mysql://db:3306'}", "found 'mysql://db:3306'"),
        ("{type: redis, url: 'http://h:1'}", "found 'http://h:1'"),
        ("{type: http, url: 'ftp://user@x'}", f"found {MASK}"),
        ("{type: http, url: 'ftp://x?token=1'}", f"found {MASK}"),
        ("{type: http, url: 'ftp://x#t0ken'}", f"found {MASK}"),
        ("{type: http, url: t0ken}", f"found {MASK}"),
        ("{type: postgres, dsn: 'password=p prot=5'}", f"found {MASK}"),
        ("{type: http, url: '${WORD}'}", f"found {MASK}"),
        ("{type: http, url: 'ftp://${WORD}'}", f"found {MASK}"),
    ],
)
def test_an_address_without_secrets_is_shown_as_far_as_its_host(tmp_path: Path, entry: str, found: str) -> None:
    (only,) = findings(tmp_path, HEAD + f"  x: {entry}\n", {"WORD": "ftp://t0ken"})
    assert only.found == found
    assert "t0ken" not in str(only)
