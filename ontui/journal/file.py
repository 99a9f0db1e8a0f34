"""Opening the journal's file: who may read it, how it is made, and what can be wrong with it."""

import os
import sqlite3
import stat
import time
from pathlib import Path

from ontui.domain.text import one_line

BUSY_S = 2.0
"""How long another writer is waited for."""
VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO about VALUES ('version', '1');
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, system TEXT NOT NULL,
    who TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, data TEXT NOT NULL,
    prev TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_of_system ON events (system, seq);
CREATE TRIGGER IF NOT EXISTS never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER IF NOT EXISTS never_removed BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER IF NOT EXISTS never_replaced BEFORE INSERT ON events
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""


class JournalError(Exception):
    """Why the journal cannot be read or written, in one line."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the journal, made if need be; JournalError otherwise."""
    try:
        _make_private(path)
    except OSError as error:
        raise JournalError(f"the journal cannot be opened: {error.strerror}: {error.filename or path}") from error
    try:
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise JournalError(f"the journal cannot be opened: {said(error, path)}") from error
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise JournalError(f"the journal cannot be opened: {said(error, path)}") from error
    except JournalError:
        connection.close()
        raise
    return connection


def said(error: sqlite3.Error, path: Path) -> str:
    """An SQLite error in the words of the person who has to mend it."""
    words = one_line(error, 120)
    match (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return f"no room left: {path}"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"another program has held it for over {BUSY_S:g} s: {path}"
        case sqlite3.SQLITE_READONLY:
            return f"read-only: {path}"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return f"damaged ({words}); move it away to start a new one: {path}"
        case sqlite3.SQLITE_IOERR:
            return f"the disk refuses (full, or failing; {words}): {path}"
        case _:
            return f"{words}: {path}"


def _make_private(path: Path) -> None:
    """Make folder and file for their owner alone; what is there already is checked and never changed."""
    for folder in reversed([p for p in (path.parent, *path.parent.parents) if not p.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    _check(path.parent, "0700")
    try:
        # SQLite gives its -wal and -shm files the rights of this one.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW, 0o600))
    except FileExistsError:
        _check(path, "0600")


def _check(path: Path, rights: str) -> None:
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode) and not path.is_dir():
        raise JournalError(f"the journal may not be a symbolic link: {path}")
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise JournalError(f"the journal belongs to someone else: {path}")
    if found.st_mode & 0o077:
        raise JournalError(f"others can look at the journal ({found.st_mode & 0o777:04o}): chmod {rights} {path}")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            _make_tables(connection)
            break
        except sqlite3.OperationalError as error:
            # Turning on WAL does not wait for other openers by itself.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    version = connection.execute("SELECT value FROM about WHERE name = 'version'").fetchone()
    if version is None or version[0] != str(VERSION):
        raise JournalError(f"the journal has version {version and version[0]}, this ontui knows {VERSION}: {path}")


def _make_tables(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")
    known = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'never_replaced'").fetchone()[0]
    if not known:
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
