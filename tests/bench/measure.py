"""What a person at the terminal would notice of a program: start, idle cost, keys, memory, leaving."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.pty.terminal import Terminal

Command = Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Start:
    """Medians over several starts."""

    paint_ms: float
    data_ms: float
    data_cpu_ms: float
    """CPU spent until then: what is left of the figure on a busy machine."""
    quit_ms: float


@dataclass(frozen=True, slots=True)
class Idle:
    """A window without keys; `own`: without helpers and the programs it runs."""

    cpu_s_per_min: float
    own_cpu_s_per_min: float
    bytes_per_s: float
    rss_mib: float
    own_rss_mib: float


@dataclass(frozen=True, slots=True)
class Keys:
    """From a key to the next change of the screen."""

    median_ms: float
    p95_ms: float


def cpu_s(terminal: Terminal) -> float:
    """User and system seconds of the program and its children."""
    total = 0.0
    for process in terminal.tree():
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def start(command: Command, paint: str, data: str, env: Mapping[str, str], runs: int, leave: str = "q") -> Start:
    """Start it several times, until the patterns are on the screen; then leave."""
    rows = []
    for _ in range(runs):
        with Terminal(command, env=env) as terminal:
            painted = terminal.wait(paint, 20)
            told = terminal.wait(data, 20)
            spent = cpu_s(terminal)
            time.sleep(1.0)
            pressed = time.perf_counter()
            terminal.press(leave)
            terminal.exit_code(10)
            rows.append((painted, told, spent, time.perf_counter() - pressed))
    return Start(*(statistics.median(column) * 1000 for column in zip(*rows, strict=True)))


def idle(terminal: Terminal, seconds: float) -> Idle:
    """Leave it alone for so long."""
    began, spent, own, sent = time.perf_counter(), cpu_s(terminal), own_cpu_s(terminal), len(terminal.bytes)
    peak = own_peak = 0.0
    while time.perf_counter() - began < seconds:
        time.sleep(0.25)
        sizes = [rss_mib(p) for p in terminal.tree()]
        peak, own_peak = max(peak, sum(sizes)), max(own_peak, rss_mib(psutil.Process(terminal.process.pid)))
    took = time.perf_counter() - began
    per_min = 60 / took
    return Idle(
        (cpu_s(terminal) - spent) * per_min, (own_cpu_s(terminal) - own) * per_min,
        (len(terminal.bytes) - sent) / took, peak, own_peak,
    )  # fmt: skip


def own_cpu_s(terminal: Terminal) -> float:
    """User and system seconds of the program alone."""
    times = psutil.Process(terminal.process.pid).cpu_times()
    return float(times.user + times.system)


def rss_mib(process: psutil.Process) -> float:
    """What it has in memory; nothing once it ended."""
    try:
        return float(process.memory_info().rss) / 1024 / 1024
    except psutil.NoSuchProcess:
        return 0.0


def keys(terminal: Terminal, pressed: Sequence[str], count: int) -> Keys:
    """Press them in turn; a key that changes nothing within half a second is left out and said by the caller."""
    delays = []
    for n in range(count):
        before, at = terminal.text, time.perf_counter()
        terminal.press(pressed[n % len(pressed)])
        if (seen := _changed(terminal, before, at + 0.5)) is not None:
            delays.append((seen - at) * 1000)
        time.sleep(0.13)
    if len(delays) < 2:
        return Keys(float("nan"), float("nan"))
    return Keys(statistics.median(delays), statistics.quantiles(delays, n=20)[-1])


def _changed(terminal: Terminal, before: str, until: float) -> float | None:
    sent = len(terminal.bytes)
    while time.perf_counter() < until:
        if len(terminal.bytes) > sent and (terminal.text != before or len(terminal.bytes) - sent > 40):
            return terminal.changed_at
        time.sleep(0.0005)
    return None


def until(terminal: Terminal, check: Callable[[str], bool], within_s: float) -> float:
    """Seconds from now until the screen satisfies a condition."""
    began = time.perf_counter()
    terminal.wait(check, within_s)
    return time.perf_counter() - began
