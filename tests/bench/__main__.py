"""`python -m tests.bench`: a table of what ontui costs, beside a bare Textual program and pg_activity, in one run."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from ontui.demo import World, open_world
from ontui.sources.postgres_look import SETTLE_S
from tests.bench import measure
from tests.bench.numbers import Numbers, config, served
from tests.pty.terminal import Terminal, ontui

HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    BINDINGS = [("q", "quit", "quit")]
    def compose(self):
        yield Static("Hello, World")
Hello().run()
"""
DATA = r"latency p95 +[\d.]+ m?s"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer starts and shorter windows")
    parser.add_argument("--pg-activity", type=Path, help="the pg_activity program to print beside")
    options = parser.parse_args()
    runs, window_s, count = (2, 15.0, 20) if options.quick else (5, 60.0, 60)
    rows = []
    with tempfile.TemporaryDirectory(prefix="ontui-bench-") as name, open_world("freight", scenario="calm") as world:
        folder = Path(name)
        folder.chmod(0o700)
        env = {"XDG_STATE_HOME": str(folder / "state")}
        for row in measured(world, folder, env, runs, window_s, count, options.pg_activity):
            rows.append(row)
            print(f"{row[0]:<52} {row[1]:>12} {row[2]:>12}  {row[3]}", flush=True)


Row = tuple[str, str, str, str]


def measured(
    world: World, folder: Path, env: dict[str, str], runs: int, window_s: float, count: int, pg_activity: Path | None
) -> Iterator[Row]:
    """The rows as they come: what, figure, aim, beside what."""
    yield ("what", "measured", "aim", "beside")
    slow = default_intervals(world)
    hello = measure.start([sys.executable, "-c", HELLO], "Hello", "Hello", env, runs)
    own = measure.start(ontui("-c", slow), "PRODUCTION", DATA, env, runs)
    yield ("bare Textual: first text, ms", f"{hello.data_ms:.0f}", "", f"CPU {hello.data_cpu_ms:.0f} ms")
    paint, data = own.paint_ms / hello.data_ms, own.data_ms / hello.data_ms
    yield ("first paint ÷ bare Textual", f"{paint:.2f} ×", "", f"{own.paint_ms:.0f} ms")
    yield ("first data ÷ bare Textual", f"{data:.2f} ×", "≤ 2 ×", f"{own.data_ms:.0f} ms")
    cpu = own.data_cpu_ms / hello.data_cpu_ms
    yield ("CPU until first data ÷ bare Textual", f"{cpu:.2f} ×", "", f"{own.data_cpu_ms:.0f} ms")
    yield ("quit, ms", f"{own.quit_ms:.0f}", "≤ 400", f"bare Textual {hello.quit_ms:.0f} ms")
    looked_at = (only_servers(world, slow), "servers alone"), (slow, "and log, program, pages, .env")
    for path, what in looked_at:
        yield ("", "", "", f"freight, polled every 15 s: {what}")
        with Terminal(ontui("-c", path), env=env) as terminal:
            terminal.wait(DATA, 20)
            time.sleep(20)
            calm = measure.idle(terminal, window_s)
        alone = f"without helpers and programs {calm.own_cpu_s_per_min:.2f}"
        yield ("idle: CPU s/min", f"{calm.cpu_s_per_min:.2f}", "≤ 0.6", alone)
        yield ("idle: B/s to the terminal", f"{calm.bytes_per_s:.0f}", "≤ 300", "values of a calm system still move")
        yield ("peak RSS, MiB", f"{calm.rss_mib:.0f}", "≤ 75", f"without helpers and programs {calm.own_rss_mib:.0f}")
    with Terminal(ontui("-c", slow), env=env) as terminal:
        terminal.wait(DATA, 20)
        time.sleep(20)
        pressed = measure.keys(terminal, ("j", "j", "k", "k"), count)
        yield ("key to repaint: median, ms", f"{pressed.median_ms:.1f}", "≤ 10", "")
        yield ("key to repaint: p95, ms", f"{pressed.p95_ms:.1f}", "≤ 30", "")
    yield from storm(folder, env, window_s)
    for path, what in looked_at:
        yield from status(path, env, what)
    yield from beside(world, env, pg_activity, runs, window_s)


