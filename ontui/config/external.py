"""Values kept outside the config: read from a file, or printed by a command."""

import os
import selectors
import signal
import stat
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

LONGEST = 64 * 1024
"""Bytes a secret may have."""
PATIENCE_S = 5.0
"""How long a command may take."""


class NoValue(Exception):
    """There is no value; the message says why and never holds any of it."""


def read_regular(path: Path, limit: int) -> tuple[bytes, os.stat_result]:
    """The bytes of a regular file, at most limit + 1; never waits on a pipe or a device."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError
        if not stat.S_ISREG(found.st_mode):
            raise NoValue("it is no regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit + 1), found
    finally:
        os.close(descriptor)


def why_unreadable(error: OSError | ValueError) -> str:
    """An operating system's refusal, in words."""
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "there is no such file"
        case IsADirectoryError():
            return "it is a folder"
        case PermissionError():
            return "no permission to read it"
        case OSError() if error.strerror:
            return error.strerror.lower()
        case _:
            return "its name is not valid"


def from_file(path: Path) -> str:
    """What the file holds, without the line end."""
    try:
        data, _ = read_regular(path, LONGEST)
    except (OSError, ValueError) as error:
        raise NoValue(why_unreadable(error)) from None
    return _text(data)


def from_command(argv: Sequence[str], folder: Path, environ: Mapping[str, str]) -> str:
    """What the command prints, without the line end; it gets no shell, no input and 5 s."""
    try:
        process = subprocess.Popen(
            list(argv), cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        raise NoValue("there is no such program" if missing else "it cannot be started") from None
    end = time.monotonic() + PATIENCE_S
    try:
        data = _output(process, end)
        code = process.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise NoValue(f"it did not end within {PATIENCE_S:.0f} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdout:
            process.stdout.close()
    if code != 0:
        raise NoValue(f"it ended with exit {code}" if code > 0 else f"it was ended by signal {-code}")
    return _text(data)


def _output(process: "subprocess.Popen[bytes]", end: float) -> bytes:
    """What it prints until it closes its output, ends, or time is up."""
    assert process.stdout is not None  # noqa: S101 - it was started with a pipe
    descriptor, data = process.stdout.fileno(), b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while len(data) <= LONGEST:
            ended = process.poll() is not None
            if selector.select(0 if ended else min(0.05, max(0.0, end - time.monotonic()))):
                piece = os.read(descriptor, 8192)
                if not piece:
                    return data
                data += piece
            elif ended:
                return data  # a grandchild may still hold the pipe
            elif time.monotonic() >= end:
                raise subprocess.TimeoutExpired(process.args, PATIENCE_S)
    raise NoValue("it printed more than 64 KiB")


def _text(data: bytes) -> str:
    if len(data) > LONGEST:
        raise NoValue("it holds more than 64 KiB")
    try:
        text = data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise NoValue("it is not UTF-8 text") from None
    if not text:
        raise NoValue("it is empty")
    return text
