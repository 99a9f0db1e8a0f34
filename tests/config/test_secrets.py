"""Values from outside the file arrive, and are never shown."""

import os
import time
from pathlib import Path

import pytest

from ontui.config.address import dsn_address, passwords, strip_user
from ontui.domain.secret import MASK
from ontui.domain.source import HttpSource, PostgresSource, PrometheusSource
from tests.config.write import HEAD, findings, read

PROGRAMS = {"PATH": os.environ["PATH"]}


def _http(folder: Path, url: str, environ: dict[str, str] | None = None, more: str = "") -> HttpSource:
    source = read(folder, HEAD + f"  x: {{type: http, url: {url}{more}}}\n", environ).sources["x"]
    assert isinstance(source, HttpSource)
    return source


@pytest.mark.parametrize(
    ("written", "environ", "value"),
    [
        ('"http://${HOST}/a"', {"HOST": "h"}, "http://h/a"),
        ('"http://${HOST:-other}/a"', {}, "http://other/a"),
        ('"http://${HOST:-other}/a"', {"HOST": ""}, "http://other/a"),
        ('"http://h${EMPTY}/a"', {"EMPTY": ""}, "http://h/a"),
        ('"http://h/$$a/$b"', {}, "http://h/$a/$b"),
        ('"http://${A}${B:-:80}"', {"A": "${B}"}, "http://${B}:80"),
    ],
)
def test_variables_are_filled_in_once(tmp_path: Path, written: str, environ: dict[str, str], value: str) -> None:
    assert _http(tmp_path, written, environ).url == value


def test_variables_fill_in_numbers_truths_and_durations(tmp_path: Path) -> None:
    text = HEAD.replace("{id: x}", '{id: x, production: "${P}"}').replace('health"', 'health", every: "${E}"')
    config = read(tmp_path, text, {"P": "false", "E": "7s"})
    assert config.system.production is False
    assert config.sources["h"].interval_s == 7


def test_a_dollar_keeps_its_meaning_in_queries_and_commands(tmp_path: Path) -> None:
    text = HEAD + (
        "slis: {a: {source: m, query: 'x{a=\"${A}\"}', baseline: {query: '${B}'}, freshness: 'x{a=\"${C}\"}'}}\n"
        "actions:\n"
        "  a: {run: ['${A}'], danger: read}\n"
        "  b: {shell: 'echo ${1} $$ ${B}', danger: read, inputs: {x: {type: string, pattern: 'a$$(2)'}}}\n"
        "  c: {sql: 'select $${}$$', preview_sql: '${P}', source: d, danger: read}\n"
    )
    system = read(tmp_path, text).system
    sli, actions = system.slis["a"], system.actions
    assert (sli.query, sli.baseline_query, sli.freshness) == ('x{a="${A}"}', "${B}", 'x{a="${C}"}')
    assert actions["a"].argv == ("${A}",)
    assert actions["b"].script == "echo ${1} $$ ${B}"
    assert actions["b"].inputs[0].pattern == "a$$(2)"
    assert (actions["c"].sql, actions["c"].preview_sql) == ("select $${}$$", "${P}")


