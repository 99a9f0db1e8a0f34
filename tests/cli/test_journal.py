"""`ontui journal`: the record, as lines."""

import re
import signal

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
    assert [line.split("  ")[2] for line in out] == ["source", "planned", "run started", "run ended"]
    assert LINE.fullmatch(out[-1])
    assert place.run("journal", "tail", "-n", "1").out.splitlines() == out[-1:]


def test_systems_do_not_mix_unless_no_config_is_named(place: ConfigFolder) -> None:
    place.write(HEAD + ACTIONS)
    place.run("action", "run", "look")
    place.write(HEAD.replace("id: shop", "id: other") + ACTIONS)
    place.run("action", "run", "look")
    assert len(place.run("journal", "tail").out.splitlines()) == 4
    assert len(run("journal", "tail", env=place.environ).out.splitlines()) == 8


def test_following_prints_what_comes_and_ctrl_c_ends_it(place: ConfigFolder) -> None:
    place.write(HEAD + ACTIONS)
    place.run("action", "run", "look")
    with place.going("journal", "tail", "-f", "-n", "1") as following:
        assert following.stdout is not None
        assert "run ended" in following.stdout.readline()
        place.run("action", "run", "look")
        assert "health down" in following.stdout.readline()
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
