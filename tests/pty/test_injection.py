"""Hostile text in what sources answer: it is shown as it is, it steers nothing, and it ends nothing."""

import re
import urllib.parse

from tests.cli.config_folder import ConfigFolder
from tests.pty.hostile import HEAD, MARK, bare, cockpit, evil, look_into_each, marked, quoted
from tests.servers.postgres import Postgres
from tests.servers.prometheus import Prometheus
from tests.servers.web import Reply, Request, Web, json_reply

LONG = 200_000


def vector(*labels: dict[str, str]) -> dict[str, object]:
    """An instant vector."""
    result = [{"metric": label, "value": [1795271811, "1"]} for label in labels]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


PROMETHEUS = {
    "labels": json_reply(vector({"who": evil("labels")}, {"who": "b"})),
    "names": json_reply(vector({evil("names"): "a"}, {"who": "b"})),
    "text": json_reply({"status": "success", "data": {"resultType": "string", "result": [1, evil("text")]}}),
    "kind": json_reply({"status": "success", "data": {"resultType": evil("kind"), "result": []}}),
    "error": json_reply({"status": "error", "errorType": "bad_data", "error": evil("error")}, 400),
    "warnings": json_reply(vector({}) | {"warnings": [evil("warnings")]}),
    "infos": json_reply(vector({}) | {"infos": [evil("infos")]}),
    "page": Reply(502, evil("page").encode(), {"Content-Type": "text/html"}),
    "long": json_reply(vector({"who": "long" + MARK + "x" * LONG}, {"who": "b"})),
}


def test_answers_of_a_prometheus(place: ConfigFolder, web: Web) -> None:
    def answer(request: Request) -> Reply:
        asked = urllib.parse.parse_qs(request.body.decode() or request.query).get("query", [""])[0]
        return next((reply for name, reply in PROMETHEUS.items() if f"_{name}" in asked), json_reply(vector({})))

    web.reply(answer)
    slis = "".join(f"  {name}: {{source: m, query: q_{name}}}\n" for name in PROMETHEUS)
    place.write(f'{HEAD}sources: {{m: {{type: prometheus, url: "{web.url}"}}}}\nslis:\n{slis}')
    with cockpit(place, "labels") as terminal:
        look_into_each(terminal, [name if name == "page" else f"{name}{MARK}" for name in PROMETHEUS])


def test_labels_of_a_real_prometheus(place: ConfigFolder, prometheus: Prometheus) -> None:
    now = prometheus.history_end
    for who in (bare(evil("real")), "b"):
        prometheus.push({"__name__": "hostile", "who": who}, [(now, 1.0)])
    place.write(
        f'{HEAD}sources: {{m: {{type: prometheus, url: "{prometheus.url}", stale_after: 2h}}}}\n'
        f'slis: {{thing: {{source: m, query: "hostile @ {now}"}}}}\n'
    )
    with cockpit(place, "thing") as terminal:
        look_into_each(terminal, marked("real"))


def checked(body: object) -> Reply:
    """A health endpoint's answer."""
    return json_reply(body)


HTTP = {
    "body": Reply(502, evil("body").encode()),
    "value": checked({"status": evil("value"), "n": 1}),
    "number": checked({"status": "ok", "n": evil("number")}),
    "header": Reply(200, b"{}", {"Content-Type": f"header{MARK}\x1b]52;c;header\x07"}),
    "encoding": Reply(200, b"{}", {"Content-Encoding": f"encoding{MARK}\x1b]52;c;encoding\x07"}),
    "redirect": Reply(302, b"", {"Location": f"http://redirect{MARK}\x1b]52;c;redirect\x07/"}),
    "long": checked({"status": "long" + MARK + "\x1b]52;c;long\x07" * (LONG // 10), "n": 1}),
}
def test_answers_of_an_endpoint(place: ConfigFolder, web: Web) -> None:
    for name, reply in HTTP.items():
        web.reply(reply, at=f"/{name}")
    sources = "".join(
        f'  {name}: {{type: http, url: "{web.url}/{name}", down_after: 1, expect: {{json: {{status: ok}}}}}}\n'
        for name in HTTP
    )
    slis = "".join(f"  the_{name}: {{source: {name}, json: n}}\n" for name in HTTP)
    place.write(f"{HEAD}sources:\n{sources}slis:\n{slis}")
    with cockpit(place, "the body") as terminal:
        terminal.resize(240, 60)   # wide enough for whole reasons
        for shown in marked("body", "value", "number", "encoding"):
            terminal.wait(re.escape(shown))
        look_into_each(terminal, [f"the {name}" for name in HTTP])
    assert {request.path for request in web.requests} == {f"/{name}" for name in HTTP}


def literal(text: str) -> str:
    """As PostgreSQL takes it, with every odd character escaped; it takes no NUL at all."""
    return "E'" + "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08x}" for c in bare(text)) + "'"


OWN, RAISED = literal(evil("own")), literal(evil("raised"))
SQL = f"""sources: {{d: {{type: postgres, dsn: "${{DSN}}"}}}}
slis:
  thing: {{source: d, metric: longest_query, actions: [end]}}
  own: {{source: d, sql: {quoted(f"select {OWN}")}}}
  raised: {{source: d, sql: {quoted(f"select cast({RAISED} as int)")}}}
actions:
  end:
    title: End it
    source: d
    sql: &q >-
      select pid, application_name, query from pg_stat_activity
      where application_name like '%foo%' or query like '-- statement%'
    preview_sql: *q
    danger: change
"""


def test_names_statements_rows_and_errors_of_a_database(place: ConfigFolder, postgres18: Postgres) -> None:
    place.environ["DSN"] = postgres18.dsn()
    place.write(HEAD + SQL)
    with postgres18.session(name=bare(evil("name"))[:50]) as session, postgres18.session() as noisy:
        session.execute("select 1")
        said = bare(evil("statement")).replace("\r", "")
        noisy.execute(f"-- statement {said}\nselect 1".encode())
        with cockpit(place, "thing") as terminal:
            terminal.type("x")
            terminal.wait("Repairs for")
            terminal.type("enter")
            terminal.wait("hits +2 now")
            terminal.type("p")
            terminal.wait(r"name\[/foo\]")
            terminal.wait(r"-- statement")
            terminal.type("y")
            terminal.wait("ok: ")
            terminal.type("escape")
            terminal.type("escape")
            terminal.type("escape")
            terminal.wait("raised")
            terminal.type("down")
            look_into_each(terminal, marked("own", "raised"))


