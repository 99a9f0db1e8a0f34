"""One file that grows: its new lines, piece by piece, whatever is done to it meanwhile."""

import contextlib
import os
import re
import stat
from collections.abc import Iterator

MOST_BYTES = 8 * 1024 * 1024
"""Read in one look; of more the newest."""
PIECE_BYTES = 256 * 1024
LINE_BYTES = 64 * 1024
"""Kept of one line."""
MARK_BYTES = 64
"""Remembered of what was read last: other bytes there mean another file in the same place."""
CUT_SHORT = "the file was cut short, and what was written just before may be missing"
NOT_TEXT = "not text that can be read: it holds NUL bytes (UTF-16?)"
_BYTE_ORDER = (b"\xff\xfe", b"\xfe\xff")
_WIDE = re.compile(rb"[^\0]\0[^\0]\0")
"""Letters with a zero between each and the next; the zeros of a hole stand together."""
WIDE_SHARE = 0.25
"""Of what is no zero: with so many such letters it is no text of bytes, of whatever language the rest is."""


class NotAFile(Exception):
    """What has the name is no regular file; the message says what it is."""


class GrowingFile:
    """An open file and how far it was read; what is renamed or deleted can be read to its end."""

    def __init__(self, path: str) -> None:
        """Open it; raises OSError and NotAFile, and waits neither for a pipe nor for a device."""
        check_regular(os.stat(path))  # noqa: PTH116 - before opening: that alone does something to some devices
        self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            found = os.fstat(self._file)
            check_regular(found)
        except BaseException:
            os.close(self._file)
            raise
        self.identity = found.st_dev, found.st_ino
        self.size, self.written_at = found.st_size, found.st_mtime
        self.missed = ""
        """Why the last look did not see every line; empty when it did."""
        self._offset, self._mark = 0, b""
        self._begun = b""
        """A line whose end has not come yet."""
        self._torn = False
        """Whether we are in a line whose beginning was not read."""
        self.is_text = True
        """Whether what was read last has lines that can be told apart and read."""

    def skip_to_end(self) -> None:
        """Begin with what comes from now on; a line under way is counted when it ends."""
        self._offset = self.size
        last = os.pread(self._file, LINE_BYTES, max(0, self.size - LINE_BYTES))
        _, ended, self._begun = last.rpartition(b"\n")
        self._torn = not ended and self.size > LINE_BYTES
        self._mark = last[-MARK_BYTES:]
        self._judge(last)
        self.is_text = self.is_text and os.pread(self._file, 2, 0) not in _BYTE_ORDER

    def tail(self, most: int) -> tuple[list[bytes], bool]:
        """The whole lines at its end, and whether that is all of it; where it is read next does not change."""
        at = max(0, self.size - most)
        lines = os.pread(self._file, self.size - at, at).split(b"\n")[:-1]
        return [_line(line) for line in lines[1 if at else 0 :]], at == 0

    def new_lines(self) -> Iterator[list[bytes]]:
        """The lines that ended since the last look, without their ends; sets `missed`, `size` and `written_at`."""
        found = os.fstat(self._file)
        self.size, self.missed = found.st_size, ""
        if not self._is_what_it_was():
            self._offset, self._mark, self._begun, self._torn = 0, b"", b"", False
            self.missed = CUT_SHORT
        begins = self._offset
        with contextlib.suppress(OSError):   # a hole: of the zeros none was written
            begins = max(begins, os.lseek(self._file, begins, os.SEEK_DATA))
        if self.size - begins > MOST_BYTES:
            left_out = self.size - begins - MOST_BYTES
            begins, self._begun, self._torn = self.size - MOST_BYTES, b"", True
            self.missed = f"{left_out / 1024 / 1024:.3g} MiB more were written than are read at once"
        if begins > self._offset:
            self._offset, self._mark = begins, b""
        while self._offset < self.size:
            data = os.pread(self._file, min(PIECE_BYTES, self.size - self._offset), self._offset)
            if not data:
                break   # it was cut short while we read
            self._offset += len(data)
            self._mark = (self._mark + data)[-MARK_BYTES:]
            self._judge(data)
            self.written_at = found.st_mtime
            if lines := self._ended(data):
                yield lines

    def _judge(self, data: bytes) -> None:
        if b"\0" not in data:
            self.is_text = True
        elif data[:2] in _BYTE_ORDER or _is_wide(data):
            self.is_text = False

    def _is_what_it_was(self) -> bool:
        """Whether what was read last still stands where it stood."""
        before = self._offset - len(self._mark)
        return self.size >= self._offset and os.pread(self._file, len(self._mark), before) == self._mark

    def _ended(self, data: bytes) -> list[bytes]:
        first, *rest = data.split(b"\n")
        begun = self._begun + first[: max(0, LINE_BYTES - len(self._begun))]
        if not rest:
            self._begun = begun
            return []
        lines = ([] if self._torn else [begun]) + rest[:-1]
        self._begun, self._torn = rest[-1][:LINE_BYTES], False
        return [_line(line) for line in lines]

    @property
    def deleted(self) -> bool:
        """Whether it has no name any more; whoever keeps it open keeps its place on the disk taken."""
        return os.fstat(self._file).st_nlink == 0

    def close(self) -> None:
        """Let go of it."""
        os.close(self._file)


def check_regular(found: os.stat_result) -> None:
    """Raise NotAFile for what does not grow."""
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISREG, ""))
    kind = next((word for is_one, word in kinds if is_one(found.st_mode)), "a device")
    if kind:
        raise NotAFile(f"it is {kind}, not a file that grows")


def _line(line: bytes) -> bytes:
    return line[:LINE_BYTES].removesuffix(b"\r").lstrip(b"\0")


def _is_wide(data: bytes) -> bool:
    letters = 2 * len(_WIDE.findall(data))
    return letters > WIDE_SHARE * (len(data) - data.count(0))
