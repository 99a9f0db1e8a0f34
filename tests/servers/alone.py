"""A PostgreSQL of one test's own, which may be killed."""

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from ontui.demo.postgres import PostgresServer
from ontui.demo.process import Child, demoted_account, spawn
from tests.eventually import eventually


@contextlib.contextmanager
def alone(place: Path) -> Iterator[PostgresServer]:
    """Start it in a new folder, which is removed with it."""
    place.mkdir(mode=0o711)
    server = PostgresServer.start(place, settings={"wal_level": "replica"})
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)


def started_again(server: PostgresServer) -> Child:
    """Start a stopped server again on the same data and port; the new process is the caller's to keep."""
    argv = server.child.process.args
    assert isinstance(argv, list)
    child = spawn(
        argv, cwd=server.data.parent, log=server.child.log, env={"PATH": os.defpath, "TZ": "UTC"},
        as_user=demoted_account(), stop_signal=signal.SIGINT, death_signal=signal.SIGQUIT,
    )  # fmt: skip
    eventually(server.accepts)
    return child
