"""Children start tied to us, say why they failed, and are found or refused by name."""

import os
import shutil
import signal
import stat
import sys
import time
from pathlib import Path

import psycopg
import pytest

from ontui.demo import process
from ontui.demo.folder import Watchdog, make_root
from ontui.demo.postgres import PostgresServer, find_postgres, major_version
from ontui.demo.process import Account, DemoUnavailable, StartFailed, free_port, reachable, spawn, wait_ready
from tests.demo.looking import alive
from tests.eventually import eventually


def test_a_child_that_dies_fails_with_the_end_of_its_log(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import sys; print('first'); sys.exit('no such port')"]
    child = spawn(argv, cwd=tmp_path, log=tmp_path / "log")
    with pytest.raises(StartFailed, match=r"(?s)ended with code 1.*no such port"):
        wait_ready(lambda: False, child, 10)


def test_a_child_that_ends_well_between_two_looks_is_ready(tmp_path: Path) -> None:
    waiting = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)"
    child = spawn([sys.executable, "-c", waiting], cwd=tmp_path, log=tmp_path / "log")
    looks = []

    def ended() -> bool:
        looks.append(child.process.poll() == 0)
        (tmp_path / "go").touch()
        child.process.wait(10)
        return looks[-1]

    wait_ready(ended, child, 10)
    assert looks == [False, True]


def test_a_child_that_is_never_ready_fails_at_the_deadline(tmp_path: Path) -> None:
    child = spawn([sys.executable, "-c", "import time; time.sleep(60)"], cwd=tmp_path, log=tmp_path / "log")
    began = time.monotonic()
    with pytest.raises(StartFailed, match=r"not ready after 0\.2 s"):
        wait_ready(lambda: False, child, 0.2)
    assert time.monotonic() - began < 2
    child.stop()


def test_a_child_that_ignores_the_question_is_killed(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    child = spawn([sys.executable, "-c", code], cwd=tmp_path, log=tmp_path / "log")
    wait_ready(lambda: "deaf" in child.log_tail(), child, 10)
    child.stop(grace_s=0.1)
    assert child.process.returncode == -signal.SIGKILL


def test_a_child_has_a_session_of_its_own_and_no_input(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getsid(0) == os.getpid(), repr(sys.stdin.read()))"
    child = spawn([sys.executable, "-c", code], cwd=tmp_path, log=tmp_path / "log")
    assert child.process.wait(10) == 0
    assert child.log_tail() == "True ''"


def test_the_watchdog_ends_what_is_left_and_removes_the_folder() -> None:
    root = make_root("ontui-t-watchdog-")
    watchdog = Watchdog(root)
    code = "import signal, time; signal.signal(signal.SIGQUIT, signal.SIG_IGN); time.sleep(60)"
    child = watchdog.watch(spawn([sys.executable, "-c", code], cwd=root, log=root / "log"))
    assert watchdog.process.stdin is not None
    watchdog.process.stdin.close()  # as the kernel does when we die
    eventually(lambda: not alive(child.pid), within_s=8)
    eventually(lambda: not root.exists(), within_s=3)
    assert watchdog.process.wait(5) == 0
    child.stop()


def test_the_watchdog_lets_go_of_what_was_stopped() -> None:
    root = make_root("ontui-t-watchdog-")
    watchdog = Watchdog(root)
    child = watchdog.watch(spawn([sys.executable, "-c", "input()"], cwd=root, log=root / "log"))
    watchdog.stop(child)
    watchdog.close()
    assert not root.exists()
    assert watchdog.process.returncode == 0


def test_reachable_asks_for_every_folder_on_the_way() -> None:
    root = make_root("ontui-t-reach-")
    try:
        program = root / "open" / "program"
        program.parent.mkdir(mode=0o755)
        program.write_text("")
        program.chmod(0o755)
        root.chmod(0o711)
        stranger = Account("stranger", 60_001, 60_001)
        assert reachable(program, stranger)
        program.parent.chmod(0o700)
        assert not reachable(program, stranger)
        assert reachable(program, None)
        program.parent.chmod(0o755)
        root.chmod(0o700)
        assert not reachable(program.parent, stranger)
    finally:
        shutil.rmtree(root)


def test_free_ports_differ() -> None:
    assert len({free_port() for _ in range(5)}) > 1


def test_a_machine_without_postgres_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("pathlib.Path.glob", lambda *_: iter(()))
    with pytest.raises(DemoUnavailable, match=r"pip install 'ontui\[demo\]'"):
        find_postgres()


def test_root_without_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("pwd.getpwnam", lambda name: {}[name])
    with pytest.raises(DemoUnavailable, match="nobody"):
        process.demoted_account()


def test_a_user_without_a_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12_345_678)
    with pytest.raises(DemoUnavailable, match="12345678"):
        process.demoted_account()


def test_postgres_starts_from_a_closed_folder_and_changes_no_permission() -> None:
    """As for a virtual environment below /root: the programs are copied, the folder stays closed."""
    root, closed = make_root("ontui-t-pg-"), make_root("ontui-t-closed-")
    package = find_postgres().parent.parent
    shutil.copytree(package, closed / package.name, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, closed / libraries.name)
    closed.chmod(0o700)
    try:
        server = PostgresServer.start(root, bin_dir=closed / package.name / "pginstall" / "bin", max_connections=12)
        try:
            with psycopg.connect(server.dsn(), autocommit=True) as session:
                row = session.execute("select current_setting('max_connections')").fetchone()
            assert row == ("12",)
            assert server.major == major_version(find_postgres()) == 18
        finally:
            server.stop()
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert not server.child.alive
    finally:
        shutil.rmtree(root)
        shutil.rmtree(closed)
