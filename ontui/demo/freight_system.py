"""Infamous Freight as a model: an API, its cache and its database pool, and what each does to the others. No I/O."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

HISTORY_S = 3960.0
"""An hour for the charts, and the window of the longest rate before it."""
SCRAPE_S = 5.0
"""The same in the history as live: a change of pace would show as a dip in every rate."""
BASE_REPLICAS = 2
CACHE_BYTES = 512 * 1024**2
LATENCY_BOUNDS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 5.0)
PERIODS_S = (41.0, 127.0, 463.0, 1709.0)
LOAD_PER_S = 104.0
BREAKER_HIT = 0.35
"""With fewer hits than this the API no longer waits for the cache."""
STATUSES = ("200", "201", "304", "401", "404", "500", "503")

SCENARIOS: Mapping[str, str] = MappingProxyType(
    {
        "story": "calm for a minute; then the cache degrades, latency climbs and a leak of sessions fills the pool",
        "calm": "nothing goes wrong, for as long as you like",
        "cache": "after a minute the cache stops keeping what it is given, and latency climbs",
        "pool": "after a minute the reports leave their database sessions open, and the pool fills",
    }
)
# When (seconds into the world) which part falls sick.
FAULTS: Mapping[str, tuple[tuple[float, str], ...]] = MappingProxyType(
    {
        "story": ((60.0, "cache"), (75.0, "leak")),
        "calm": (),
        "cache": ((60.0, "cache"),),
        "pool": ((60.0, "leak"),),
    }
)


Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A metric as it is announced on /metrics."""

    name: str
    kind: str
    help: str


FAMILIES = (
    Family("http_requests_total", "counter", "Answers of the API by status."),
    Family("http_request_duration_seconds", "histogram", "Time to answer."),
    Family("cache_hits_total", "counter", "Look-ups the cache could answer."),
    Family("cache_misses_total", "counter", "Look-ups that went to the database."),
    Family("cache_evictions_total", "counter", "Entries thrown out for want of memory."),
    Family("cache_memory_used_bytes", "gauge", "Memory the cache holds."),
    Family("cache_memory_max_bytes", "gauge", "Memory the cache may hold."),
    Family("replica_lag_seconds", "gauge", "How far the read replica is behind."),
    Family("api_replicas", "gauge", "Instances of the API."),
    Family("active_shipments", "gauge", "Shipments on their way."),
    Family("payments_total", "counter", "Payments by result."),
    Family("signups_last_24h", "gauge", "New customers in the last 24 hours."),
    Family("circuit_breaker_open", "gauge", "Whether calls to a part are given up at once."),
)


@cache
def family_of(name: str) -> int:
    """The place in FAMILIES of a sample's name."""
    return next(
        place
        for place, family in enumerate(FAMILIES)
        if name == family.name or (family.kind == "histogram" and name.startswith(family.name))
    )


