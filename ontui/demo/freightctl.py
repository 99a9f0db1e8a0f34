"""What the operators of Infamous Freight repair with; the world writes a script of this name that calls it."""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

STEP_S = 0.4


class Unreachable(Exception):
    """The system did not answer, or refused; the text says how."""


@dataclass(frozen=True, slots=True)
class Control:
    """The door of the running system."""

    url: str
    token: str = field(repr=False)

    def ask(self, method: str, what: str, **values: object) -> dict[str, Any]:
        """One request; the JSON object it answers with."""
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname or "127.0.0.1", place.port, timeout=5)
        query = f"?{urlencode(values)}" if values else ""
        try:
            connection.request(method, f"/control/{what}{query}", headers={"Authorization": f"Bearer {self.token}"})
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(f"freight does not answer: {error}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise Unreachable(str(answer.get("error", f"HTTP {response.status}")))
        return answer


def tell(text: str, pause_s: float = STEP_S) -> None:
    """A line, at once, and a moment to read it."""
    print(text, flush=True)
    time.sleep(pause_s)


def restart_cache(control: Control, _: argparse.Namespace) -> None:
    """Stop it, start it empty, watch it begin to warm."""
    tell("cache-0  draining 214 clients")
    tell("cache-0  stopping")
    before = control.ask("POST", "restart-cache")["hit_ratio_before"]
    tell("cache-0  stopped after 0.4 s, memory given back")
    tell("cache-0  starting")
    tell("cache-0  ready, accepting connections")
    now = control.ask("GET", "status")["cache_hit_ratio"]
    tell(f"hit rate was {before:.0%} before, is {now:.0%} now and rising: expect 30 s until it is warm", 0)


def scale_api(control: Control, given: argparse.Namespace) -> None:
    """More or fewer instances."""
    before = int(control.ask("GET", "status")["replicas"])
    tell(f"api  {before} instances run, {given.count} wanted")
    control.ask("POST", "scale", replicas=given.count)
    for index in range(min(before, given.count), min(max(before, given.count), min(before, given.count) + 5)):
        tell(f"api-{index}  {'started, healthy' if given.count > before else 'drained, stopped'}", STEP_S / 2)
    tell(f"api  {given.count} instances run", 0)


def logs(control: Control, given: argparse.Namespace) -> None:
    """The last lines of the log."""
    for line in control.ask("GET", "logs", tail=given.tail)["lines"]:
        if given.component in ("all", line.split()[2]):
            print(line)


def status(control: Control, given: argparse.Namespace) -> None:
    """What runs, and how it fares."""
    found = control.ask("GET", "status")
    if given.json:
        print(json.dumps(found))
        return
    print(f"api       {found['replicas']} instances, v124")
    print(f"cache     hit rate {found['cache_hit_ratio']:.0%}, memory {found['cache_memory_ratio']:.0%}")
    print(f"database  {found['pool_used_ratio']:.0%} of its sessions taken, {found['sessions_forgotten']} forgotten")


def main(argv: Sequence[str] | None = None) -> int:
    """0 done, 1 the system did not answer or refused, 2 not a command."""
    parser = argparse.ArgumentParser(prog="freightctl", description="Operate Infamous Freight.")
    parser.add_argument("--url", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--token-file", type=Path, required=True, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", required=True)
    told = commands.add_parser("status", help="what runs, and how it fares")
    told.add_argument("--json", action="store_true")
    told.set_defaults(act=status)
    restart = commands.add_parser("restart", help="restart a part")
    restart.add_argument("part", choices=["cache"])
    restart.set_defaults(act=restart_cache)
    scale = commands.add_parser("scale", help="run this many instances")
    scale.add_argument("part", choices=["api"])
    scale.add_argument("count", type=int)
    scale.set_defaults(act=scale_api)
    shown = commands.add_parser("logs", help="the last lines of the log")
    shown.add_argument("component", choices=["all", "api", "cache", "reports", "cron", "web"])
    shown.add_argument("--tail", type=int, default=20)
    shown.set_defaults(act=logs)
    given = parser.parse_args(argv)
    act: Callable[[Control, argparse.Namespace], None] = given.act
    try:
        act(Control(given.url, given.token_file.read_text().strip()), given)
    except (Unreachable, OSError) as error:
        print(f"freightctl: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
