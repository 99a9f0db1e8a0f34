"""`ontui action` with programs: planned, confirmed, run, recorded."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.cli.config_folder import HEAD, ConfigFolder, run
from tests.eventually import eventually
from tests.pty.terminal import ontui

PRODUCTION = HEAD.replace("environment: staging, production: false", "environment: live, production: true")
ACTIONS = """actions:
  look: {title: Look around, run: [./tool, look], danger: read}
  change: {title: Change it, run: [./tool, "{word}"], danger: change, inputs: {word: {type: string, pattern: "[a-z]+"}}}
  destroy: {run: [./tool, gone], danger: destroy}
  fail: {run: [./tool, fail], danger: read}
  slow: {run: [./tool, slow], danger: read, timeout: 1s}
  script: {shell: 'echo "got <$1>"', danger: read, inputs: {word: {type: string, pattern: ".*"}}}
"""
TOOL = """
case $1 in
fail) echo went wrong >&2; exit 7 ;;
slow) sleep 60 & echo begun; sleep 61 ;;
*) echo "did $1" ;;
esac"""


@pytest.fixture(autouse=True)
def _tool(place: ConfigFolder) -> None:
    place.write(HEAD + ACTIONS)
    place.program("tool", TOOL)


def test_the_list_and_the_plan(place: ConfigFolder) -> None:
    listed = place.run("action", "list")
    assert "destroy" in listed.out
    shown = place.run("action", "show", "change", "-p", "word=up")
    assert shown.code == 0
    assert "./tool up" in shown.out
    assert "--confirm y" in shown.out
    assert not place.journal.exists()


def test_only_those_are_asked_first_whom_the_plan_rests_on(place: ConfigFolder) -> None:
    tool = place.folder / "tool"
    sources = f"""sources:
  one: {{type: command, run: [touch, {place.folder}/one]}}
  two: {{type: command, run: [touch, {place.folder}/two]}}
