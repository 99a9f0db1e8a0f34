"""Every mistake is found at its line and column, in people's words."""

from pathlib import Path

import pytest

from ontui.config import ConfigError
from ontui.config.load import load
from tests.config.write import HEAD, findings, written

PASSWORD = "hunter2-s3cret"
MISTAKES = [
    # a text, then line, column and words of a finding that must be among the findings
    ("", 1, 1, "found an empty file", "version: 1"),
    ("# nothing\n", 1, 1, "found an empty file"),
    ("- a\n", 1, 1, "found a list", "a mapping"),
    ("just words\n", 1, 1, "found a single value"),
    ("version: 1\nsystem:\n\tid: x\n", 3, 1, "not YAML", "tabs cannot indent"),
    ("version: 1\nsystem: {id: x\n", 3, 1, "not YAML", "bracket is not closed"),
    ("version: 1\nsystem: {id: 'x\n", 3, 1, "not YAML", "quote is not closed"),
    ("a: b: c\n", 1, 5, "not YAML", "quotes round"),
    ("a: @b\n", 1, 4, "not YAML", "quotes round"),
    ("a: \x07\n", 1, 4, "control character U+0007"),
    ("when: > 800ms\n", 1, 9, "not YAML", 'when: "> 800ms"'),
    ("version: 1\nversion: 1\n", 2, 1, "'version' a second time", "first is on line 1"),
    ("a: &x [*x]\n", 1, 8, "found *x", "anchor &x before it"),
    ("a: !!python/object:os.system x\n", 1, 4, "tag", "without a tag"),
    ("? {a: b}\n: c\n", 1, 3, "as a key", "a word"),
    ("[" * 60 + "]" * 60, 1, 42, "levels of nesting"),
    (HEAD + "---\na: 1\n", 7, 1, "second document"),
    ("system: {id: x}\n", 1, 1, "'version' is missing", "version: 1"),
    *(
        (HEAD + f"slis: {{a: {{source: m, query: x, freshness: {text!r}}}}}\n", 7, 44, "a series")
        for text in ("rate(x[5m])", "sum(x)", "vector(1)", "x[5m]", 'up{job="n"}', "x) or (y", "scrape_samples")
    ),
    (HEAD.replace("version: 1", "version: 2"), 1, 10, "version: found 2, expected 1"),
    (HEAD.replace("version: 1", "version: true"), 1, 10, "version: found true, expected 1"),
    ("version: 1\n", 1, 1, "'system' is missing"),
    ("version: 1\nsystem: {id: x}\n", 1, 1, "no sources", "at least one"),
    (HEAD + "severitys: []\n", 7, 1, "unknown key 'severitys'", "did you mean 'severities'?"),
    (HEAD + "escalation: {}\n", 7, 1, "unknown key 'escalation'", "does not know it yet"),
    (HEAD + "slis: []\n", 7, 7, "found a list", "a mapping of ids"),
    (HEAD + "slis: {a: 5}\n", 7, 11, "slis.a: found 5", "a mapping"),
    (HEAD + "slis: {a/b: {source: m, query: x}}\n", 7, 8, "found 'a/b'", "an id for an SLI"),
    (HEAD.replace("id: x", "id: x y"), 2, 14, "system.id: found 'x y'", "letters, digits"),
    (HEAD.replace("{id: x}", "{}"), 2, 9, "'id' is missing"),
    (HEAD.replace("id: x", "id: x, nmae: y"), 2, 17, "system.nmae: unknown key", "did you mean 'name'?"),
    (HEAD.replace("id: x", "id: x, production: perhaps"), 2, 29, "found 'perhaps'", "true or false"),
    (HEAD.replace("id: x", "id: x, timezone: Europe/Berln"), 2, 27, "time zone", "did you mean 'Europe/Berlin'?"),
    (HEAD.replace("id: x", 'id: x, business_hours: {from: "25:00"}'), 2, 40, "found '25:00'", "a time such as"),
    (HEAD.replace("id: x", "id: x, business_hours: {days: mon-fry}"), 2, 40, "found 'mon-fry'", "mon-fri"),
    (HEAD + "runbooks: {path: ./nowhere}\n", 7, 18, "found './nowhere'", "a folder of Markdown pages"),
    (HEAD + "runbooks: ./nowhere\n", 7, 11, "found './nowhere'", "a mapping"),
    (HEAD + "defaults: {every: 5s, timeout: 5s}\n", 7, 32, "found '5s'", "less than 'every'"),
    (HEAD + "defaults: {every: 5 parsecs}\n", 7, 19, "found '5 parsecs'", "a duration such as"),
    (HEAD + "severities: []\n", 7, 13, "found a list", "at least 1"),
    (HEAD + "severities: [{name: P0, level: criticl}]\n", 7, 32, "found 'criticl'", "did you mean 'critical'?"),
    (HEAD + "severities: [{name: P0, level: warning}, {name: P0, level: warning}]\n", 7, 49, "no other severity"),
    (HEAD + "severities: [{name: P, level: warning, respond_within: soon}]\n", 7, 56, "found 'soon'", "a duration"),
    (HEAD + "  x: {type: alertmanager, url: http://y, filter: [team]}\n", 7, 51, "found 'team'", "a matcher such as"),
    (HEAD + "  x: {type: promethus, url: y}\n", 7, 13, "found 'promethus'", "did you mean 'prometheus'?"),
    (HEAD + "  x: {type: redis, url: y}\n", 7, 25, "found ••••••", "redis://:password@host:6379/0"),
    (HEAD + "  x: {type: redis, url: 'redis://h:1/x'}\n", 7, 25, "the number of a database"),
    (HEAD + "  x: {type: [redis], url: y}\n", 7, 13, "found a list", "prometheus, postgres, http, metrics, redis"),
    (HEAD + "  x: {url: y}\n", 7, 6, "'type' is missing", "statuspage, command, log or env"),
    (HEAD + "  x: {type: command, run: []}\n", 7, 27, "at least 1"),
    (HEAD + "  x: {type: command, run: ls -l}\n", 7, 27, "found 'ls -l'", "a list"),
    (HEAD + "  x: {type: command, run: [ls], exit: [300]}\n", 7, 40, "found 300", "255 or less"),
    (HEAD + "  x: {type: log}\n", 7, 6, "'path' is missing"),
    (HEAD + "  x: {type: postgres}\n", 7, 6, "'dsn' is missing"),
    (HEAD + "  x: {type: postgres, dsn: host=h password=p prot=5}\n", 7, 28, "no 'prot'", "did you mean 'port'?"),
    (HEAD + "slis: {a: {source: m, query: x, baseline: .nan}}\n", 7, 43, "a number in count"),
    (HEAD + "  x: {type: postgres, dsn: app}\n", 7, 28, "found ••••••", "postgresql://user:password@host"),
    (HEAD + "  x: {type: http, url: localhost}\n", 7, 24, "found 'localhost'", "an address such as https://"),
    (HEAD + '  x: {type: http, url: "http://h:99999"}\n', 7, 24, "a valid host and port"),
    (HEAD + '  x: {type: http, url: "http://h", every: 2s, timeout: 3s}\n', 7, 56, "less than 'every'"),
    (HEAD + '  x: {type: http, url: "http://h", every: 1ms}\n', 7, 43, "found '1ms'", "100ms to 1d"),
    (HEAD + '  x: {type: http, url: "http://h", expect: {status: 999}}\n', 7, 53, "found 999", "599 or less"),
    (HEAD + '  x: {type: http, url: "http://h", expect: {status: fine}}\n', 7, 53, "'fine'", "a whole number"),
    (HEAD + '  x: {type: http, url: "http://h", method: PATCH}\n', 7, 44, "'PATCH'", "GET, HEAD or POST"),
    (HEAD + '  x: {type: http, url: "http://h", ca_file: no.pem}\n', 7, 45, "found no file 'no.pem'"),
    (HEAD + '  x: {type: http, url: "http://h", headers: {"a b": c}}\n', 7, 46, "'a b'", "the name of a header"),
    (HEAD + '  x: {type: http, url: "http://h", bearer: a, basic: {username: a, password: b}}\n', 7, 36, "one of them"),
    (HEAD + '  x: {type: http, url: "${NOWHERE}"}\n', 7, 24, "variable NOWHERE is not set"),
    (HEAD + '  x: {type: http, url: "http://${"}\n', 7, 24, "'${' without a name", "$$"),
    (HEAD + "  x: {type: http, url: {file: ./nowhere}}\n", 7, 31, "'./nowhere'", "no such file"),
    (HEAD + "  x: {type: http, url: {file: .}}\n", 7, 31, "it is a folder"),
    (HEAD + "  x: {type: http, url: {command: cat}}\n", 7, 34, "{command: [PROGRAM, ARGUMENT]}"),
    (HEAD + "  x: {type: http, url: {command: [/nowhere/at/all]}}\n", 7, 34, "no such program"),
    (HEAD + "  x: {type: http, url: {command: [sh, -c, exit 3]}}\n", 7, 34, "ended with exit 3"),
    (HEAD + "  x: {type: http, url: {comand: [a]}}\n", 7, 24, "found a mapping", "{file: PATH}"),
    (HEAD + "slis: {a: {source: mm, query: x}}\n", 7, 20, "found 'mm'", "did you mean 'm'?"),
    (HEAD + "slis: {a: {source: m}}\n", 7, 11, "exactly one of query and metric"),
    (HEAD + "slis: {a: {source: m, query: x, metric: up}}\n", 7, 33, "query and metric", "exactly one"),
    (HEAD + "slis: {a: {source: m, sql: select 1}}\n", 7, 23, "a postgres source for it", "'m' is a prometheus source"),
    (HEAD + "slis: {a: {source: h, query: up}}\n", 7, 23, "a prometheus source", "an http source; it understands"),
    (HEAD + "slis: {a: {source: d, metric: conections}}\n", 7, 31, "did you mean 'connections'?"),
    (HEAD + "slis: {a: {source: d, metric: cert_days}}\n", 7, 31, "a postgres source", "http sources have it"),
    (HEAD + "slis: {a: {source: d, metric: up, freshness: x}}\n", 7, 35, "'freshness' without 'query'"),
    (HEAD + "slis: {a: {source: m, query: x, value: t}}\n", 7, 33, "'value' without 'rows'"),
    (HEAD + "slis: {a: {source: m, query: x, over: y}}\n", 7, 33, "'over' without 'series'"),
    (HEAD + "slis: {a: {source: d, metric: up, rows: t}}\n", 7, 35, "a metric without rows", "one of components"),
    (HEAD + "slis: {a: {source: d, sql: x, rows: t, empty: lots}}\n", 7, 47, "found 'lots'", "a number in count"),
    *(
        (HEAD + f"slis: {{a: {{source: h, json: '{text}'}}}}\n", 7, 29, f"found '{text}'", words)
        for text, words in (
            ("foo(bar)", "there is no function foo()"),
            ("items[?lenght(name) > `3`].size | sum(@)", "did you mean 'length'?"),
            ("{a: [b, cuont(c)]}", "no function cuont()"),
        )
    ),
    (HEAD + "slis: {a: {source: m, series: x}}\n", 7, 23, "a metrics source for it", "'m' is a prometheus source"),
    (HEAD + "slis: {a: {source: m, series: 'rate(x)'}}\n", 7, 31, "the name of a series"),
    (HEAD + "  e: {type: env}\nslis: {a: {source: e}}\n", 8, 11, "expected variable"),
    (HEAD + "  e: {type: env}\nslis: {a: {source: e, variable: A-B}}\n", 8, 33, "an environment variable"),
    (HEAD + "  l: {type: log, path: x}\nslis: {a: {source: l, match: '('}}\n", 8, 30, "a regular expression"),
    (HEAD + "  c: {type: command, run: [ls]}\nslis: {a: {source: c, json: 'a['}}\n", 8, 29, "JMESPath", "Incomplete"),
    (HEAD + "  c: {type: command, run: [ls]}\nslis: {a: {source: c, json: 'a..b'}}\n", 8, 29, "a dot without a name"),
    (HEAD + "  h: {type: http, url: 'http://h'}\nslis: {a: {source: h, json: 'a[0'}}\n", 8, 29, "JMESPath"),
    (HEAD + "  c: {type: command, run: [ls]}\nslis: {a: {source: c, regex: 'x+'}}\n", 8, 30, "a group round the"),
    (HEAD + "  c: {type: command, run: [ls]}\nslis: {a: {source: c, rows: t, regex: '(?P<name>x) (y)'}}\n", 8, 39,
     "a group (?P<name>…)", "(?P<value>…)"),
    (HEAD + "  c: {type: command, run: [ls]}\nslis: {a: {source: c, regex: '('}}\n", 8, 30, "a regular expression"),
    (HEAD + 'slis: {a: {source: m, query: x, objective: "5"}}\n', 7, 44, "found '5'", "a comparison"),
    (HEAD + 'slis: {a: {source: m, query: x, objective: "<= 5ms"}}\n', 7, 44, "does not fit the unit 'count'"),
    *(
        (HEAD + f'slis: {{a: {{source: m, query: x, unit: {unit}, {key}: "{text}"}}}}\n', 7, column, f"found '{text}'",
         wanted, "write 1.5, or 1500 without a comma")
        for unit, key, text, column, wanted in (
            ("seconds", "objective", "<= 1,5s", 59, "a number without a comma"),
            ("ratio", "objective", "<= 0,5%", 57, "a number without a comma"),
            ("count", "objective", "> 1,5", 57, "a number without a comma"),
            ("count", "objective", "< 0,5% of baseline", 57, "a number without a comma"),
            ("count", "baseline", "1,5", 56, "a number in count"),
        )
    ),
    (HEAD + 'slis: {a: {source: m, query: x, rows: t, empty: "1,5"}}\n', 7, 49, "found '1,5'", "without a comma"),
    (HEAD + 'slis: {a: {source: m, query: x, objective: "<= 1e999"}}\n', 7, 44, "found '<= 1e999'", "a finite number"),
    (HEAD + 'slis: {a: {source: m, query: x, unit: ratio, objective: "< -1e999%"}}\n', 7, 57, "a finite number"),
    (HEAD + f'slis: {{a: {{source: m, query: x, objective: "< {"9" * 400}% of baseline"}}}}\n', 7, 44, "a finite"),
    (HEAD + 'slis: {a: {source: m, query: x, objective: "< 1.2.3% of baseline"}}\n', 7, 44, "a number before the %"),
    (HEAD + 'slis: {a: {source: m, query: x, objective: "< 5% of baseline"}}\n', 7, 44, "a 'baseline' beside it"),
    (HEAD + "slis: {a: {source: m, query: x, baseline: lots}}\n", 7, 43, "found 'lots'", "a number in count"),
    (HEAD + "slis: {a: {source: m, query: x, baseline: {qury: x}}}\n", 7, 43, "a number, {query: …}, or {ago: 7d}"),
    (HEAD + "slis: {a: {source: h, json: x, baseline: {query: x}}}\n", 7, 42, "answers no queries"),
    (HEAD + "slis: {a: {source: m, query: x, alerts: {when: rising}}}\n", 7, 41, "found a mapping", "a list"),
    (HEAD + "slis: {a: {source: m, query: x, alerts: [{when: rising}]}}\n", 7, 42, "'severity' is missing"),
    (HEAD + "slis: {a: {source: m, query: x, alerts: [{when: up, severity: SEV-9}]}}\n", 7, 63, "SEV-2 or SEV-3"),
    (HEAD + "slis: {a: {source: m, query: x, alerts: [{when: up, severity: SEV-9}]}}\n", 7, 49, "a comparison"),
    (HEAD + "slis: {a: {source: m, query: x, runbook: a.md}}\n", 7, 42, "no runbooks folder", "add runbooks"),
    (HEAD + "slis: {a: {source: m, query: x, actions: [none]}}\n", 7, 43, "of which there is none"),
    (HEAD + "slis: {a: {source: m, query: x, links: [{title: a, url: b}]}}\n", 7, 57, "found 'b'", "an address"),
    (HEAD + 'slis: {a: {source: m, query: x, title: "a\\eb"}}\n', 7, 40, "control characters"),
    (HEAD + "slis: {a: {source: d, sql: copy (select 1) to stdout}}\n", 7, 28, "no rows", "such as select"),
    (HEAD + "slis: {a: {source: d, metric: connections, baseline: {query: copy t to stdout}}}\n", 7, 62, "no rows"),
    (HEAD + "actions: {a: {sql: 'select 1; delete from x', source: d, danger: read}}\n", 7, 20, "a second statement"),
    (HEAD + "actions: {a: {danger: read}}\n", 7, 14, "exactly one of run, shell and sql"),
    (HEAD + "actions: {a: {run: [ls]}}\n", 7, 14, "'danger' is missing", "'read', 'change' or 'destroy'"),
    (HEAD + "actions: {a: {run: ls, danger: read}}\n", 7, 20, "found 'ls'", "a list"),
    (HEAD + "actions: {a: {run: [], danger: read}}\n", 7, 20, "found a list", "at least 1"),
    (HEAD + "actions: {a: {run: [ls], shell: ls, danger: read}}\n", 7, 26, "run and shell", "exactly one"),
    (HEAD + "actions: {a: {run: [ls], danger: chnge}}\n", 7, 34, "'chnge'", "did you mean 'change'?"),
    (HEAD + 'actions: {a: {run: [ls, "{x}"], danger: read}}\n', 7, 25, "add inputs: {x: {type: string}}, or"),
    (HEAD + "actions: {a: {run: [ls], inputs: {x: {type: string}}, danger: read}}\n", 7, 35, "not used", "{x}"),
    (HEAD + "actions: {a: {shell: ls $12, inputs: {x: {type: string}}, danger: read}}\n", 7, 39, "not used", "$1"),
    (HEAD + "actions: {a: {sql: select 1, danger: read}}\n", 7, 14, "'source' is missing", "a postgres source"),
    (HEAD + "actions: {a: {sql: select 1, source: m, danger: read}}\n", 7, 38, "'m' is a prometheus source"),
    (HEAD + "actions: {a: {run: [ls], source: d, danger: read}}\n", 7, 26, "'source' without 'sql'"),
    (HEAD + 'actions: {a: {sql: "select %(x)s", source: d, danger: read}}\n', 7, 20, "found %(x)s", "a declared input"),
    (
        HEAD + "actions: {a: {sql: \"select %(x)s like 'a%'\", source: d, inputs: {x: {type: string}}}}\n",
        7, 20, "a single % beside inputs", "%%",
    ),
    (HEAD + "actions: {a: {run: [ls], danger: read, env: [A-B]}}\n", 7, 46, "the name of an environment variable"),
    (HEAD + "actions: {a: {run: [ls], danger: read, verify: {sli: b}}}\n", 7, 54, "found 'b'", "the id of an SLI"),
    (HEAD + "actions: {a: {run: [ls], danger: read, timeout: soon}}\n", 7, 49, "found 'soon'", "a duration"),
    (HEAD + "keymap: {a: r, b: r}\n", 7, 19, "found 'r'", "'a' has it already"),
]  # fmt: skip
INPUTS = [
    ("{type: strng}", "did you mean 'string'?"),
    ("{type: choice}", "type 'choice' without choices"),
    ("{type: string, choices: [a]}", "type 'string' with choices"),
    ("{type: choice, choices: [a, b], default: c}", "found 'c', expected a or b"),
    ("{type: integer, default: x}", "found 'x', expected a whole number"),
    ("{type: integer, min: 5, default: 4}", "found 4, expected 5 or more"),
    ("{type: number, max: 5, default: 5.5}", "found 5.5, expected 5 or less"),
    ("{type: integer, min: 5, max: 4}", "found 4, expected 5 or more"),
    ("{type: string, min: 5}", "type: integer or type: number"),
    ("{type: integer, pattern: a}", "type: string with it"),
    ("{type: string, pattern: '('}", "a regular expression"),
    ("{type: string, pattern: '[a-z]+', default: '7'}", "matches the pattern"),
    ("{type: boolean, default: perhaps}", "true or false"),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), [(t, n, c, w) for t, n, c, *w in MISTAKES])