@dataclass(slots=True)
class Freight:
    """The hidden state; step() moves it on, samples() is what it lets the world see."""

    seed: int
    cache_hit: float = 0.93
    """Share of look-ups answered now."""
    cache_memory: float = 0.62
    """Share of its memory."""
    cache_sick: bool = False
    leaking: bool = False
    """Whether the reports keep opening sessions without closing them."""
    pool_used: float = 0.4
    """As measured in the real database: client sessions of the slots that are not reserved."""
    replicas: int = BASE_REPLICAS
    counters: dict[tuple[str, Labels], float] = field(default_factory=dict)
    now: float = 0.0
    """Unix seconds of the last step."""
    _phases: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def noise(self, name: str) -> float:
        """A smooth wandering between about -1 and 1, the same for the same seed and instant."""
        if name not in self._phases:
            source = random.Random(f"{self.seed}/{name}")
            self._phases[name] = tuple(source.uniform(0, math.tau) for _ in PERIODS_S)
        waves = zip(PERIODS_S, self._phases[name], strict=True)
        return sum(math.sin(math.tau * self.now / period + phase) for period, phase in waves) / 2.2

    def step(self, now: float, elapsed_s: float, pace: float = 1.0) -> None:
        """Move to `now`; faults and repairs take effect `pace` times as fast, counters count real seconds."""
        self.now = now
        hit, memory = (0.27, 0.97) if self.cache_sick else (0.93, 0.62)
        self.cache_hit += (hit + 0.012 * self.noise("hit") - self.cache_hit) * _share(elapsed_s * pace, 12.0)
        self.cache_memory += (memory + 0.01 * self.noise("memory") - self.cache_memory) * _share(elapsed_s * pace, 20.0)
        self._count(elapsed_s)

    def restart_cache(self) -> None:
        """Empty it and cure it; it warms by itself."""
        self.cache_sick, self.cache_hit, self.cache_memory = False, 0.05, 0.06

    def pressure(self) -> float:
        """0 while the pool has room, 1 when nearly every slot is taken."""
        return min(1.0, max(0.0, (self.pool_used - 0.75) / 0.2))

    def latency_cdf(self, bound_s: float) -> float:
        """The share of requests answered within bound_s: hits are quick, misses wait for the database and its pool."""
        relief = (BASE_REPLICAS / self.replicas) ** 0.5
        wait = 0.135 * (1 + 3.0 * (1 - self.cache_hit)) * (1 + 2.9 * self.pressure()) * relief
        hit, miss = _lognormal(bound_s, 0.035, 0.45), _lognormal(bound_s, wait * (1 + 0.06 * self.noise("db")), 0.5)
        return self.cache_hit * hit + (1 - self.cache_hit) * miss

    def samples(self) -> Iterator[tuple[str, Labels, float]]:
        """Everything /metrics shows, in its order; what is counted is whole."""
        for key in sorted(self.counters, key=_exposition_order):
            value = self.counters[key]
            yield key[0], key[1], round(value, 3) if key[0].endswith("_sum") else float(math.floor(value))
        yield "cache_memory_used_bytes", (), float(int(self.cache_memory * CACHE_BYTES))
        yield "cache_memory_max_bytes", (), float(CACHE_BYTES)
        yield "replica_lag_seconds", (), round(0.024 + 0.008 * self.noise("lag") + 0.035 * self.pressure(), 4)
        yield "api_replicas", (), float(self.replicas)
        yield "active_shipments", (), float(round(1012 + 24 * self.noise("shipments")))
        yield "signups_last_24h", (), float(round(53 + 3 * self.noise("signups")))
        yield "circuit_breaker_open", (("to", "cache"),), float(self.cache_hit < BREAKER_HIT)
        yield "circuit_breaker_open", (("to", "payments"),), 0.0

    def _count(self, elapsed_s: float) -> None:
        requests = LOAD_PER_S * (1 + 0.06 * self.noise("load")) * elapsed_s
        failed = 0.003 + 0.001 * self.noise("errors") + 0.024 * self.pressure() + 0.006 * max(0.0, 0.6 - self.cache_hit)
        shares = {"401": 0.006 + 0.001 * self.noise("tokens"), "404": 0.012, "304": 0.11, "201": 0.08}
        shares |= {"500": failed * 0.4, "503": failed * 0.6}
        shares["200"] = 1 - sum(shares.values())
        for status in STATUSES:
            self._add("http_requests_total", requests * shares[status], (("status", status),))
        mean = 0.0
        below, last = 0.0, 0.0
        for bound in LATENCY_BOUNDS:
            share = self.latency_cdf(bound)
            self._add("http_request_duration_seconds_bucket", requests * share, (("le", f"{bound:g}"),))
            mean += (share - below) * (bound + last) / 2
            below, last = share, bound
        mean += (1 - below) * last * 1.3
        self._add("http_request_duration_seconds_bucket", requests, (("le", "+Inf"),))
        self._add("http_request_duration_seconds_sum", requests * mean)
        self._add("http_request_duration_seconds_count", requests)
        self._add("cache_hits_total", requests * 2.2 * self.cache_hit)
        self._add("cache_misses_total", requests * 2.2 * (1 - self.cache_hit))
        full = max(0.0, self.cache_memory - 0.66) / 0.31
        self._add("cache_evictions_total", (3.5 + self.noise("evictions") + 92 * full) / 60 * elapsed_s)
        paid = 2.4 * (1 + 0.1 * self.noise("payments")) * elapsed_s
        refused = 0.006 + 0.002 * self.noise("refused") + 0.005 * self.pressure()
        self._add("payments_total", paid * (1 - refused), (("result", "ok"),))
        self._add("payments_total", paid * refused, (("result", "failed"),))

    def _add(self, name: str, amount: float, labels: Labels = ()) -> None:
        self.counters[name, labels] = self.counters.get((name, labels), 0.0) + max(0.0, amount)


def sick_parts(scenario: str, elapsed_s: float, pace: float) -> tuple[str, ...]:
    """The parts whose fault has begun elapsed_s into the scenario."""
    return tuple(part for at_s, part in FAULTS[scenario] if elapsed_s * pace >= at_s)


def begun(seed: int, began_at: float) -> Freight:
    """The system as it stands when the world opens: an hour of calm lies behind it."""
    system = Freight(seed)
    for _ in history(system, began_at):
        pass
    return system


def history(system: Freight, began_at: float) -> Iterator[float]:
    """Step a new system through the time before began_at; yields the Unix seconds of each step."""
    steps = int(HISTORY_S / SCRAPE_S)
    for index in range(steps + 1):
        now = began_at - (steps - index) * SCRAPE_S
        system.step(now, SCRAPE_S)
        yield now


def exposition(system: Freight) -> str:
    """The Prometheus text format, version 0.0.4."""
    lines: list[str] = []
    announced = ""
    for name, labels, value in system.samples():
        family = FAMILIES[family_of(name)]
        if family.name != announced:
            announced = family.name
            lines += [f"# HELP {family.name} {family.help}", f"# TYPE {family.name} {family.kind}"]
        lines.append(f"{name}{label_text(labels)} {number_text(value)}")
    return "\n".join(lines) + "\n"


def label_text(labels: Labels) -> str:
    """`{le="0.1"}`, or nothing."""
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}" if labels else ""


def number_text(value: float) -> str:
    """Whole numbers without a point."""
    return str(int(value)) if value == int(value) else repr(value)


@cache
def _exposition_order(key: tuple[str, Labels]) -> tuple[int, int, float, Labels]:
    name, labels = key
    place = family_of(name)
    part = 0 if name.endswith("_bucket") or name == FAMILIES[place].name else 1 if name.endswith("_sum") else 2
    bound = float(dict(labels).get("le", "0").replace("+Inf", "inf"))
    return place, part, bound, labels


def _share(elapsed_s: float, time_constant_s: float) -> float:
    return 1 - math.exp(-elapsed_s / time_constant_s)


def _lognormal(value: float, median: float, sigma: float) -> float:
    return 0.5 * (1 + math.erf(math.log(value / median) / (sigma * math.sqrt(2))))
