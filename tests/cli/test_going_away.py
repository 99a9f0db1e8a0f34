"""How the commands end when something is wrong with us or around us."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.config_folder import HEAD, ConfigFolder
from tests.eventually import eventually
from tests.pty.terminal import ontui
from tests.servers.web import Reply, Web

SECRET = "hunter2-hunter2"
BROKEN = f"""
import ontui.cli.once
def to_text(state, now):
    in_a_local = "local-" + "secret"
    raise RuntimeError("planted \\x1b]52;c;Zm9v\\x07 {SECRET}")
ontui.cli.once.to_text = to_text
from ontui.cli import main
main()
"""
SLEEPY = """
import socket, time
real = socket.getaddrinfo
def slow(host, *a, **k):
    if host == "sleepy.example": time.sleep(30)
    return real(host, *a, **k)
socket.getaddrinfo = slow
from ontui.cli import main
main()
"""


@pytest.fixture
def scripted(place: ConfigFolder, tmp_path: Path) -> "Scripted":
    return Scripted(place, tmp_path / "script.py")


class Scripted:
    """The program with something in it replaced."""

    def __init__(self, place: ConfigFolder, script: Path) -> None:
        self.place, self.script = place, script

    def run(self, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        self.script.write_text(text)
        command = [sys.executable, str(self.script), "-c", str(self.place.config), *arguments]
        env = os.environ | self.place.environ
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)


def test_a_bug_is_told_without_secrets_locals_or_escapes(scripted: Scripted) -> None:
    scripted.place.write(HEAD.replace('"http://127.0.0.1:9/"', '"http://127.0.0.1:9/", bearer: "${WORD}"'))
    scripted.place.environ["WORD"] = SECRET
    done = scripted.run(BROKEN, "status")
    assert done.returncode == 1
    assert "RuntimeError: planted" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert "local-secret" not in done.stderr
    assert not set(done.stderr) & {"\x1b", "\x07"}


def test_a_slow_look_up_of_a_name_costs_the_deadline_at_most(scripted: Scripted) -> None:
    scripted.place.write(HEAD.replace("127.0.0.1:9/", "sleepy.example/") + "defaults: {timeout: 1s}\n")
    began = time.perf_counter()
    done = scripted.run(SLEEPY, "status", "--json")
    assert done.returncode != 0
    assert '"error": "' in done.stdout
    assert time.perf_counter() - began < 6


WELL = """\
version: 1
system: {id: shop}
sources: {vars: {type: env}}
slis: {home: {source: vars, variable: HOME}}
"""


@pytest.mark.parametrize(
    ("rest", "code", "said"),
    [
        ("status -c good > /dev/full", 3, "cannot be written: No space left on device"),
        ("status -c good --json > /dev/full", 3, "cannot be written: No space left on device"),
        ("check -c good > /dev/full", 3, "cannot be written: No space left on device"),
        ("status -c good >&-", 0, ""),
        ("status -c good 2>&- > /dev/null", 0, ""),
        ("status -c good <&- > /dev/null", 0, ""),
        ("status -c absent 2>&-", 3, ""),
        ("status -c absent 2>/dev/full", 3, ""),
        ("check -c absent 2>&- > /dev/null", 2, ""),
        ("status -c /dev/stdin < good > /dev/null", 0, ""),
        ("status -c absent", 3, "absent: cannot read the config: there is no such file"),
    ],
)
def test_where_it_cannot_be_said_no_code_says_another_thing(
    place: ConfigFolder, rest: str, code: int, said: str
) -> None:
    (place.folder / "good").write_text(WELL)
    program = " ".join(map(str, ontui()))
    done = subprocess.run(
        ["sh", "-c", f"{program} {rest}"], cwd=place.folder, env=os.environ | place.environ, capture_output=True,
        text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr, len(done.stderr.splitlines())) == (code, False, bool(said))
    assert said in done.stderr


def test_a_status_nobody_reads_tells_how_things_stand_all_the_same(place: ConfigFolder) -> None:
    (place.folder / "good").write_text(WELL)
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as broken:
        done = subprocess.run(
            [*map(str, ontui("status", "-c", "good"))], cwd=place.folder, env=os.environ | place.environ,
            stdout=broken, stderr=subprocess.PIPE, check=False, timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_ctrl_c_is_no_warning(place: ConfigFolder, web: Web) -> None:
    web.reply(Reply(delay_s=60))
    place.write(HEAD.replace("http://127.0.0.1:9/", f"{web.url}/") + "defaults: {every: 60s, timeout: 50s}\n")
    asking = subprocess.Popen(
        [*map(str, ontui("status", "-c", place.config))], env=os.environ | place.environ,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with asking:
        eventually(lambda: web.requests)
        asking.send_signal(signal.SIGINT)
        _, err = asking.communicate(timeout=30)
    assert (asking.returncode, err.split()) == (130, [b"Aborted!"])


def test_a_reader_that_goes_is_no_error_of_ours(place: ConfigFolder) -> None:
    place.write(HEAD + "actions:\n" + "".join(f"  a{n}: {{run: [echo], danger: read}}\n" for n in range(200)))
    program = " ".join(map(str, ontui("-c", place.config, "action", "list")))
    done = subprocess.run(
        ["sh", "-c", f"{program} | head -1"],
        env=os.environ | place.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("a0 ")
    assert done.stderr == ""
