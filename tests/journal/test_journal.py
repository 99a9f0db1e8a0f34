"""The journal under several writers, sudden deaths, full disks and people who edit it."""

import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ontui.domain.event import Event, EventKind
from ontui.journal import Broken, Journal, JournalError
from tests.eventually import eventually

WRITER = """
import sys
from pathlib import Path
from ontui.domain.event import Event, EventKind
from ontui.journal import Journal
with Journal.open(Path(sys.argv[1])) as journal:
    n = 0
    while n < int(sys.argv[2]):
        event = journal.append(Event(EventKind.PLANNED, 1000.5 + n, sys.argv[3], f"a{n}", "text"), system="freight")
        n += 1
        print(event.seq, flush=True)
"""


def event(n: int = 0, **more: object) -> Event:
    return Event(EventKind.PLANNED, 1000.25 + n, "alice@b1", f"action-{n}", f"text {n}", {"n": n, **more})  # type: ignore[dict-item]


def writer(path: Path, count: int, who: str = "alice@b1") -> subprocess.Popen[str]:
    """Another program that writes to it."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(count), who],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ontui" / "journal.db"


def tamper(path: Path, *statements: str) -> None:
    """What the file's owner can do with any SQLite."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        for trigger in ("never_changed", "never_removed", "never_replaced"):
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_what_was_appended_is_read_again(path: Path) -> None:
    with Journal.open(path) as journal:
        written = [journal.append(event(n, up=True, value=0.5, none=None), system="freight") for n in range(5)]
        journal.append(event(9), system="servio")
        assert [e.seq for e in written] == [1, 2, 3, 4, 5]
    with Journal.open(path) as journal:
        assert journal.after(0, system="freight") == written
        assert journal.after(2, 2) == written[2:4]
        assert journal.tail(2, system="freight") == written[3:]
        assert [e.seq for e in journal.tail(2)] == [5, 6]
        assert journal.after(6) == []
        assert journal.verify() is None


def test_it_is_private_from_the_first_byte(path: Path) -> None:
    old = os.umask(0)
    try:
        with Journal.open(path) as journal:
            journal.append(event(), system="freight")
            rights = {p.name: p.stat().st_mode & 0o777 for p in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert rights == {"journal.db": 0o600, "journal.db-wal": 0o600, "journal.db-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.parent.parent.stat().st_mode & 0o777 == 0o700


def test_what_others_can_look_at_is_refused_and_left_alone(path: Path) -> None:
    Journal.open(path).close()
    path.chmod(0o644)
    with pytest.raises(JournalError, match=r"others can look at the journal \(0644\): chmod 0600 "):
        Journal.open(path)
    path.chmod(0o600)
    path.parent.chmod(0o755)
    with pytest.raises(JournalError, match="chmod 0700"):
        Journal.open(path)
    assert path.parent.stat().st_mode & 0o777 == 0o755


def test_a_symbolic_link_is_refused(path: Path) -> None:
    path.parent.mkdir(parents=True, mode=0o700)
    path.symlink_to("/etc/passwd")
    with pytest.raises(JournalError, match="symbolic link"):
        Journal.open(path)


def test_secrets_and_escapes_never_reach_the_file(path: Path) -> None:
    with Journal.open(path, mask=lambda t: t.replace("hunter22", "••")) as journal:
        said = Event(
            EventKind.REFUSED, 1.0, "hunter22", "x\x1b]52;c;y\x07", "a\nhunter22" + "x" * 5000, {"d": "hunter22"}
        )
        written = journal.append(said, system="freight")
        assert journal.tail(1) == [written]
    assert written.who == "••"
    assert written.data == {"d": "••"}
    assert written.text.startswith("a ••x")
    assert len(written.text) <= 1000
    assert (written.text + written.subject).isprintable()
    assert b"hunter22" not in path.read_bytes()


def test_four_programs_write_at_once_and_the_chain_holds(path: Path) -> None:
    writers = [writer(path, 60, f"engineer-{n}") for n in range(4)]
    seqs = sorted(int(line) for w in writers for line in w.communicate(timeout=60)[0].split())
    assert seqs == list(range(1, 241))
    with Journal.open(path) as journal:
        assert journal.verify() is None
        assert {e.who for e in journal.tail(240)} == {f"engineer-{n}" for n in range(4)}


def test_what_append_returned_survives_a_sudden_death(path: Path) -> None:
    process = writer(path, 1_000_000)
    assert process.stdout is not None
    seen = 0
    while seen < 50:
        seen = int(process.stdout.readline())
    process.kill()
    rest = process.communicate()[0].split()
    last = int(rest[-1]) if rest else seen
    with Journal.open(path) as journal:
        kept = journal.tail(1)[0].seq
        assert kept in (last, last + 1)
        assert journal.verify() is None
        assert journal.append(event(), system="freight").seq == kept + 1


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE events SET text = 'nothing happened' WHERE seq = 3", Broken(3, "line 3 was changed")),
        ("UPDATE events SET at = at + 1 WHERE seq = 2", Broken(2, "line 2 was changed")),
        ("UPDATE events SET system = 'other' WHERE seq = 2", Broken(2, "line 2 was changed")),
        ("DELETE FROM events WHERE seq = 3", Broken(3, "line 3 is missing")),
        ("DELETE FROM events WHERE seq = 1", Broken(1, "line 1 is missing")),
        ("DELETE FROM events WHERE seq >= 4", Broken(4, "lines 4 to 5 are missing")),
        ("UPDATE events SET prev = 'x' WHERE seq = 4", Broken(4, "line 4 does not follow from the one before it")),
    ],
)
def test_an_edit_is_found(path: Path, statement: str, broken: Broken) -> None:
    with Journal.open(path) as journal:
        for n in range(5):
            journal.append(event(n), system="freight")
    tamper(path, statement)
    with Journal.open(path) as journal:
        assert journal.verify() == broken


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET text = 'x'",
        "DELETE FROM events",
        "REPLACE INTO events SELECT seq, at, kind, system, 'mallory', subject, text, data, prev, hash FROM events",
    ],
)
def test_it_only_grows(path: Path, statement: str) -> None:
    with Journal.open(path) as journal:
        written = journal.append(event(), system="freight")
        with sqlite3.connect(path) as other, pytest.raises(sqlite3.IntegrityError, match="append-only"):
            other.execute(statement)
        other.close()
        assert journal.tail(5) == [written]


