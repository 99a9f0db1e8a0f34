"""The process of the simulated freight API: /metrics, /api/health, and a door for freightctl."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import secrets
import signal
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ontui.demo.freight_system import Freight, begun, exposition, sick_parts
from ontui.demo.loopback_http import Request, Response, json_response, serve, text_response

if TYPE_CHECKING:
    from ontui.demo.freight_database import FreightDatabase

TICK_S = 1.0
LOG_LINES = 400
RECALLED_S = 150.0
"""So much of the log lies behind the beginning."""
LOG_BYTES = 256 * 1024
"""A log file that has so many is rotated, and one older one is kept."""
MOST_REPLICAS = 20


@dataclass(slots=True)
class FreightApi:
    """One running system: the model, its database and its log."""

    system: Freight
    scenario: str
    history_end: float
    """Unix seconds up to which others were told what happened; here the model takes over."""
    pace: float
    token: str = field(repr=False)
    """What freightctl must show."""
    chance: random.Random
    log_file: Path | None = None
    database: FreightDatabase | None = None
    log: deque[str] = field(default_factory=lambda: deque(maxlen=LOG_LINES))
    _stepped_at: float = field(init=False)
    _story_began: float | None = None
    """Monotonic seconds; the story waits for the database, however slow the machine."""
    _broken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._stepped_at = time.monotonic() - (time.time() - self.history_end)

    def say(self, level: str, component: str, text: str, at: float | None = None) -> None:
        """Add a line to the log, now unless it was at another time."""
        when = datetime.fromtimestamp(time.time() if at is None else at, UTC)
        line = f"{when:%Y-%m-%dT%H:%M:%S.%f}"[:23] + f"Z {level:<5} {component:<7} {text}"
        self.log.append(line)
        if self.log_file is not None:
            with self.log_file.open("a") as file:
                print(line, file=file)
                full = file.tell() > LOG_BYTES
            if full:
                self.log_file.replace(self.log_file.with_suffix(".log.1"))

    def advance(self) -> float:
        """Move the model to this instant; returns the seconds since the last time."""
        now = time.monotonic()
        elapsed_s, self._stepped_at = now - self._stepped_at, now
        told_s = 0.0 if self._story_began is None else now - self._story_began
        for part in sick_parts(self.scenario, told_s, self.pace):
            if part not in self._broken:  # each fault befalls the system once; a repair is lasting
                self._broken.add(part)
                if part == "cache":
                    self.system.cache_sick = True
                else:
                    self.system.leaking = True
        if self.database is not None:
            self.system.pool_used = self.database.used
        self.system.step(time.time(), elapsed_s, self.pace)
        return elapsed_s

    async def live(self, settings_fd: int) -> None:
        """Read the database's address, which the world knows later than we start; then tick until cancelled."""
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(settings_fd, "rb"))
        from ontui.demo.freight_database import FreightDatabase, prepare  # psycopg loads while PostgreSQL is being made

        found = json.loads(await reader.read())
        await prepare(found["superuser_dsn"], found["admin_dsn"], found["passwords"])
        self.database = FreightDatabase(found["admin_dsn"], found["app_dsn"], self.chance, self.pace, self.say)
        await self.database.open()
        self._story_began = time.monotonic()
        tick_s, last = TICK_S / max(1.0, self.pace / 2), time.monotonic()
        while True:
            self.advance()
            self._narrate()
            now = time.monotonic()
            await self.database.supervise(leaking=self.system.leaking, elapsed_s=now - last)
            last = now
            if self.system.leaking and not self.system.cache_sick and self.database.resting:
                self.system.leaking = False  # with a warm cache the reports finish in time, and leave nothing open
            await asyncio.sleep(tick_s)

    async def answer(self, request: Request) -> Response:
        """Every path this process has."""
        match request.path:
            case "/metrics":
                self.advance()
                return text_response(exposition(self.system), content_type="text/plain; version=0.0.4; charset=utf-8")
            case "/api/health":
                await asyncio.sleep(0.004 + 0.25 * self.system.pressure())  # it waits for a session like all others
                return self._health()
            case "/vendor/api/v2/summary.json":
                return json_response(_vendor())
            case path if path.startswith("/control/"):
                if not secrets.compare_digest(request.headers.get("authorization", ""), f"Bearer {self.token}"):
                    return json_response({"error": "not allowed"}, 403)
                return self._control(path.removeprefix("/control/"), request)
            case _:
                return json_response({"error": "not found"}, 404)

    def _health(self) -> Response:
        answering = self.database is not None and self.database.answering
        body = {
            "status": "ok" if answering else "down",
            "database": "ok" if answering else "unreachable",
            "cache": "degraded" if self.system.cache_hit < 0.6 else "ok",
            "replicas": self.system.replicas,
            "version": "v124",
        }
        return json_response(body, 200 if answering else 503)

    def _control(self, what: str, request: Request) -> Response:
        if what == "status":
            return json_response(self._status())
        if what == "logs":
            wanted = int(request.values.get("tail", "20"))
            return json_response({"lines": list(self.log)[-wanted:]})
        if request.method != "POST":
            return json_response({"error": "use POST"}, 405)
        if what == "restart-cache":
            before = self.system.cache_hit
            self.advance()
            self.system.restart_cache()
            self.say("INFO", "cache", "restarted, empty; warming")
            return json_response({"hit_ratio_before": before})
        if what == "scale":
            replicas = int(request.values.get("replicas", "0"))
            if not 1 <= replicas <= MOST_REPLICAS or self.database is None:
                return json_response({"error": f"replicas must be 1 to {MOST_REPLICAS}"}, 400)
            before_replicas, self.system.replicas = self.system.replicas, replicas
            self.database.scale(replicas)
            self.say("INFO", "api", f"scaled from {before_replicas} to {replicas} replicas")
            return json_response({"replicas_before": before_replicas})
        return json_response({"error": "not found"}, 404)

    def _status(self) -> dict[str, object]:
        database = self.database
        return {
            "replicas": self.system.replicas,
            "cache_hit_ratio": self.system.cache_hit,
            "cache_memory_ratio": self.system.cache_memory,
            "pool_used_ratio": self.system.pool_used,
            "sessions_forgotten": database.leaked if database else 0,
            "cache_sick": self.system.cache_sick,
            "leaking": self.system.leaking,
        }

    def recall(self) -> None:
        """Write the log of the last minutes before we began."""
        for ago_s in range(int(RECALLED_S), 0, -1):
            self._narrate(self.history_end - ago_s)

    def _narrate(self, at: float | None = None) -> None:
        """A line of access log a second, and what a sick part would write."""
        system = self.system
        hit = self.chance.random() < system.cache_hit
        took_ms = (
            1000 * self.chance.lognormvariate(-3.3 if hit else -1.7, 0.4) * (1 + 4 * system.pressure() * (not hit))
        )
        path = f"/api/shipments/{self.chance.randint(1, 2400)}"
        self.say("INFO", "api", f"GET {path} 200 {took_ms:.0f}ms cache={'hit' if hit else 'miss'}", at)
        if system.cache_memory > 0.9 and self.chance.random() < 0.5:
            self.say("WARN", "cache", f"memory {system.cache_memory:.0%} used, evicting entries younger than 5s")
        if system.pressure() > 0.7 and self.chance.random() < 0.4:
            self.say(
                "ERROR", "api", f"POST /api/payments 503 {took_ms + 2000:.0f}ms P2024: no free connection in the pool"
            )