def test_a_mistake_is_found_where_it_is(tmp_path: Path, text: str, line: int, column: int, words: list[str]) -> None:
    found = findings(tmp_path, text)
    here = [str(f) for f in found if (f.line, f.column) == (line, column) and all(w in str(f) for w in words)]
    assert here, [str(f) for f in found]
    assert here[0].startswith(f"{tmp_path}/ontui.yaml:{line}:{column}: ")


@pytest.mark.parametrize(("entry", "words"), INPUTS)
def test_an_input_that_does_not_hold_together_is_found(tmp_path: Path, entry: str, words: str) -> None:
    text = HEAD + f'actions: {{a: {{run: [ls, "{{x}}"], danger: read, inputs: {{x: {entry}}}}}}}\n'
    assert [f for f in findings(tmp_path, text) if words in str(f) and f.line == 7 and f.column >= 58]


def test_all_mistakes_are_told_at_once_each_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = HEAD + "slis:\n  a: {source: mm, qury: x}\n  b: {source: d, metric: oops, objective: high}\ncolour: red\n"
    found = findings(tmp_path, text)
    places = [(f.line, f.column) for f in found]
    assert places == sorted(places)
    assert len(found) == len(set(found))
    assert [f.where for f in found] == ["slis.a", "slis.a.source", "slis.a.qury", "slis.b.metric", "slis.b.objective",
                                        "colour"]  # fmt: skip


