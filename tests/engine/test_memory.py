"""What a session remembers of its runs, and what it must not hold on to."""

import asyncio
import gc
import os
import weakref
from contextvars import ContextVar
from pathlib import Path

import pytest

from ontui.config.load import load
from ontui.domain.action import Outcome
from ontui.engine import Engine
from ontui.journal import Journal
from tests.servers.postgres import Postgres

CONFIG = """\
version: 1
system: {id: shop, environment: staging, production: false}
sources:
  database: {type: postgres, dsn: "${DSN}"}
slis:
  up: {source: database, metric: up, actions: [look]}
actions:
  look: {title: Look, source: database, sql: select 1, danger: read}
"""


class Screen:
    """Something as large as the screen that a run is started from."""


SHOWN: ContextVar[Screen] = ContextVar("SHOWN")


@pytest.fixture
def engine(tmp_path: Path, postgres15: Postgres) -> Engine:
    """On a real database."""
    tmp_path.chmod(0o700)
    path = tmp_path / "ontui.yaml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    config = load(path, os.environ | {"DSN": postgres15.dsn()})
    state = tmp_path / "state"
    return Engine(config, journal=Journal.open(state / "journal.db"), folder=state)


async def test_a_remembered_run_does_not_hold_the_screen_it_was_started_from(engine: Engine) -> None:
    async def from_a_screen() -> "weakref.ref[Screen]":
        screen = Screen()
        SHOWN.set(screen)
        execution = engine.start(await engine.plan("look", {}, sli="up"), "")
        await execution.wait()
        return weakref.ref(screen)

    async with engine.polled_once():
        gone = await asyncio.create_task(from_a_screen())
        await asyncio.sleep(0)   # the loop lets go of that task
        gc.collect()
        assert [e.run.outcome for e in engine.executions] == [Outcome.OK]
        assert gone() is None
