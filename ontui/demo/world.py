"""Opening and closing a world: its folder, its servers, its config, and nothing left when it is gone."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from ontui.demo.folder import Watchdog, make_root
from ontui.demo.freight_system import SCENARIOS, SCRAPE_S
from ontui.demo.postgres import PostgresServer, find_postgres, major_version
from ontui.demo.process import Child, listening_socket, spawn, wait_ready
from ontui.demo.prometheus import MetricsServer, Story, answers, begin_metrics, wait_for_metrics
from ontui.demo.python_child import python_argv, python_env, python_path

SYSTEMS = ("freight",)
READY_LIMIT_S = 30.0
STOP_GRACE_S = 3.0
MAX_CONNECTIONS = 40
RESERVED_FOR_WATCHERS = 2
PARTS = Path(__file__).parent / "freight"


@dataclass(slots=True)
class World:
    """A running system; leaving it ends every process and removes the folder."""

    root: Path
    scenario: str
    seed: int
    pace: float
    watchdog: Watchdog = field(init=False)
    children: list[Child] = field(default_factory=list)
    postgres: PostgresServer | None = None
    metrics: MetricsServer | None = None
    api: Child | None = None
    api_url: str = ""
    _closed: bool = False

    def __post_init__(self) -> None:
        self.watchdog = Watchdog(self.root)

    @property
    def config_path(self) -> Path:
        """A config that any other `ontui -c` can use, from anywhere, while the world is open."""
        return self.root / "ontui.yaml"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything; may be called more than once."""
        if self._closed:
            return
        self._closed = True
        for child in self.children:  # all at once; the waiting comes after
            if child.alive:
                child.process.send_signal(child.stop_signal)
        for child in self.children:
            self.watchdog.stop(child, STOP_GRACE_S)
        self.watchdog.close()

    def describe(self) -> dict[str, Any]:
        """Addresses and process numbers, for tests and for `--serve`."""
        return {
            "root": str(self.root),
            "config": str(self.config_path),
            "scenario": self.scenario,
            "api": {"url": self.api_url, "pid": self.api.pid if self.api else None},
            "prometheus": {
                "url": self.metrics.url if self.metrics else None,
                "pid": self.metrics.child.pid if self.metrics else None,
                "program": self.metrics.program if self.metrics else None,
            },
            "postgres": {
                "port": self.postgres.port if self.postgres else None,
                "pid": self.postgres.child.pid if self.postgres else None,
                "dsn": self.postgres.dsn(dbname="freight") if self.postgres else None,
            },
            "watchdog": {"pid": self.watchdog.process.pid},
        }

    def start(self, prometheus_bin: Path | None) -> None:
        """Start everything side by side; returns when the config can be used."""
        began_at = time.time()
        (self.root / "secrets").mkdir(mode=0o700)
        self._write_secret("freightctl-token", secrets.token_urlsafe(24))
        self._write_secret("app.env", f"SIGNING_SECRET={secrets.token_urlsafe(32)}")
        api, settings = self._start_api(began_at)
        self.api = api
        with settings:
            scrape_s = max(1.0, SCRAPE_S / self.pace)
            story = Story(self.api_url.removeprefix("http://"), self.seed, began_at, scrape_s)
            beginning = begin_metrics(self.root, story, prometheus_bin)
            if beginning.first is not None:
                self._keep(beginning.first)
            self.postgres = self._start_postgres()
            passwords = {name: secrets.token_urlsafe(24) for name in ("freight_app", "ontui")}
            dsns = {name: self.postgres.dsn(name, "freight", word) for name, word in passwords.items()}
            self._write_secret("database-dsn", dsns["ontui"])
            given = {
                "superuser_dsn": self.postgres.dsn(dbname="template1"),
                "admin_dsn": self.postgres.dsn(dbname="freight"),
                "app_dsn": dsns["freight_app"],
                "passwords": passwords,
            }
            json.dump(given, settings)
        self.metrics = beginning.finish()
        self._keep(self.metrics.child)
        self._write_config()
        wait_ready(lambda: answers(self.api_url, "/api/health"), api, READY_LIMIT_S)
        wait_for_metrics(self.metrics)

    def _start_api(self, began_at: float) -> tuple[Child, IO[str]]:
        """Start the API before there is a database; returns the pipe through which it learns the address."""
        reading, writing = os.pipe()
        with listening_socket() as listener:
            self.api_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            api = spawn(
                [*python_argv("ontui.demo.freight_api"), "--socket", str(listener.fileno()),
                 "--settings-fd", str(reading), "--token-file", self.root / "secrets" / "freightctl-token",
                 "--log-file", self.root / "api-access.log",
                 "--scenario", self.scenario, "--seed", str(self.seed), "--began-at", repr(began_at),
                 "--pace", repr(self.pace)],
                cwd=self.root, log=self.root / "api.log", env=python_env(), pass_fds=[listener.fileno(), reading],
            )  # fmt: skip
        os.close(reading)
        self._keep(api)
        return api, os.fdopen(writing, "w")

    def _start_postgres(self) -> PostgresServer:
        """Start the database, with slots kept for those who watch and repair."""
        bin_dir = find_postgres()
        if major_version(bin_dir) >= 16:
            reserve = {"reserved_connections": str(RESERVED_FOR_WATCHERS)}
        else:
            reserve = {"superuser_reserved_connections": str(3 + RESERVED_FOR_WATCHERS)}
        server = PostgresServer.start(self.root, bin_dir=bin_dir, max_connections=MAX_CONNECTIONS, settings=reserve)
        self._keep(server.child)
        return server

    def _keep(self, child: Child) -> None:
        if child not in self.children:
            self.children.append(self.watchdog.watch(child))

    def _write_secret(self, name: str, text: str) -> None:
        place = self.root / "secrets" / name
        place.touch(mode=0o600)
        place.write_text(text + "\n")

    def _write_config(self) -> None:
        """The shipped config and pages, with this world's addresses in them."""
        control = self.root / "freightctl"
        token = self.root / "secrets" / "freightctl-token"
        argv = [*python_argv("ontui.demo.freightctl"), "--url", self.api_url, "--token-file", str(token)]
        control.write_text(
            f'#!/bin/sh\nPYTHONPATH={shlex.quote(python_path())}\nexport PYTHONPATH\nexec {shlex.join(argv)} "$@"\n'
        )
        control.chmod(0o700)
        shutil.copytree(PARTS / "runbooks", self.root / "runbooks")
        for place in (self.root / "runbooks", *(self.root / "runbooks").rglob("*")):
            place.chmod(0o700 if place.is_dir() else 0o600)
        values: Mapping[str, str] = {
            "FREIGHT_PROMETHEUS_URL": self.metrics.url if self.metrics else "",
            "FREIGHT_API_URL": self.api_url,
            "FREIGHTCTL": str(control),
        }
        text = (PARTS / "ontui.yaml").read_text()
        for name, value in values.items():
            text = text.replace(f'"${{{name}}}', json.dumps(value)[:-1])
        self.config_path.touch(mode=0o600)
        self.config_path.write_text(text)


def open_world(
    system: str = "freight",
    *,
    scenario: str = "story",
    seed: int = 0,
    prometheus_bin: Path | None = None,
    pace: float = 1.0,
) -> World:
    """Start a system and return when its config can be used; call it from the main thread (see spawn()).

    Faults and repairs take effect `pace` times as fast, and are scraped as much more often, up to each second.
    ValueError names the systems and scenarios there are.
    """
    if system not in SYSTEMS:
        raise ValueError(f"no system {system!r}; there is: {', '.join(SYSTEMS)}")
    if scenario not in SCENARIOS:
        raise ValueError(f"no scenario {scenario!r}; there are: {', '.join(SCENARIOS)}")
    find_postgres()
    world = World(make_root(), scenario, seed, pace)
    try:
        world.start(prometheus_bin)
    except BaseException:
        world.close()
        raise
    return world
