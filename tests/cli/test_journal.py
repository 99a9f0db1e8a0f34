"""`ontui journal`: the record, as lines."""

import os
import re
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from ontui.cli import cli
from tests.cli.config_folder import HEAD, ConfigFolder, run
from tests.eventually import eventually

ACTIONS = "actions:\n  look: {run: [echo, hello], danger: read}\n  slow: {run: [sleep, '62'], danger: read}\n"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  \S+@\S+  run ended  look  ok  .*")


def test_nothing_recorded_yet(place: ConfigFolder) -> None:
    place.write(HEAD)
    ended = place.run("journal", "tail")
    assert (ended.code, ended.out) == (0, "")
    assert "nothing" in ended.err


def test_one_line_an_event_oldest_first(place: ConfigFolder) -> None:
    place.write(HEAD + ACTIONS)
    place.run("action", "run", "look")
    out = place.run("journal", "tail").out.splitlines()
    assert [line.split("  ")[2] for line in out] == ["planned", "run started", "run ended"]
    assert LINE.fullmatch(out[-1])
    assert place.run("journal", "tail", "-n", "1").out.splitlines() == out[-1:]


def test_systems_do_not_mix_unless_no_config_is_named(place: ConfigFolder) -> None:
    place.write(HEAD + ACTIONS)
    place.run("action", "run", "look")
    place.write(HEAD.replace("id: shop", "id: other") + ACTIONS)
    place.run("action", "run", "look")
    assert len(place.run("journal", "tail").out.splitlines()) == 3
    assert len(run("journal", "tail", env=place.environ).out.splitlines()) == 6


def test_following_prints_what_comes_and_ctrl_c_ends_it(place: ConfigFolder) -> None:
    place.write(HEAD + ACTIONS)
    place.run("action", "run", "look")
    with place.going("journal", "tail", "-f", "-n", "1") as following:
        assert following.stdout is not None
        assert "run ended" in following.stdout.readline()
        place.run("action", "run", "look")
        assert "planned" in following.stdout.readline()
        following.send_signal(signal.SIGINT)
        assert following.wait(5) == 0


def test_a_run_that_died_with_us_is_lost_when_the_record_is_read(place: ConfigFolder) -> None:
    place.write(HEAD + ACTIONS)
    with place.going("action", "run", "slow") as going:
        eventually(lambda: place.journal.exists() and "running" in [e[4] for e in place.events()])
        assert place.results("slow")[-1] == ("run started", "running"), "it still runs: its lock is held"
        going.kill()
        eventually(lambda: place.results("slow")[-1] == ("run ended", "lost"))


@pytest.mark.parametrize("command", [("journal", "tail"), ("action", "run", "look"), ("status",)])
def test_a_state_folder_that_cannot_be_read_is_said_in_a_line(place: ConfigFolder, command: tuple[str, ...]) -> None:
    place.write(HEAD + ACTIONS)
    ended = place.run(*command, env={"XDG_STATE_HOME": "/" + "x" * 300})
    assert ended.code == (3 if command[0] == "action" else 2)  # of status: critical
    assert len(ended.err.splitlines()) == (0 if command[0] == "status" else 1), ended.err
    assert "hello" not in ended.out.splitlines()


@pytest.mark.parametrize("command", [("journal", "tail"), ("action", "list"), ("status",)])
def test_folders_of_somebody_else_are_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700 if os.geteuid() == 0 else 0)
    (tmp_path / "open").mkdir(mode=0o755)
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(closed))
    monkeypatch.delenv("ONTUI_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path / "open")
    runner, ours = CliRunner(), os.geteuid()
    runner.invoke(cli, [*command, "--help"])  # imported while we may read everything
    try:
        os.seteuid(65534 if ours == 0 else ours)
        ended = runner.invoke(cli, command)
    finally:
        os.seteuid(ours)
    assert ended.exit_code == (3 if command[0] == "status" else 2), ended.exception
    assert len(ended.output.splitlines()) == 1
    assert isinstance(ended.exception, SystemExit)
