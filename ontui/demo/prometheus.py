"""What answers PromQL in the world: a real Prometheus where there is one, else the subset, which says so itself."""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from ontui.demo.freight_system import FAMILIES, SCRAPE_S, Family, Freight, family_of, history, label_text, number_text
from ontui.demo.process import Child, DemoUnavailable, StartFailed, free_port, listening_socket, spawn, wait_ready
from ontui.demo.python_child import python_argv, python_env

JOB = "freight-api"
INSTANCE = "api"
START_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class MetricsServer:
    """A running server under Prometheus' own paths."""

    child: Child
    url: str
    program: str
    """`prometheus` or `prombed`."""


@dataclass(frozen=True, slots=True)
class Story:
    """What a metrics server must know of the world: whom to scrape, and which hour lies behind it."""

    target: str
    """host:port of the API."""
    seed: int
    began_at: float
    scrape_s: float = SCRAPE_S
    """How often from then on."""


def find_prometheus(given: Path | None = None) -> Path | None:
    """The program given, else PATH's, else one in our cache folder; None when there is none."""
    if given is not None:
        if not _is_prometheus(given):
            raise ValueError(f"{given} is not a Prometheus server that runs here")
        return given.resolve()
    on_path = shutil.which("prometheus")
    candidates = [Path(on_path)] if on_path else []
    with contextlib.suppress(OSError, RuntimeError):  # without a home nothing is cached
        candidates += sorted((platformdirs.user_cache_path("ontui") / "servers").glob("**/prometheus"))
    return next((place.resolve() for place in candidates if _is_prometheus(place)), None)


@dataclass(slots=True)
class MetricsStart:
    """A start under way, so that other servers can start beside it."""

    root: Path
    story: Story
    program: Path | None
    """The real Prometheus; None for the stand-in."""
    first: Child | None
    """The stand-in itself, or what writes the history of the real one."""
    stand_in_url: str = ""

    def finish(self) -> MetricsServer:
        """Return the server once it can be asked; for the stand-in wait_for_metrics() says when."""
        if self.program is None and self.first is not None:
            return MetricsServer(self.first, self.stand_in_url, "prombed")
        if self.first is not None:
            filling = self.first
            wait_ready(lambda: filling.process.poll() == 0, filling, START_LIMIT_S)
            (self.root / "prometheus" / "history.om").unlink()
        return _serve_real(self.root / "prometheus", self.program or Path("prometheus"))


def begin_metrics(root: Path, story: Story, prometheus_bin: Path | None = None) -> MetricsStart:
    """Begin to start whatever answers PromQL, with an hour of history in it."""
    real = find_prometheus(prometheus_bin)
    if real is not None:
        home = root / "prometheus"
        home.mkdir(mode=0o700)
        (home / "prometheus.yml").write_text(json.dumps(_scrape_config(story)))  # JSON is YAML
        return MetricsStart(root, story, real, _begin_backfill(home, story, real))
    if importlib.util.find_spec("prombed") is None:
        raise DemoUnavailable("neither a prometheus on PATH nor its stand-in found: pip install 'ontui[demo]'")
    return _begin_stand_in(root, story)


def wait_for_metrics(server: MetricsServer) -> None:
    """Return when it answers queries; StartFailed when it does not."""
    wait_ready(lambda: answers(server.url, "/-/ready"), server.child, START_LIMIT_S)


def answers(url: str, path: str) -> bool:
    """Whether GET gives 200 at once."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_prometheus(program: Path) -> bool:
    """Whether it is the server and not another program of that name."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return (said.stdout + said.stderr).startswith("prometheus, version")


def _begin_stand_in(root: Path, story: Story) -> MetricsStart:
    with listening_socket() as listener:
        port = listener.getsockname()[1]
        child = spawn(
            [*python_argv("ontui.demo.promql_front"), "--socket", str(listener.fileno()),
             "--target", f"http://{story.target}/metrics", "--seed", str(story.seed),
             "--began-at", repr(story.began_at), "--scrape-s", repr(story.scrape_s)],
            cwd=root, log=root / "prombed.log", env=python_env(), pass_fds=[listener.fileno()],
        )  # fmt: skip
    return MetricsStart(root, story, None, child, f"http://127.0.0.1:{port}")


def _scrape_config(story: Story) -> dict[str, object]:
    static = [{"targets": [story.target], "labels": {"instance": INSTANCE}}]
    return {
        "global": {"scrape_interval": f"{story.scrape_s:g}s", "scrape_timeout": f"{story.scrape_s:g}s"},
        "scrape_configs": [{"job_name": JOB, "static_configs": static}],
    }


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "GOMAXPROCS": "1"}


def _serve_real(home: Path, program: Path) -> MetricsServer:
    for attempt in (1, 2):
        port = free_port()
        child = spawn(
            [program, f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data",
             f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"],
            cwd=home, log=home / "prometheus.log", env=_environment(),
        )  # fmt: skip
        server = MetricsServer(child, f"http://127.0.0.1:{port}", "prometheus")
        try:
            wait_for_metrics(server)
        except StartFailed:
            child.stop()
            if attempt == 2 or "address already in use" not in child.log_tail():
                raise
        else:
            return server
    raise AssertionError("unreachable")


def _begin_backfill(home: Path, story: Story, program: Path) -> Child | None:
    """Begin to write the hour before the story as blocks; without promtool the charts simply start empty."""
    beside = program.with_name("promtool")
    promtool = str(beside) if beside.is_file() else shutil.which("promtool")
    if promtool is None:
        return None
    text = home / "history.om"
    text.write_text("\n".join(open_metrics(story)) + "\n")
    argv: list[str | Path] = [promtool, "tsdb", "create-blocks-from", "openmetrics", text, home / "data"]
    return spawn(argv, cwd=home, log=home / "promtool.log", env=_environment())


def open_metrics(story: Story) -> Iterator[str]:
    """The hour before the story as lines of OpenMetrics, one family after the other, as it would have been scraped."""
    system = Freight(story.seed)
    target = (("instance", INSTANCE), ("job", JOB))
    lines: list[list[str]] = [[] for _ in FAMILIES]
    up: list[str] = []
    for now in history(system, story.began_at):
        for name, labels, value in system.samples():
            lines[family_of(name)].append(f"{name}{label_text((*labels, *target))} {number_text(value)} {now:.3f}")
        up.append(f"up{label_text(target)} 1 {now:.3f}")
    for family, found in zip((*FAMILIES, Family("up", "gauge", "")), (*lines, up), strict=True):
        yield f"# TYPE {family.name.removesuffix('_total')} {family.kind}"
        yield from found
    yield "# EOF"
