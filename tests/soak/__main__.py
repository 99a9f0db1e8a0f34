"""`python -m tests.soak`: memory, descriptors, tasks and threads of the cockpit stay flat while everything fails."""

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from ontui.demo import World, open_world
from tests.pty.terminal import Terminal
from tests.servers.background import Background
from tests.servers.proxy import FaultProxy, ProxyMaker
from tests.soak.trouble import Troubles

STEP_S = 1.0
SETTLE_S = 120.0
"""The longest that everything may take to be fresh again once nothing is wrong any more."""
MEMORY_SLACK = 1.10
COUNT_SLACK = 3
REST_STEPS = 15
SOURCES = 3


@dataclass(frozen=True, slots=True)
class Size:
    """How large the cockpit is at an instant."""

    rss_mib: float
    descriptors: int
    threads: int
    tasks: int


def main() -> None:
    """Soak, report, and fail where something grew or did not recover."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    problems = soak(options.minutes * 60, options.seed)
    for problem in problems:
        print(f"FAILED: {problem}")
    sys.exit(1 if problems else 0)


def soak(length_s: float, seed: int) -> list[str]:
    """What was wrong in the end; prints a line a minute."""
    loop = Background()
    maker = ProxyMaker(loop)
    with tempfile.TemporaryDirectory(prefix="ontui-soak-") as name, open_world("freight", scenario="calm") as world:
        folder = Path(name)
        folder.chmod(0o700)
        proxies = stand_between(world, maker)
        config = through(world, proxies)
        command = [sys.executable, "-m", "tests.soak.cockpit", "-c", str(config)]
        env = {"XDG_STATE_HOME": str(folder / "state"), "ONTUI_SOAK_TASKS": str(folder / "tasks")}
        try:
            with Terminal(command, env=env) as terminal:
                terminal.wait(r"latency p95 +[\d.]+ m?s", 30)
                troubles = Troubles(world, proxies, terminal, random.Random(seed))
                before = at_rest(terminal, folder / "tasks")
                sizes = watched(terminal, troubles, folder / "tasks", length_s)
                problems = recovered(terminal, troubles)
                after = at_rest(terminal, folder / "tasks")
                return [*problems, *grown(before, sizes, after), *left(terminal)]
        finally:
            maker.close()
            loop.stop()


def stand_between(world: World, maker: ProxyMaker) -> dict[str, FaultProxy]:
    """A proxy before each server of the world."""
    found = world.describe()
    places = {"api": urlsplit(found["api"]["url"]).port, "prometheus": urlsplit(found["prometheus"]["url"]).port}
    ports = {**places, "database": found["postgres"]["port"]}
    return {name: maker(("127.0.0.1", int(port or 0))) for name, port in ports.items()}


def through(world: World, proxies: Mapping[str, FaultProxy]) -> Path:
    """The world's config, with the proxies' addresses and short intervals."""
    found, text = world.describe(), world.config_path.read_text()
    ports = {
        urlsplit(found["api"]["url"]).port: proxies["api"].port,
        urlsplit(found["prometheus"]["url"]).port: proxies["prometheus"].port,
    }
    for real, ours in ports.items():
        text = text.replace(f"http://127.0.0.1:{real}", f"http://127.0.0.1:{ours}")
    dsn = (world.root / "secrets" / "database-dsn").read_text()
    place = world.root / "secrets" / "soak-dsn"
    place.touch(mode=0o600)
    place.write_text(re.sub(r"@[^/]*/", f"@127.0.0.1:{proxies['database'].port}/", dsn))
    text = text.replace("./secrets/database-dsn", "./secrets/soak-dsn")
    path = world.root / "soak.yaml"
    path.touch(mode=0o600)
    path.write_text(re.sub(r"(?m)^defaults: .*$", "defaults: {every: 2s, timeout: 1s}", text))
    return path


def watched(terminal: Terminal, troubles: Troubles, tasks: Path, length_s: float) -> list[Size]:
    """Let things go wrong for so long; the sizes, one a step."""
    began, told, sizes = time.monotonic(), 0, []
    while (at_s := time.monotonic() - began) < length_s:
        if terminal.process.poll() is not None:
            raise SystemExit(f"the cockpit ended by itself, exit {terminal.process.returncode}:\n{terminal.text}")
        troubles.step(at_s)
        sizes.append(size(terminal, tasks))
        if int(at_s // 60) > told:
            told = int(at_s // 60)
            now = sizes[-1]
            print(
                f"{told:>4} min  {now.rss_mib:6.1f} MiB  {now.descriptors:>3} descriptors  {now.threads:>2} threads"
                f"  {now.tasks:>3} tasks  {sum(troubles.counts.values())} faults", flush=True,
            )  # fmt: skip
        time.sleep(STEP_S)
    for what, count in sorted(troubles.counts.items()):
        print(f"      {count:>3} × {what}")
    return sizes


def size(terminal: Terminal, tasks: Path) -> Size:
    """The process itself, without its children."""
    process = psutil.Process(terminal.process.pid)
    with process.oneshot():
        rss, descriptors, threads = process.memory_info().rss, process.num_fds(), process.num_threads()
    return Size(rss / 2**20, descriptors, threads, int(tasks.read_text()) if tasks.exists() else 0)


def at_rest(terminal: Terminal, tasks: Path) -> list[Size]:
    """The sizes while nothing is wrong."""
    sizes = []
    for _ in range(REST_STEPS):
        time.sleep(STEP_S)
        sizes.append(size(terminal, tasks))
    return sizes


def grown(before: Sequence[Size], during: Sequence[Size], after: Sequence[Size]) -> list[str]:
    """What there is more of in the end: at rest as before, and memory in the last quarter as in the second."""
    quarter = max(1, len(during) // 4)
    problems = []
    for name in Size.__dataclass_fields__:
        first, last = typical(before, name), typical(after, name)
        early, late = typical(during[quarter : 2 * quarter] or during, name), typical(during[-quarter:], name)
        most = max(getattr(s, name) for s in during)
        print(
            f"{name:>12}: {first:.1f} at rest before, {early:.1f} in the second quarter, {late:.1f} in the last,"
            f" {most:.1f} at most, {last:.1f} at rest after"
        )
        if name == "rss_mib":
            if late > early * MEMORY_SLACK:
                problems.append(f"memory grew from {early:.1f} to {late:.1f} MiB")
        elif last > first + COUNT_SLACK:
            problems.append(f"{name} grew from {first:.0f} to {last:.0f}")
    return problems


def typical(sizes: Sequence[Size], name: str) -> float:
    """The median."""
    return statistics.median(float(getattr(s, name)) for s in sizes)


def recovered(terminal: Terminal, troubles: Troubles) -> list[str]:
    """Whether everything is fresh again once nothing is wrong."""
    troubles.mend_all()
    began = time.monotonic()
    while time.monotonic() - began < SETTLE_S:
        terminal.type("escape", *(["p"] if "PAUSED" in terminal.text else []))   # the keys may have left it so
        time.sleep(1.0)
        if well(terminal.text):
            print(f"      all fresh {time.monotonic() - began:.0f} s after the last fault")
            return []
    return [f"not everything is well {SETTLE_S:.0f} s after the last fault:\n{terminal.text}"]


def well(text: str) -> bool:
    """Whether the dashboard is in view, every source answers, and no line is late, unknown or burning.

    A finding may stand beside a source that answers: for some minutes it says what happened to it.
    """
    answering = set(re.findall(r"(?m)(?:^| )(metrics|database|api) [✓◆]", text))
    return "─ Business " in text and len(answering) == SOURCES and not re.search(r"(?m)^[ ▌][◌∅?▲] ", text)


def left(terminal: Terminal) -> list[str]:
    """Whether it leaves as it should, and leaves nothing."""
    children = terminal.tree()
    terminal.type("q")
    code = terminal.exit_code(10)
    alive = [p for p in children if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    return [*([f"exit {code}"] if code else []), *(f"left running: {p}" for p in alive)]


if __name__ == "__main__":
    main()