def test_a_value_that_could_not_be_had_is_told_once(tmp_path: Path) -> None:
    found = findings(tmp_path, HEAD + '  x: {type: postgres, dsn: "${NOWHERE}"}\n')
    assert [f.where for f in found] == ["sources.x.dsn"]


@pytest.mark.parametrize(
    "line",
    [
        f"  x: {{type: postgres, dns: 'postgresql://u:{PASSWORD}@h/d'}}",
        f"  x: {{type: postgres, dsn: 'postgrsql://u:{PASSWORD}@h/d'}}",
        f"  x: {{type: postgres, dsn: 'postgresql://u:{PASSWORD}@h:x/d'}}",
        f"  x: {{type: postgres, dsn: 'postgresql://u:{PASSWORD}/x@h/d'}}",
        f"  x: {{type: postgres, dsn: 'password={PASSWORD} host'}}",
        f"  x: {{type: http, url: 'http://u:{PASSWORD}@'}}",
        f"  x: {{type: 'http://u:{PASSWORD}@h', url: a}}",
        f"  x: {{type: http, url: 'http://h', bearer: [{PASSWORD}]}}",
        f"  x: {{type: http, url: 'http://h', bearer: {PASSWORD}, method: {PASSWORD}}}",
        f"  x: {{type: http, url: 'http://h', headers: {{'a b': {PASSWORD}}}}}",
        f"  x: {{type: http, url: 'http://h', basic: {{password: {PASSWORD}, paswort: {PASSWORD}}}}}",
        f"  x: {{type: http, url: 'http://h', basic: {PASSWORD}, password: {PASSWORD}}}",
        f"  'http://u:{PASSWORD}@h': 5",
        "  x: {type: '${SECRET}', url: a}",
        "  x: {type: http, url: 'http://h', method: '${SECRET}'}",
        "  x: {type: http, url: 'http://h', every: '${SECRET}'}",
        "  x: {type: http, url: 'http://h', ca_file: '${SECRET}'}",
        "slis: {a: {source: '${SECRET}', query: up}}",
        "slis: {a: {source: m, query: up, unit: '${SECRET}', objective: '< 5ms', runbook: '${SECRET}'}}",
        "theme: ['${SECRET}']\nkeymap: {a: '${SECRET}', b: '${SECRET}'}",
    ],
)
def test_no_finding_shows_a_secret(tmp_path: Path, line: str) -> None:
    found = findings(tmp_path, HEAD + line + "\nkaymap: {}\n", {"SECRET": PASSWORD})
    assert len(found) > 1
    assert not [str(f) for f in found if PASSWORD in str(f)]


