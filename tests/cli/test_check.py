"""`ontui check` and what it may cost."""

import json
import subprocess
import sys

import pytest

from ontui import __version__
from tests.cli.config_folder import HEAD, ConfigFolder, run
from tests.pty.terminal import ontui


def test_a_good_config_is_ok_and_counted(place: ConfigFolder) -> None:
    place.page("latency.md", "# Latency\n\n## Diagnosis\n\nLook.\n")
    place.write(HEAD + "slis: {up: {source: health, metric: up, runbook: latency.md#diagnosis}}\n")
    ended = place.run("check")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"{place.config}: ok: 1 source, 1 SLI, 0 alerts, 0 actions\n"


def test_every_finding_has_its_place_and_a_suggestion(place: ConfigFolder) -> None:
    place.write(HEAD + "slis:\n  up: {source: helth, metric: up}\n  b: {source: health, metrik: up}\n")
    ended = place.run("check")
    assert ended.code == 1
    lines = ended.out.splitlines()
    assert any(line.startswith(f"{place.config}:6:") and "health" in line for line in lines), lines
    assert any(line.startswith(f"{place.config}:7:") and "metrik" in line and "metric" in line for line in lines), lines


def test_a_broken_runbook_link_is_a_finding(place: ConfigFolder) -> None:
    place.page("latency.md", "# Latency\n")
    place.write(HEAD + "slis:\n  up: {source: health, metric: up, runbook: latency.md#diagnosis}\n")
    ended = place.run("check")
    assert ended.code == 1
    assert ended.out.startswith(f"{place.config}:6:45: runbook: "), ended.out


def test_pages_that_were_left_out_are_said(place: ConfigFolder) -> None:
    place.page("latency.md", "# Latency\n")
    place.page("empty.md", "")
    place.write(HEAD + "slis:\n  up: {source: health, metric: up, runbook: latency.md}\n")
    ended = place.run("check")
    assert ended.code == 0
    assert "note: runbooks: empty.md: the page is empty" in ended.err


def test_a_secret_too_short_to_be_masked_is_said_where_it_stands(place: ConfigFolder) -> None:
    (place.folder / "word").write_text("abc\n")
    place.write(
        "version: 1\nsystem: {id: shop, environment: test}\nsources:\n"
        "  a: {type: postgres, dsn: 'postgresql://app:abc@localhost/app'}\n"
        "  b: {type: http, url: 'http://localhost', bearer: {file: ./word}}\n"
        "  c: {type: http, url: 'http://localhost', basic: {username: u, password: '${WORD}'}}\n"
        "  d: {type: http, url: 'http://${SHORT}.example.com', bearer: abcd}\n"
    )
    (place.folder / "word").chmod(0o600)
    place.environ |= {"WORD": "xyz", "SHORT": "db"}
    ended = place.run("check")
    assert ended.code == 0, ended.out
    said = [line.removeprefix(f"note: {place.config}:") for line in ended.err.splitlines()]
    reason = "a secret of fewer than 4 characters: it cannot be masked where a server says it"
    assert said == [f"4:28: sources.a.dsn: {reason}", f"5:52: sources.b.bearer: {reason}",
                    f"6:75: sources.c.basic.password: {reason}"]  # fmt: skip


def test_an_alertmanager_without_a_dead_mans_switch_is_noted(place: ConfigFolder) -> None:
    head = "version: 1\nsystem: {id: shop, environment: test}\nsources:\n"
    place.write(head + "  am: {type: alertmanager, url: 'http://localhost:9093', watchdog: Watchdog}\n")
    assert place.run("check").err == ""
    place.write(head + "  am: {type: alertmanager, url: 'http://localhost:9093'}\n")
    ended = place.run("check")
    assert ended.code == 0
    assert "sources.am has no 'watchdog:'" in ended.err


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\xff", b"version: 1\n\tsystem: {}\n", b"version: [1\n", b"[]"])
def test_what_is_no_config_is_told_in_one_place(place: ConfigFolder, content: bytes) -> None:
    place.config.write_bytes(content)
    ended = place.run("check")
    assert ended.code in (1, 2)
    assert ended.out.startswith(f"{place.config}"), ended.out


def test_a_config_that_is_not_there_cannot_be_read(place: ConfigFolder) -> None:
    ended = place.run("check")
    assert ended.code == 2
    assert str(place.config) in ended.out


def test_a_bad_config_stops_every_command(place: ConfigFolder) -> None:
    place.write("version: 1\nsystm: {id: x}\n")
    commands = {("runbook", "list"): 2, ("action", "list"): 2, ("action", "run", "x"): 2, ("status",): 3}
    for command, code in commands.items():   # to a monitoring system 2 would be critical
        ended = place.run(*command)
        assert (ended.code, ended.out) == (code, ""), command
        assert f"{place.config}:2:1" in ended.err


def test_secrets_of_the_config_are_not_in_its_findings(place: ConfigFolder) -> None:
    text = HEAD.replace('url: "http://127.0.0.1:9/"', 'url: "ftp://u:${WORD}@x/", nope: "${WORD}"')
    place.write(text + "slis: {up: {source: health, metric: nope}}\n")
    ended = place.run("check", env={"WORD": "hunter2-hunter2"})
    assert ended.code == 1
    assert "hunter2" not in ended.out + ended.err


def test_the_schema_is_json() -> None:
    schema = json.loads(run("check", "--schema").out)
    assert "sources" in json.dumps(schema)


def test_the_version() -> None:
    assert run("--version").out == f"ontui, version {__version__}\n"


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["check"]])
def test_the_light_commands_stay_light(place: ConfigFolder, arguments: list[str]) -> None:
    place.page("latency.md", "# Latency\n")
    place.write(HEAD + "slis: {up: {source: health, metric: up, runbook: latency.md}}\n")
    named = [*arguments, "-c", str(place.config)] if arguments == ["check"] else arguments
    program = [sys.executable, "-X", "importtime", str(ontui()[0]), *named]
    done = subprocess.run(program, capture_output=True, text=True, check=True, timeout=30)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "click" in loaded
    heavy = {name.partition(".")[0] for name in loaded} & {"textual", "rich", "httpx", "psycopg"}
    assert heavy == set()


@pytest.mark.parametrize(
    ("keymap", "word"), [("{runbook: notakey}", "'notakey' is no key"), ("{runbook: x}", "x would both 'runbook'")]
)
def test_a_keymap_that_cannot_work_is_a_finding(place: ConfigFolder, keymap: str, word: str) -> None:
    place.write(HEAD + f"slis: {{up: {{source: health, metric: up}}}}\nkeymap: {keymap}\n")
    ended = place.run("check")
    assert ended.code == 1
    assert f"{place.config}:6:1: keymap" in ended.out
    assert word in ended.out


def test_a_theme_that_is_none_is_a_finding(place: ConfigFolder) -> None:
    place.write(HEAD + "slis: {up: {source: health, metric: up}}\ntheme: ontui-drak\n")
    ended = place.run("check")
    assert ended.code == 1
    assert ended.out == f"{place.config}:6:1: there is no theme 'ontui-drak'; did you mean 'ontui-dark'?\n"