slis: {{watched: {{source: two, metric: exit_code}}}}
"""
    mends = f"actions: {{mend: {{run: [{tool}], danger: change, verify: {{sli: watched, within: 1m}}}}}}\n"
    place.write(HEAD[: HEAD.index("sources:")] + sources + mends)
    assert place.run("action", "show", "mend").code == 0
    assert [(place.folder / name).exists() for name in ("one", "two")] == [False, True]


def test_an_action_that_reads_just_runs(place: ConfigFolder) -> None:
    ended = place.run("action", "run", "look")
    assert ended.code == 0
    assert "did look" in ended.out
    assert ended.err.splitlines()[-1] == "ok: exit 0"
    assert place.results("look") == [("planned", "planned"), ("run started", "running"), ("run ended", "ok")]


@pytest.mark.parametrize("given", [[], ["--confirm", "n"], ["--confirm", ""], ["--confirm", "Y"]])
def test_a_change_without_the_right_word_is_refused_with_the_word(place: ConfigFolder, given: list[str]) -> None:
    ended = place.run("action", "run", "change", "-p", "word=up", *given)
    assert ended.code == 3
    assert "did up" not in ended.out
    assert "the text y" in ended.err
    assert place.results("change")[-1] == ("refused", "refused")


def test_the_right_word_runs_it(place: ConfigFolder) -> None:
    ended = place.run("action", "run", "change", "-p", "word=up", "--confirm", "y")
    assert (ended.code, "did up" in ended.out) == (0, True)


@pytest.mark.parametrize("name", ["change", "destroy"])
def test_in_production_the_system_is_typed(place: ConfigFolder, name: str) -> None:
    place.write(PRODUCTION + ACTIONS)
    values = ["-p", "word=up"] if name == "change" else []
    refused = place.run("action", "run", name, *values, "--confirm", "y")
    assert refused.code == 3
    assert "the text shop" in refused.err
    assert place.run("action", "run", name, *values, "--confirm", "shop").code == 0


def test_a_destroying_action_wants_the_system_everywhere(place: ConfigFolder) -> None:
    assert place.run("action", "run", "destroy", "--confirm", "y").code == 3
    assert place.run("action", "run", "destroy", "--confirm", "shop").code == 0


@pytest.mark.parametrize(
    ("script", "result", "said"),
    [
        ("exit 0", "ok", "ok: exit 0"),
        ("exit 7", "failed", "failed: exit 7"),
        ("exit 3", "failed", "failed: exit 3"),
        ("sleep 60 & exit 9", "failed", "failed: exit 9; ended 1 it left behind"),
        ("sleep 60 &\nkill -9 $$", "signalled", "signalled: signal 9; ended 1 it left behind"),
    ],
)
def test_a_failure_is_1_and_the_line_says_which(place: ConfigFolder, script: str, result: str, said: str) -> None:
    place.program("tool", f"echo out; echo went wrong >&2; {script}")
    ended = place.run("action", "run", "fail")
    assert ended.code == (0 if result == "ok" else 1)
    assert {"out", "went wrong"} <= set(ended.out.splitlines())
    assert ended.err.splitlines()[-1] == said
    assert place.results("fail")[-1] == ("run ended", result)


def test_the_time_limit_ends_the_whole_group(place: ConfigFolder) -> None:
    ended = place.run("action", "run", "slow", within_s=40)   # it would sleep for longer
    assert ended.code == 1
    assert "timed out" in ended.err
    assert ended.took_s > 0.9
    assert place.results("slow")[-1] == ("run ended", "timed out")
    assert sleepers() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_and_the_journal_tells(place: ConfigFolder, number: signal.Signals) -> None:
    place.write(HEAD + ACTIONS.replace("timeout: 1s", "timeout: 50s"))
    with place.going("action", "run", "slow") as going:
        eventually(lambda: len(sleepers()) == 2)
        going.send_signal(number)
        assert going.wait(8) == 128 + number
        assert going.stderr is not None
        assert going.stderr.read() == "killed: stopped\n"
    eventually(lambda: sleepers() == [])
    assert place.results("slow")[-1] == ("run ended", "killed")


def test_killed_itself_the_run_ends_too_and_is_lost(place: ConfigFolder) -> None:
    place.write(HEAD + ACTIONS.replace("timeout: 1s", "timeout: 50s"))
    with place.going("action", "run", "slow") as going:
        eventually(lambda: len(sleepers()) == 2)
        going.kill()
    eventually(lambda: sleepers() == [])
    assert place.run("action", "run", "look").code == 0
    assert place.results("slow")[-1] == ("run ended", "lost")


def test_one_at_a_time_and_who_holds_it(place: ConfigFolder) -> None:
    place.write(HEAD + ACTIONS.replace("timeout: 1s", "timeout: 50s"))
    with place.going("action", "run", "slow") as going:
        eventually(lambda: len(sleepers()) == 2)
        second = place.run("action", "run", "slow")
        assert second.code == 3
        assert f"(pid {going.pid})" in second.err


def test_read_only_refuses_what_changes_and_lets_look(place: ConfigFolder) -> None:
    refused = place.run("action", "run", "destroy", "--confirm", "shop", "--read-only")
    assert refused.code == 3
    assert "read-only" in refused.err
    assert place.run("action", "run", "look", "--read-only").code == 0
    before = ("--read-only", "-c", place.config, "action", "run", "destroy", "--confirm", "shop")
    refused = run(*before, env=place.environ)
    assert refused.code == 3
    assert "read-only" in refused.err
    place.write(HEAD.replace("production: false", "production: false, read_only: true") + ACTIONS)
    assert place.run("action", "run", "destroy", "--confirm", "shop").code == 3


@pytest.mark.parametrize("word", ["-rf", "UP", "a\x1bb", "", "\u202e"])
def test_values_that_do_not_fit_are_refused(place: ConfigFolder, word: str) -> None:
    ended = place.run("action", "run", "change", "-p", f"word={word}", "--confirm", "y")
    assert ended.code == 3
    assert "did" not in ended.out
    assert not set(ended.err) & {"\x1b", "\u202e"}


def test_values_are_arguments_never_script(place: ConfigFolder) -> None:
    word = "x; touch $HOME/gone `id` $(id)"
    ended = place.run("action", "run", "script", "-p", f"word={word}")
    assert ended.code == 0
    assert f"got <{word}>" in ended.out


def test_a_mistyped_name_is_refused_with_a_suggestion(place: ConfigFolder) -> None:
    for command in ("show", "run"):
        ended = place.run("action", command, "destory")
        assert (ended.code, ended.out) == (3, "")
        assert "did you mean destroy?" in ended.err


def test_a_config_that_others_may_write_runs_nothing(place: ConfigFolder) -> None:
    place.config.chmod(0o666)
    ended = place.run("action", "run", "look")
    assert ended.code == 3
    assert "chmod go-w" in ended.err
    assert "did look" not in ended.out


def test_without_a_journal_nothing_runs(place: ConfigFolder) -> None:
    place.journal.parent.mkdir(parents=True)
    place.journal.write_bytes(b"this is no database" * 100)
    ended = place.run("action", "run", "look")
    assert ended.code == 3
    assert "did look" not in ended.out
    assert "journal" in ended.err


def test_output_is_cleaned_and_masked(place: ConfigFolder) -> None:
    place.write(HEAD.replace('url: "http://127.0.0.1:9/"', 'url: "http://127.0.0.1:9/", bearer: "${WORD}"') + ACTIONS)
    place.environ["WORD"] = "hunter2-hunter2"
    place.program("tool", r"""printf 'a\033]52;c;Zm9v\007b\233c hunter2-hunter2\n'; echo 'x hunter2-hunter2' >&2""")
    ended = place.run("action", "run", "look")
    assert ended.code == 0
    assert not set(ended.out + ended.err) & {"\x1b", "\x9b", "\x07"}
    assert "hunter2" not in ended.out + ended.err
    assert b"hunter2" not in place.journal.read_bytes()


def test_the_program_sees_only_the_environment_that_was_named(place: ConfigFolder) -> None:
    place.program("tool", "env")
    place.write(HEAD + ACTIONS.replace("run: [./tool, look]", "run: [./tool, look], env: [SHOWN]"))
    ended = place.run("action", "run", "look", env={"SHOWN": "yes-yes", "HIDDEN": "no-no"})
    assert "SHOWN=yes-yes" in ended.out
    assert "HIDDEN" not in ended.out


def test_state_is_private(place: ConfigFolder) -> None:
    place.run("action", "run", "look")
    assert place.journal.stat().st_mode & 0o777 == 0o600
    assert place.journal.parent.stat().st_mode & 0o777 == 0o700


def sleepers() -> list[int]:
    """The processes that the slow tool of this test started: its arguments are nobody else's."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if process.info["cmdline"] in (["sleep", "60"], ["sleep", "61"]) and _ours(process):
            found.append(process.pid)
    return found