def default_intervals(world: World) -> Path:
    """The demo's config as a user would have it: polled every 15 s."""
    text = world.config_path.read_text()
    path = world.root / "default-intervals.yaml"
    path.write_text(re.sub(r"(?m)^defaults: .*$", "defaults: {every: 15s, timeout: 5s}", text))
    path.chmod(0o600)
    return path


def only_servers(world: World, config: Path) -> Path:
    """The same without what is no server: what it looks at with Prometheus, PostgreSQL and a health endpoint."""
    kept = yaml.safe_load(config.read_text())
    kept["sources"] = {id_: s for id_, s in kept["sources"].items() if s["type"] in ("prometheus", "postgres", "http")}
    kept["slis"] = {id_: sli for id_, sli in kept["slis"].items() if sli["source"] in kept["sources"]}
    path = world.root / "only-servers.yaml"
    path.write_text(yaml.safe_dump(kept, sort_keys=False))
    path.chmod(0o600)
    return path


def storm(folder: Path, env: dict[str, str], window_s: float) -> Iterator[Row]:
    """Everything changes every second; and how long a single change takes to the screen."""
    numbers = Numbers()
    with served(numbers) as url:
        with Terminal(ontui("-c", config(folder, url, "1s")), env=env) as terminal:
            terminal.wait(r"number 1 +\d", 20)
            time.sleep(5)
            busy = measure.idle(terminal, window_s / 2)
            yield ("all 20 change every second: B/s", f"{busy.bytes_per_s:.0f}", "≤ 5000", "")
            yield ("all 20 change every second: CPU s/min", f"{busy.cpu_s_per_min:.2f}", "", "polls every 1 s")
        numbers.moving = False
        with Terminal(ontui("-c", config(folder, url, "5s")), env=env) as terminal:
            terminal.wait(r"number 1 +10\b", 20)
            delays = []
            for value in (20.0, 30.0, 40.0):
                time.sleep(1.3)
                numbers.fixed = value
                delays.append(measure.until(terminal, lambda t, v=value: f" {v:.0f} " in t, 15))  # type: ignore[misc]
            yield ("a change is on the screen after, s (worst of 3)", f"{max(delays):.1f}", "≤ 6", "polled every 5 s")


def status(path: Path, env: dict[str, str], what: str) -> Iterator[Row]:
    """`ontui status` against its slowest source."""
    began = time.perf_counter()
    done = subprocess.run(
        [str(a) for a in ontui("status", "-c", path, "--json")],
        capture_output=True,
        env={**os.environ, **env},
        check=False,
    )
    took = time.perf_counter() - began
    sources = json.loads(done.stdout)["sources"]
    slowest = max(source["latency_s"] + SETTLE_S * (source["type"] == "postgres") for source in sources)
    beside = f"{what}: {took:.2f} − {slowest:.2f}, for PostgreSQL's rates are two looks, {SETTLE_S:g} s apart"
    yield ("ontui status: s beyond its slowest source", f"{took - slowest:.2f}", "≤ 1", beside)


def beside(world: World, env: dict[str, str], program: Path | None, runs: int, window_s: float) -> Iterator[Row]:
    """pg_activity on the same database, for comparison."""
    if program is None or not program.exists():
        yield ("pg_activity", "not installed", "", "give it by --pg-activity PATH")
        return
    dsn = str(world.describe()["postgres"]["dsn"])
    command: list[str | Path] = [program, dsn]
    other = measure.start(command, "PostgreSQL", r"RUNNING QUERIES", env, runs)
    yield ("pg_activity: first data, ms", f"{other.data_ms:.0f}", "", f"CPU {other.data_cpu_ms:.0f} ms")
    with Terminal(command, env=env) as terminal:
        terminal.wait("RUNNING QUERIES", 20)
        time.sleep(3)
        calm = measure.idle(terminal, window_s / 2)
    yield (
        "pg_activity: CPU s/min, B/s, RSS MiB",
        f"{calm.cpu_s_per_min:.2f}",
        "",
        f"{calm.bytes_per_s:.0f} B/s, {calm.rss_mib:.0f} MiB",
    )


if __name__ == "__main__":
    main()
