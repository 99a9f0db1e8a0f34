"""`up` fails N times in a row: a failed poll is a judged 0, of every type of source, and counts once."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ontui.domain.alert import Phase
from ontui.domain.state import State
from ontui.sources.opening import open_source
from tests.config.write import read
from tests.servers.web import Reply, Web

I, P, F, R = Phase.INACTIVE, Phase.PENDING, Phase.FIRING, Phase.RESOLVED  # noqa: E741
NOBODY = "127.0.0.1:9"
"""The discard port, where nobody listens."""
SOURCES = {
    "prometheus": f"type: prometheus, url: 'http://{NOBODY}'",
    "postgres": f"type: postgres, dsn: 'postgresql://a@{NOBODY}/x'",
    "http": f"type: http, url: 'http://{NOBODY}/health'",
    "http, down after one": f"type: http, url: 'http://{NOBODY}/health', down_after: 1",
    "http, down after five": f"type: http, url: 'http://{NOBODY}/health', down_after: 5",
    "metrics": f"type: metrics, url: 'http://{NOBODY}/metrics'",
    "redis": f"type: redis, url: 'redis://{NOBODY}/0'",
    "pgbouncer": f"type: pgbouncer, dsn: 'postgresql://a@{NOBODY}/pgbouncer'",
    "statuspage": f"type: statuspage, url: 'http://{NOBODY}'",
    "alertmanager": f"type: alertmanager, url: 'http://{NOBODY}'",
    "command": "type: command, run: ['false']",
}
ALERT = "{name: Down, when: failing, in_a_row: 3, severity: SEV-1}"


async def watch(folder: Path, source: str, *, polls: int, before: Sequence[Callable[[], None]] = ()) -> list[Phase]:
    """The alert's phase after each poll; `before[n]()` is called before the n-th."""
    text = (
        f"version: 1\nsystem: {{id: x}}\ndefaults: {{every: 10s, timeout: 2s}}\nsources: {{s: {{{source}}}}}\n"
        f"slis: {{up: {{source: s, metric: up, alerts: [{ALERT}]}}}}\n"
    )
    config = read(folder, text)
    clock = [time.time()]
    state = State.empty(config.system)
    poller = open_source(config.sources["s"], list(config.system.slis.values()), lambda: clock[0])
    found = []
    try:
        for n in range(polls):
            if before:
                before[n]()
            state = state.after(await poller.poll())
            found.append(state.alerts["up/Down"].phase)
            clock[0] += 10
    finally:
        async with asyncio.timeout(2):
            await poller.close()
    return found


@pytest.mark.parametrize("source", SOURCES)
async def test_the_third_failed_poll_in_a_row_fires(tmp_path: Path, source: str) -> None:
    assert await watch(tmp_path, SOURCES[source], polls=4) == [P, P, F, F]


@pytest.mark.parametrize("down_after", [1, 3])
async def test_a_good_check_in_between_starts_again(tmp_path: Path, web: Web, down_after: int) -> None:
    answers = iter("+--+---++")

    def next_one() -> None:
        web.reply(Reply(200 if next(answers) == "+" else 500, b""), at="/health")

    source = f"type: http, url: '{web.url}/health', down_after: {down_after}"
    phases = await watch(tmp_path, source, polls=9, before=[next_one] * 9)
    assert phases == [I, P, P, I, P, P, F, F, R]
