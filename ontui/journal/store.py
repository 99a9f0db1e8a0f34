"""The journal's file: SQLite, private to its owner, shared by every ontui that person runs on this machine."""

import hashlib
import json
import math
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ontui.domain.event import Event, EventKind, Scalar
from ontui.domain.text import one_line
from ontui.journal.file import JournalError, connect, said

_COLUMNS = "seq, at, kind, system, who, subject, text, data, prev, hash"
_INSERT = f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own constant


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain does not hold any more."""

    seq: int
    reason: str


class Journal:
    """Events of all systems, oldest first; may be used from any thread, one at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection, mask: Callable[[str], str]) -> None:
        self.path = path
        self._connection = connection
        self._mask = mask
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, *, mask: Callable[[str], str] = str) -> "Journal":
        """Open or create it, 0600 in a folder of 0700; JournalError says in one line why that cannot be."""
        return cls(path, connect(path), mask)

    def append(self, event: Event, *, system: str) -> Event:
        """The event as it was written, masked and numbered; on the disk when this returns, else JournalError.

        May wait for other writers, at most about two seconds.
        """
        clean = self._masked(event)
        texts = (float(clean.at), str(clean.kind), clean.who, clean.subject, clean.text, _json(clean.data))
        with self._lock, self._errors("cannot be written"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                last = self._connection.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
                seq, prev = (last[0] + 1, last[1]) if last else (1, "")
                fields = (seq, *texts[:2], system, *texts[2:])
                self._connection.execute(_INSERT, (*fields, prev, _hash(prev, fields)))
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        return replace(clean, seq=seq)

    def after(self, seq: int, limit: int = 500, *, system: str | None = None) -> list[Event]:
        """The events that follow `seq`, oldest first."""
        return self._events("seq > ?", "seq", (seq,), limit, system)

    def tail(self, n: int, *, system: str | None = None) -> list[Event]:
        """The last `n` events, oldest first."""
        return self._events("seq > ?", "seq DESC", (0,), n, system)[::-1]

    def verify(self) -> Broken | None:
        """Where a line was changed, put in or taken out; the file's owner could still rewrite the whole chain."""
        with self._lock, self._errors("cannot be read"):
            prev, expected = "", 1
            for row in self._connection.execute(f"SELECT {_COLUMNS} FROM events ORDER BY seq"):  # noqa: S608
                *fields, its_prev, its_hash = row
                if fields[0] != expected:
                    return Broken(expected, f"line {expected} is missing")
                if its_prev != prev:
                    return Broken(expected, f"line {expected} does not follow from the one before it")
                if its_hash != _hash(prev, tuple(fields)):
                    return Broken(expected, f"line {expected} was changed")
                prev, expected = its_hash, expected + 1
            highest = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
            if highest and highest[0] >= expected:
                return Broken(expected, f"lines {expected} to {highest[0]} are missing")
        return None

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Done with it; may be called twice."""
        with self._lock, self._errors("cannot be closed"):
            self._connection.close()

    def _events(self, where: str, order: str, values: tuple[int, ...], limit: int, system: str | None) -> list[Event]:
        own = "" if system is None else " AND system = ?"
        query = f"SELECT {_COLUMNS} FROM events WHERE {where}{own} ORDER BY {order} LIMIT ?"  # noqa: S608 - our own texts
        bound = (*values, *(() if system is None else (system,)), limit)
        with self._lock, self._errors("cannot be read"):
            return [_event(row) for row in self._connection.execute(query, bound)]

    def _masked(self, event: Event) -> Event:
        def text(value: str) -> str:
            return self._mask(one_line(self._mask(value), 1000))  # again: cleaning may have joined what was apart

        data = {k: text(v) if isinstance(v, str) else _finite(v) for k, v in event.data.items()}
        return replace(event, who=text(event.who), subject=text(event.subject), text=text(event.text), data=data)

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JournalError(f"the journal {what}: {said(error, self.path)}") from error


def _finite(value: Scalar) -> Scalar:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _hash(prev: str, fields: tuple[object, ...]) -> str:
    return hashlib.sha256((prev + _json(fields)).encode()).hexdigest()


def _event(row: tuple[object, ...]) -> Event:
    seq, at, kind, _system, who, subject, text, data = row[:8]
    try:
        held: Mapping[str, Scalar] = json.loads(str(data))
        return Event(EventKind(str(kind)), float(str(at)), str(who), str(subject), str(text), held, int(str(seq)))
    except ValueError as error:
        raise JournalError(f"line {seq} of the journal was changed, or a newer ontui wrote it") from error