def _ours(process: psutil.Process) -> bool:
    try:
        return Path(f"/proc/{process.pid}/cwd").readlink().name == "place"
    except OSError:
        return False


def answered(place: ConfigFolder, name: str, answer: bytes, meanwhile: Callable[[], object] = bool) -> str:
    """The command with a keyboard, refused: what it said on stderr."""
    before = place.results(name.split()[0]) if place.journal.exists() else []
    keyboard, terminal = os.openpty()
    process = subprocess.Popen(
        [str(a) for a in ontui("-c", place.config, "action", "run", *name.split())],
        env=os.environ | place.environ,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        eventually(lambda: place.results(name.split()[0])[len(before) :] == [("planned", "planned")])
        meanwhile()
        os.write(keyboard, answer)
        said = process.communicate(timeout=20)[1]
        assert process.returncode == 3
        return said
    finally:
        process.kill()
        process.wait()
        os.close(keyboard)
        os.close(terminal)


@pytest.mark.parametrize(
    ("name", "answer", "result"),
    [
        ("change -p word=up", b"n\n", "cancelled"),
        ("change -p word=up", b"\n", "cancelled"),
        ("change -p word=up", b"No\n", "cancelled"),
        ("change -p word=up", b"\x04", "cancelled"),
        ("change -p word=up", b"yes\n", "refused"),
        ("destroy", b"\n", "cancelled"),
        ("destroy", b"shpo\n", "refused"),
    ],
)
def test_no_is_a_change_of_mind(place: ConfigFolder, name: str, answer: bytes, result: str) -> None:
    answered(place, name, answer)
    assert place.results(name.split()[0]) == [("planned", "planned"), (result, result)]


def test_what_moves_before_the_answer_is_not_run_and_has_an_end(place: ConfigFolder) -> None:
    said = answered(place, "destroy", b"shop\n", lambda: place.program("tool", "echo another"))
    assert "moved meanwhile" in said
    said = answered(place, "destroy", b"shop\n", lambda: place.write(HEAD + ACTIONS + "# more\n"))
    assert "changed on disk" in said
    assert place.results("destroy") == [("planned", "planned"), ("refused", "refused")] * 2


def test_a_program_that_others_may_write_is_refused(place: ConfigFolder) -> None:
    (place.folder / "tool").chmod(0o777)
    ended = place.run("action", "run", "look")
    assert ended.code == 3
    assert ended.err == (
        f"ontui: nothing may be run: {place.folder / 'tool'} can be written by everybody: "
        f"chmod go-w '{place.folder / 'tool'}'\n"
    )


def test_a_value_given_twice_is_refused(place: ConfigFolder) -> None:
    for command in ("show", "run"):
        ended = place.run("action", command, "change", "-p", "word=up", "-p", "word=down")
        assert ended.code == 3
        assert ended.err == "ontui: input word is given twice; nothing was run\n"


def test_alerts_that_one_look_discovers_are_not_news(place: ConfigFolder) -> None:
    alert = "slis:\n  up: {source: health, metric: up, alerts: [{name: Down, when: '< 1', severity: SEV-1}]}\n"
    place.write(HEAD + alert + ACTIONS)
    for _ in range(2):
        assert place.run("action", "run", "look").code == 0
    assert [e[2] for e in place.events()] == ["planned", "run started", "run ended"] * 2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
@pytest.mark.parametrize(("script", "result"), [("exit 0", "ok"), ("exit 5", "failed")])
def test_a_detached_run_is_on_record_as_it_ended(
    place: ConfigFolder, number: signal.Signals, script: str, result: str
) -> None:
    place.program("tool", f"case $1 in slow) echo begun; until [ -e go ]; do sleep 0.05; done; {script} ;; esac")
    place.write(HEAD + ACTIONS.replace("timeout: 1s", "timeout: 50s, on_disconnect: detach"))
    runs = place.journal.parent / "runs"
    with place.going("action", "run", "slow") as going:
        eventually(lambda: [p for p in runs.glob("*.log") if p.read_text() == "begun\n"])
        going.send_signal(number)
        going.wait(8)
        assert going.stderr is not None
        assert ("left running as process" in going.stderr.read()) is (number == signal.SIGHUP)
    assert place.results("slow")[-1][1] == "running"
    (place.folder / "go").touch()
    assert eventually(lambda: place.results("slow")[-1][0] == "run ended" and place.results("slow")[-1]) == (
        "run ended",
        result,
    )
    assert "lost" not in [r for _, r in place.results("slow")]
    assert not list(runs.glob("*.end"))


DAEMON = "setsid sh -c 'while :; do sleep 0.1; done' place-daemon &"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_daemon_outlives_us(place: ConfigFolder, number: signal.Signals) -> None:
    place.program("tool", f"echo begun; {DAEMON} sleep 60")
    place.write(HEAD + ACTIONS.replace("timeout: 1s", "timeout: 50s"))
    with place.going("action", "run", "slow") as going:
        eventually(lambda: daemons())
        going.send_signal(number)
    eventually(lambda: not daemons())


def daemons() -> list[int]:
    found = psutil.process_iter(["cmdline"])
    return [p.pid for p in found if (p.info["cmdline"] or [""])[-1] == "place-daemon" and _ours(p)]