def test_keys_of_the_keymap_are_checked_when_they_are_known(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "keymap: {runbok: r, palette: p}\n")
    assert load(path, {}).keymap == {"runbok": "r", "palette": "p"}
    with pytest.raises(ConfigError, match=r"7:10: keymap\.runbok: unknown name 'runbok'; did you mean 'runbook'"):
        load(path, {}, key_ids={"runbook", "palette"})


def test_a_runbook_must_be_a_page_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "pages" / "deep").mkdir(parents=True)
    (tmp_path / "pages" / "latency.md").write_text("# Latency\n")
    (tmp_path / "pages" / "deep" / "disk.md").write_text("# Disk\n")
    text = HEAD + "runbooks: {path: pages}\nslis: {a: {source: m, query: x, runbook: PAGE}}\n"
    for page in ("latency.md", "latency.md#diagnosis", "latency", "deep/disk.md"):
        assert read_runbook(tmp_path, text, page) == page
    for page, words in {
        "latncy.md": "did you mean 'latency.md'?",
        "../pages/latency.md": "found no page",
        "https://wiki/latency": "under 'links'",
        "deep": "found no page 'deep'",
    }.items():
        assert words in str(findings(tmp_path, text.replace("PAGE", page))[0])


def read_runbook(folder: Path, text: str, page: str) -> str:
    """The runbook of the only SLI."""
    return load(written(folder, text.replace("PAGE", page)), {}).system.slis["a"].runbook