def test_files_and_commands_give_secrets(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("tok-from-file\n")
    text = HEAD + (
        "  a: {type: prometheus, url: 'http://h', bearer: {file: token}}\n"
        "  b: {type: postgres, dsn: {command: [echo, 'postgresql://u:p%40ssw0rd@db:5433/app']}}\n"
        "  c: {type: http, url: 'http://h', headers: {X-Api-Key: {command: [printf, head-value]}}}\n"
        "  e: {type: http, url: 'http://h', basic: {username: u, password: {file: './token'}}}\n"
    )
    config = read(tmp_path, text, PROGRAMS)
    a, b, c, e = (config.sources[i] for i in "abce")
    assert isinstance(a, PrometheusSource)
    assert isinstance(b, PostgresSource)
    assert isinstance(c, HttpSource)
    assert isinstance(e, HttpSource)
    assert a.access.bearer == "tok-from-file"
    assert b.dsn == "postgresql://u:p%40ssw0rd@db:5433/app"
    assert b.address == "db:5433/app"
    assert c.access.headers == {"X-Api-Key": "head-value"}
    assert e.access.basic == ("u", "tok-from-file")
    said = config.secrets.mask("tok-from-file p%40ssw0rd p@ssw0rd head-value http://h")
    assert said == f"{MASK} {MASK} {MASK} {MASK} http://h"
    for text in (repr(a), repr(b), repr(c), repr(e), repr(config)):
        assert not [s for s in ("tok-from-file", "p%40ssw0rd", "head-value") if s in text]


def test_secrets_written_in_the_file_are_masked_too(tmp_path: Path) -> None:
    text = HEAD + (
        "  a: {type: http, url: 'http://u:urlsecret@h:80/x', bearer: literal-token}\n"
        "  b: {type: postgres, dsn: \"host=db dbname=app password='pair secret'\"}\n"
        "  c: {type: http, url: 'http://h', headers: {Authorization: Basic abc, X-Scope-OrgID: freight}}\n"
    )
    config = read(tmp_path, text.replace(", bearer: literal-token", ""))
    a = config.sources["a"]
    assert isinstance(a, HttpSource)
    assert (a.url, a.address, a.access.basic) == ("http://h:80/x", "http://h:80/x", ("u", "urlsecret"))
    assert config.sources["b"].address == "db/app"
    assert config.secrets.mask("urlsecret, pair secret, Basic abc, freight") == f"{MASK}, {MASK}, {MASK}, freight"


def test_a_whole_address_from_the_environment_is_masked_but_its_place_is_shown(tmp_path: Path) -> None:
    url = "http://prometheus.internal:9090/base/"
    config = read(tmp_path, HEAD + '  x: {type: prometheus, url: "${URL}"}\n', {"URL": url})
    assert config.secrets.mask(f"GET {url}api failed") == f"GET {MASK}api failed"
    assert config.secrets.mask(config.sources["x"].address) == "prometheus.internal:9090/base"


def test_settings_from_the_environment_are_meant_to_be_seen(tmp_path: Path) -> None:
    text = HEAD.replace("{id: x}", '{id: x, environment: "${STAGE}"}')
    config = read(tmp_path, text, {"STAGE": "production"})
    assert config.secrets.mask(config.system.environment) == "production"


def test_a_command_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 60 & echo $! $$ > {pids}; wait"
    started = time.monotonic()
    found = findings(tmp_path, HEAD + f"  x: {{type: http, url: {{command: [sh, -c, '{script}']}}}}\n", PROGRAMS)
    assert "did not end within 5 s" in str(found[0])
    assert time.monotonic() - started < 9
    for pid in pids.read_text().split():
        assert _ended(int(pid))


def _ended(pid: int) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("[sh, -c, 'yes | head -c 1000000']", "more than 64 KiB"),
        ("[printf, '']", "it is empty"),
        ("[printf, '\\377\\376']", "it is not UTF-8 text"),
        ("[sh, -c, 'kill -9 $$']", "ended by signal 9"),
        ("[]", "{command: [PROGRAM, ARGUMENT]}"),
        ("[printf, 5]", "all of them text"),
    ],
)
def test_a_command_without_a_value_is_told(tmp_path: Path, command: str, words: str) -> None:
    found = findings(tmp_path, HEAD + f"  x: {{type: http, url: {{command: {command}}}}}\n", PROGRAMS)
    assert words in str(found[0])


def test_a_command_gets_no_input_and_may_leave_a_child_behind(tmp_path: Path) -> None:
    script = "cat; (sleep 3 &) ; echo http://from-command"
    started = time.monotonic()
    source = _http(tmp_path, f"{{command: [sh, -c, '{script}']}}", PROGRAMS)
    assert source.url == "http://from-command"
    assert time.monotonic() - started < 2.5


@pytest.mark.parametrize(
    ("dsn", "address"),
    [
        ("postgresql://u:p@h:5433/app", "h:5433/app"),
        ("postgres://h", "h"),
        ("postgresql:///app", "local socket/app"),
        ("postgresql:///app?host=/run/pg&port=5433", "/run/pg:5433/app"),
        ("postgresql://u:p@a:1,b:2/app?target_session_attrs=any", "a:1,b:2/app"),
        ("postgresql://u:p@[::1]:5432/app", "[::1]:5432/app"),
        ("host=h port=5433 dbname=app user=u password=p", "h:5433/app"),
        ("dbname = 'my app'", "local socket/my app"),
    ],
)
def test_the_address_of_a_database_says_where_and_no_secret(dsn: str, address: str) -> None:
    assert dsn_address(dsn) == address


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("postgresql://u:p%40w@h/d", ["p%40w", "p@w"]),
        ("postgresql://h/d?user=u&password=a%20b", ["a%20b", "a b"]),
        ("postgresql://u:a/b@h/d", ["a/b"]),
        ("http://h/d", []),
        (r"host=h password='it\'s'", ["it's", r"it\'s"]),
    ],
)
def test_every_form_of_a_password_is_known(text: str, found: list[str]) -> None:
    assert set(found) == set(passwords(text))


def test_user_and_slash_are_taken_off_an_address() -> None:
    assert strip_user("https://u:p@h:1/a/") == "https://h:1/a"
    assert strip_user("https://h/a@b/") == "https://h/a@b"
