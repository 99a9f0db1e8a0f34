"""What goes wrong during a soak: faults on the way to each server, frozen servers, and a restless engineer."""

import contextlib
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil
import psycopg

from ontui.demo import World
from tests.pty.terminal import Terminal
from tests.servers.proxy import FaultProxy

KEYS = ("j", "k", "j", "enter", "escape", "t", "r", "escape", "f", "p", "R", "?", "escape", "x", "escape", "pagedown")
SIZES = ((120, 40), (80, 24), (200, 60), (50, 12))
LEAST_S, MOST_S = 2.0, 25.0


@dataclass(slots=True)
class Trouble:
    """One thing that is wrong, until `mend` is called."""

    name: str
    until_s: float
    mend: Callable[[], None]


@dataclass(slots=True)
class Troubles:
    """Begins and ends faults as a seed has it."""

    world: World
    proxies: dict[str, FaultProxy]
    terminal: Terminal
    chance: random.Random
    current: dict[str, Trouble] = field(default_factory=dict)
    """By what it befalls: one fault at a time each."""
    counts: dict[str, int] = field(default_factory=dict)

    def step(self, now_s: float) -> None:
        """End what has lasted long enough, perhaps begin something, perhaps press a key."""
        for place, trouble in list(self.current.items()):
            if now_s >= trouble.until_s:
                trouble.mend()
                del self.current[place]
        if self.chance.random() < 0.25:
            self._begin(now_s)
        if self.chance.random() < 0.5:
            self.terminal.type(self.chance.choice(KEYS))
        if self.chance.random() < 0.03:
            self.terminal.resize(*self.chance.choice(SIZES))

    def mend_all(self) -> None:
        """Nothing is wrong any more, and the dashboard is in view at a common size."""
        for trouble in self.current.values():
            trouble.mend()
        self.current.clear()
        self.terminal.resize(120, 40)

    def _begin(self, now_s: float) -> None:
        place = self.chance.choice([*self.proxies, "prometheus process", "postgres backends", "our session"])
        if place in self.current:
            return
        name, mend = self._fault(place)
        self.counts[f"{place}: {name}"] = self.counts.get(f"{place}: {name}", 0) + 1
        self.current[place] = Trouble(name, now_s + self.chance.uniform(LEAST_S, MOST_S), mend)

    def _fault(self, place: str) -> tuple[str, Callable[[], None]]:
        found = self.world.describe()
        if place == "our session":
            with psycopg.connect(found["postgres"]["dsn"], autocommit=True, connect_timeout=5) as session:
                session.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name ~ '^ontui'"
                )
            return "ended", lambda: None
        if place == "prometheus process":
            return "frozen", _frozen([psutil.Process(found["prometheus"]["pid"])])
        if place == "postgres backends":
            return "frozen", _frozen(_watchers(psutil.Process(found["postgres"]["pid"])))
        proxy = self.proxies[place]
        faults: dict[str, Callable[[], None]] = {
            "black hole": proxy.black_hole,
            "reset": proxy.reset,
            "refused": proxy.refuse,
            "slow": lambda: proxy.delay(1.5),
            "trickle": lambda: proxy.throttle(200),
            "cut": lambda: proxy.cut_after(self.chance.randint(0, 3000)),
        }
        name = self.chance.choice(list(faults))
        faults[name]()
        return name, proxy.heal


def _watchers(server: psutil.Process) -> list[psutil.Process]:
    """The backends that serve ontui."""
    found = []
    for process in server.children():
        with contextlib.suppress(psutil.NoSuchProcess):   # one that has just ended
            if any("ontui" in part for part in process.cmdline()):
                found.append(process)
    return found


def _frozen(processes: list[psutil.Process]) -> Callable[[], None]:
    for process in processes:
        _send(process, signal.SIGSTOP)

    def go_on() -> None:
        for process in processes:
            _send(process, signal.SIGCONT)

    return go_on


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
