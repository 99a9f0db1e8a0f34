"""A real Alertmanager, and a Prometheus that evaluates the test's rules and tells it of their alerts."""

import datetime
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from ontui.demo.process import free_port, spawn, wait_ready
from tests.servers import packages
from tests.servers.server import Server

TEMPLATES = Path("/usr/share/prometheus/alertmanager/default.tmpl")
_QUIET = """\
route: {receiver: nobody, group_wait: 1s}
receivers: [{name: nobody}]
global: {resolve_timeout: 5s}
"""
_RULER = """\
global: {{scrape_interval: 1s, scrape_timeout: 900ms, evaluation_interval: 1s, external_labels: {{ruler: one}}}}
rule_files: [{folder}/rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: [{told}]}}]}}]}}
scrape_configs:
  - job_name: live
    static_configs: [{{targets: [{target}]}}]
"""


@dataclass(slots=True)
class Alertmanager(Server):
    """A running server of one test's own."""

    def start(self) -> None:
        """Start on the same port and wait until it answers; its silences are those it had when it was stopped."""
        argv: list[str | Path] = [
            *self._at_home(), self.binaries.folder / "prometheus-alertmanager", f"--config.file={self.folder}/am.yml",
            f"--storage.path={self.folder}/am", f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=", "--log.level=warn",
        ]  # fmt: skip
        self.child = spawn(argv, cwd=self.folder, log=self.folder / "alertmanager.log")
        wait_ready(lambda: _ready(self.url), self.child, 20.0)

    def _at_home(self) -> list[str]:
        """Debian's wants its templates under /usr/share: an unpacked one sees there those it came with."""
        if self.binaries.home is None or TEMPLATES.exists():
            return []
        own = shlex.quote(f"{self.binaries.home}/usr/share")
        begin = f'mount --bind {own} /usr/share && exec setpriv --pdeathsig KILL "$@"'
        return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", begin, "sh"]

    def tell(self, name: str, *, for_s: float = 300.0, summary: str = "", **labels: str) -> None:
        """Tell it of an alert that ends by itself so many seconds from now, unless it is told again."""
        self.tell_all([{"alertname": name, **labels}], for_s=for_s, summary=summary)

    def tell_all(self, labels: list[dict[str, str]], *, for_s: float = 300.0, summary: str = "") -> None:
        """Tell it of many alerts at once."""
        now = datetime.datetime.now(datetime.UTC)
        ends = now + datetime.timedelta(seconds=for_s)
        body = [
            {"labels": each, "annotations": {"summary": summary} if summary else {}, "startsAt": now.isoformat(),
             "endsAt": ends.isoformat(), "generatorURL": "http://elsewhere:9090/graph"}
            for each in labels
        ]  # fmt: skip
        httpx.post(f"{self.url}/api/v2/alerts", json=body, timeout=5).raise_for_status()

    def alerts(self) -> list[Mapping[str, Any]]:
        """What it lists."""
        found: list[Mapping[str, Any]] = httpx.get(f"{self.url}/api/v2/alerts", timeout=5).json()
        return found

    def silences(self) -> list[Mapping[str, Any]]:
        """Those that are not over."""
        found: list[Mapping[str, Any]] = httpx.get(f"{self.url}/api/v2/silences", timeout=5).json()
        return [s for s in found if s["status"]["state"] != "expired"]

    def silence(self, comment: str, for_s: float = 3600.0, **labels: str) -> str:
        """Make a silence and return its id."""
        now = datetime.datetime.now(datetime.UTC)
        body = {
            "matchers": [{"name": k, "value": v, "isRegex": False, "isEqual": True} for k, v in labels.items()],
            "startsAt": now.isoformat(), "endsAt": (now + datetime.timedelta(seconds=for_s)).isoformat(),
            "createdBy": "carol", "comment": comment,
        }  # fmt: skip
        answer = httpx.post(f"{self.url}/api/v2/silences", json=body, timeout=5)
        answer.raise_for_status()
        made: str = answer.json()["silenceID"]
        return made

    def end_silence(self, id_: str) -> None:
        """End it, as somebody else would."""
        httpx.delete(f"{self.url}/api/v2/silence/{id_}", timeout=5).raise_for_status()


@dataclass(slots=True)
class Ruler(Server):
    """A Prometheus of one test's own that evaluates rules every second and tells of their alerts as often."""

    def start(self) -> None:
        """Start on the same port and data and wait until it answers."""
        argv: list[str | Path] = [
            self.binaries.folder / "prometheus", f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/data", f"--web.listen-address=127.0.0.1:{self.port}",
            "--rules.alert.resend-delay=1s", "--log.level=warn", "--web.enable-lifecycle",
        ]  # fmt: skip
        self.child = spawn(argv, cwd=self.folder, log=self.folder / "ruler.log")
        wait_ready(lambda: _ready(self.url), self.child, 20.0)

    def rule(self, rules: str) -> None:
        """Evaluate other rules: the `rules:` of one group, as YAML."""
        (self.folder / "rules.yml").write_text(f"groups: [{{name: test, interval: 1s, rules: {rules}}}]\n")
        if self.child is not None:
            httpx.post(f"{self.url}/-/reload", timeout=5).raise_for_status()


def alertmanager(folder: Path) -> Alertmanager:
    """Start one that notifies nobody."""
    folder.mkdir(parents=True)
    (folder / "am.yml").write_text(_QUIET)
    made = Alertmanager(packages.find(packages.ALERTMANAGER), folder, free_port())
    made.start()
    return made


def ruler(folder: Path, rules: str, target: str, told: Alertmanager | None) -> Ruler:
    """Start a Prometheus that evaluates `rules` over what ``target`` shows, and tells an Alertmanager, if any."""
    folder.mkdir(parents=True)
    address = f'"127.0.0.1:{told.port}"' if told is not None else ""
    (folder / "prometheus.yml").write_text(_RULER.format(folder=folder, told=address, target=f'"{target}"'))
    made = Ruler(packages.find(packages.PROMETHEUS), folder, free_port())
    made.rule(rules)
    made.start()
    return made


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", timeout=1).status_code == 200
    except httpx.TransportError:
        return False