def test_a_writer_that_holds_it_is_waited_for_but_not_for_ever(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.append(event(), system="freight")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="another program has held it for over 2 s"):
            journal.append(event(1), system="freight")
        other.execute("ROLLBACK")
        other.close()
        assert journal.append(event(2), system="freight").seq == 2


FULL = """
import resource, sys
from pathlib import Path
from ontui.domain.event import Event, EventKind
from ontui.journal import Journal, JournalError
with Journal.open(Path(sys.argv[1])) as journal:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    written = 0
    try:
        while True:
            journal.append(Event(EventKind.PLANNED, 1.0, "a", "s", "x" * 900), system="freight")
            written += 1
    except JournalError as error:
        print(error)
    try:
        journal.append(Event(EventKind.PLANNED, 1.0, "a", "s", "x" * 900), system="freight")
    except JournalError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(written, journal.append(Event(EventKind.PLANNED, 1.0, "a", "s", "room again"), system="freight").seq)
"""


def test_a_full_disk_is_said_in_one_line_and_loses_nothing(path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, env=env, timeout=60, check=False
    )
    assert done.stderr == ""
    *refusals, end = done.stdout.splitlines()
    assert len(refusals) == 2
    assert all(line.startswith("the journal cannot be written: ") for line in refusals)
    assert all("full" in line or "no room" in line for line in refusals)
    written, seq = map(int, end.split())
    assert seq == written + 1
    with Journal.open(path) as journal:
        assert journal.verify() is None


def test_what_is_no_journal_is_said(path: Path) -> None:
    path.parent.mkdir(parents=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(JournalError, match="damaged"):
        Journal.open(path)
    path.unlink()
    path.mkdir(mode=0o700)
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal.open(path)


def test_a_damaged_page_is_said(path: Path) -> None:
    with Journal.open(path) as journal:
        for n in range(200):
            journal.append(event(n), system="freight")
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 8] = os.urandom(4096 * 6)
    path.write_bytes(content)

    def use() -> object:
        with Journal.open(path) as journal:
            return journal.verify()

    try:
        assert use() is not None
    except JournalError as error:
        assert "damaged" in str(error)


def test_a_folder_that_cannot_be_made_is_said() -> None:
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal.open(Path("/proc/ontui/journal.db"))


def test_a_newer_journal_is_not_touched(path: Path) -> None:
    Journal.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE about SET value = '2' WHERE name = 'version'")
    connection.close()
    with pytest.raises(JournalError, match="version 2"):
        Journal.open(path)


def test_a_reader_follows_a_writer(path: Path) -> None:
    with Journal.open(path) as reader:
        process = writer(path, 20)
        seen: list[Event] = []

        def caught_up() -> bool:
            seen.extend(reader.after(seen[-1].seq if seen else 0, 7))
            return len(seen) == 20

        eventually(caught_up)
        process.communicate()
    assert [e.seq for e in seen] == list(range(1, 21))
