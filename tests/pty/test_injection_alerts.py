"""Hostile text through the doors of alerts of others: labels, notes, silences, a server's refusal."""

import json

from tests.cli.config_folder import ConfigFolder
from tests.pty.hostile import HEAD, MARK, cockpit, evil, obeyed, short
from tests.servers.alertmanager import Alertmanager
from tests.servers.web import Reply, Web, json_reply

CONFIG = HEAD + (
    'sources: {am: {type: alertmanager, url: "URL", silent_after: 1h}}\n'
    "slis: {n: {title: firing, source: am, metric: alerts}}\n"
)


def _tell(alertmanager: Alertmanager) -> None:
    """A real server takes any text but NUL; names of labels are words."""
    labels = {"alertname": short("name"), "job": short("label"), "severity": short("severity")}
    alertmanager.tell_all([labels], summary=short("summary"))


def test_a_label_a_note_and_a_comment_are_shown_and_not_obeyed(
    place: ConfigFolder, alertmanager: Alertmanager
) -> None:
    _tell(alertmanager)
    place.write(CONFIG.replace("URL", alertmanager.url))
    for options in ((), ("--json",)):
        told = place.run("status", *options)
        assert f"name{MARK}" in told.out
        assert obeyed(told.out) == []
    with cockpit(place, r"name\[/foo\]") as terminal:
        terminal.type("enter")
        terminal.wait(r"summary +summary\[/foo\]")
        terminal.wait(r"label\[/foo\]")
        terminal.type("s")
        terminal.wait("for the others, and the record")
        terminal.type("escape")
        alertmanager.silence(short("comment"), job=short("label"))
        terminal.type("R")
        terminal.wait(r"silenced +until .*comment\[/foo\]")
        terminal.type("s")
        terminal.wait("Let these alerts be heard again")
        terminal.wait(r"because +comment\[/foo\]")


def test_a_refusal_is_quoted_and_not_obeyed(place: ConfigFolder, web: Web) -> None:
    alert = {
        "labels": {"alertname": evil("name")}, "annotations": {"description": evil("description")}, "fingerprint": "1",
        "generatorURL": evil("generator"), "status": {"state": "active"}, "startsAt": "2026-11-21T08:00:00Z",
        "updatedAt": "2099-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z",
    }  # fmt: skip
    web.reply(json_reply([alert]), at="/api/v2/alerts")
    web.reply(json_reply([]), at="/api/v2/silences")
    web.reply(json_reply({"versionInfo": {"version": evil("version")}}), at="/api/v2/status")
    place.write(CONFIG.replace("URL", web.url))
    with cockpit(place, r"name\[/foo\]") as terminal:
        terminal.type("enter")
        terminal.wait(r"description\[/foo\]")
        terminal.type("escape")
        terminal.type("s")
        terminal.wait("for the others, and the record")
        terminal.type(*"why", "enter")
        terminal.wait("a silence needs at least one matcher")   # of a label that is not shown as it is, none is made
        terminal.type(*"job=x", "enter")
        terminal.wait("Silence them?")
        refusal = Reply(400, json.dumps(evil("refusal")).encode(), {"Content-Type": "application/json"})
        web.reply(refusal, at="/api/v2/silences")
        terminal.type("y")
        terminal.wait(r"refusal\[/foo\]")
    assert obeyed(place.run("journal", "tail").out) == []
