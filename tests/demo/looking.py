"""Ways to look into a world from outside: over HTTP, SQL, its config and its operators' program."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import yaml

from ontui.demo import World


def get(url: str, form: dict[str, str] | None = None) -> tuple[int, Any]:
    """Status and JSON (or text) of GET, or of POST when there is a form."""
    answer = httpx.get(url) if form is None else httpx.post(url, data=form)
    kind = answer.headers["content-type"]
    return answer.status_code, answer.json() if kind == "application/json" else answer.text


@dataclass(frozen=True, slots=True)
class Look:
    """A world and what can be seen of it."""

    world: World

    def config(self) -> dict[str, Any]:
        """The generated config as plain values."""
        found: dict[str, Any] = yaml.safe_load(self.world.config_path.read_text())
        return found

    def queries(self) -> dict[str, str]:
        """Every PromQL query of the config by SLI."""
        return {name: sli["query"] for name, sli in self.config()["slis"].items() if "query" in sli}

    def prometheus(self, path: str, form: dict[str, str] | None = None) -> tuple[int, Any]:
        """Ask whatever answers PromQL."""
        return get(self.world.describe()["prometheus"]["url"] + path, form)

    def value(self, query: str) -> float:
        """The one number of an instant query."""
        status, answer = self.prometheus("/api/v1/query", {"query": query})
        assert status == 200, answer
        (series,) = answer["data"]["result"]
        return float(series["value"][1])

    def metrics(self) -> dict[str, float]:
        """The samples of /metrics by their text."""
        status, text = get(self.world.describe()["api"]["url"] + "/metrics")
        assert status == 200
        pairs = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def session(self) -> psycopg.Connection:
        """A session of the role the cockpit uses, with the address from the generated config."""
        place = self.world.config_path.parent / self.config()["sources"]["database"]["dsn"]["file"]
        return psycopg.connect(place.read_text().strip(), autocommit=True, application_name="ontui")

    def pool(self, session: psycopg.Connection) -> float:
        """Client sessions of the slots that are not reserved."""
        row = session.execute(
            "select count(*)::float8 / (current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int - current_setting('reserved_connections')::int)"
            " from pg_stat_activity where backend_type = 'client backend'"
        ).fetchone()
        assert row is not None
        return float(row[0])

    def run(self, action: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run an argv action of the config as ontui would: no environment, another folder."""
        argv = [part.format(**inputs) for part in self.config()["actions"][action]["run"]]
        return subprocess.run(argv, capture_output=True, text=True, timeout=30, cwd="/", env={}, check=False)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def accounts() -> bytes:
    """The users of this machine."""
    return Path("/etc/passwd").read_bytes()