def _vendor() -> dict[str, object]:
    """What the status page of the payments provider says: the fault is never theirs."""
    names = ("API", "Webhooks", "Payouts")
    components = [{"id": name.lower(), "name": name, "status": "operational"} for name in names]
    return {
        "page": {"id": "pay", "name": "Example Pay", "url": "https://status.pay.example"},
        "status": {"indicator": "none", "description": "All systems operational"},
        "components": components,
        "incidents": [],
        "scheduled_maintenances": [],
    }


async def run(api: FreightApi, listener: socket.socket, settings_fd: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await serve(listener, api.answer)
    living, stopping = asyncio.create_task(api.live(settings_fd)), asyncio.create_task(stop.wait())
    await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.close()
    if living.done():
        living.result()  # it never returns by itself: this raises what ended it
    living.cancel()
    await asyncio.gather(living, return_exceptions=True)
    if api.database is not None:
        await api.database.close()


def main(argv: Sequence[str] | None = None) -> None:
    """Arguments are the world's: a listening socket, who may control it, and the story."""
    parser = argparse.ArgumentParser(prog="freight_api")
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--settings-fd", type=int, required=True)
    parser.add_argument("--token-file", type=Path, required=True)
    parser.add_argument("--log-file", type=Path, required=True)
    parser.add_argument("--scenario", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--began-at", type=float, required=True)
    parser.add_argument("--pace", type=float, default=1.0)
    given = parser.parse_args(argv)
    api = FreightApi(
        begun(given.seed, given.began_at),
        given.scenario,
        given.began_at,
        given.pace,
        given.token_file.read_text().strip(),
        random.Random(given.seed),
        given.log_file,
    )
    api.recall()
    asyncio.run(run(api, socket.socket(fileno=given.socket), given.settings_fd))


if __name__ == "__main__":
    main()
