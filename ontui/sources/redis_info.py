"""What INFO says, and the counters in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ontui.domain.status import Status
from ontui.domain.text import one_line
from ontui.sources.counters import Log
from ontui.sources.found import Flawed

COUNTERS = (
    "keyspace_hits", "keyspace_misses", "evicted_keys", "expired_keys", "rejected_connections",
    "total_commands_processed",
)  # fmt: skip
_KEYS = re.compile(r"keys=(\d{1,18})(,|$)", re.A)
_WHOLE = re.compile(r"\d{1,18}", re.A)
_PRODUCTS = (("Valkey", "valkey_version"), ("Dragonfly", "dragonfly_version"), ("Redis", "redis_version"))


@dataclass(frozen=True, slots=True)
class Info:
    """An answer to INFO; whatever is not in it is not known."""

    fields: Mapping[str, str] = field(default_factory=dict)
    sections: frozenset[str] = frozenset()
    refused: str = ""
    """Why the server did not answer."""

    @classmethod
    def read(cls, text: str) -> "Info":
        """From the text; lines that are neither a field nor the head of a section are passed over."""
        fields, sections = {}, set()
        for line in text.splitlines():
            if line.startswith("#"):
                sections.add(one_line(line[1:], 40).lower())
            elif ":" in line:
                name, _, value = line.partition(":")
                fields[one_line(name, 60)] = one_line(value, 200)
        return cls(fields, frozenset(sections))

    def word(self, name: str) -> str:
        """A field as it stands there; raises Flawed without one."""
        found = self.fields.get(name)
        if found is None:
            raise Flawed(Status.UNKNOWN, self.refused or f"INFO has no {name}")
        return found

    def number(self, name: str) -> int:
        """A field that counts something; raises Flawed when it does not."""
        text = self.word(name)
        if not _WHOLE.fullmatch(text):
            raise Flawed(Status.UNKNOWN, f"{name} is {one_line(text, 40)!r}, not a number")
        return int(text)

    def count(self, name: str, otherwise: int = 0) -> int:
        """The same where a server that does not tell has none."""
        text = self.fields.get(name, "")
        return int(text) if _WHOLE.fullmatch(text) else otherwise

    def keys(self) -> dict[str, int]:
        """How many there are in each database that has any; raises Flawed."""
        if "keyspace" not in self.sections:
            raise Flawed(Status.UNKNOWN, self.refused or "INFO has no section Keyspace")
        found = {}
        for name, text in self.fields.items():
            if re.fullmatch(r"db\d+", name, re.A):
                keys = _KEYS.match(text)
                if keys is None:
                    raise Flawed(Status.UNKNOWN, f"{name} is {one_line(text, 40)!r}, not a number of keys")
                found[name] = int(keys[1])
        return found

    @property
    def replica(self) -> bool:
        """Whether it follows a primary."""
        return self.fields.get("role") == "slave"

    @property
    def cut_off(self) -> bool:
        """Whether it is a replica that its primary does not reach."""
        return self.replica and self.fields.get("master_link_status") == "down"

    @property
    def role(self) -> str:
        """`primary`, `replica of 10.0.0.7:6379`, or what else it calls itself."""
        if self.replica:
            host, port = self.fields.get("master_host", "?"), self.fields.get("master_port", "?")
            return f"replica of {host}:{port}"
        return {"master": "primary"}.get(self.fields.get("role", ""), self.fields.get("redis_mode", ""))

    @property
    def product(self) -> str:
        """`Redis 7.0.15`."""
        known = ((name, self.fields[key]) for name, key in _PRODUCTS if key in self.fields)
        return next((f"{name} {one_line(version, 30)}" for name, version in known), "Redis")


@dataclass(frozen=True, slots=True)
class Counts:
    """The counters of one INFO."""

    now_s: float
    run_id: str
    values: Mapping[str, int]

    @classmethod
    def of(cls, info: Info, now_s: float, ours: Mapping[str, int] = MappingProxyType({})) -> "Counts":
        """Those that are there, less what we ourselves have caused: we do not measure ourselves."""
        found = {name: int(text) for name in COUNTERS if _WHOLE.fullmatch(text := info.fields.get(name, ""))}
        values = {name: count - ours.get(name, 0) for name, count in found.items()}
        return cls(now_s, info.fields.get("run_id", ""), values)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a server did between two looks at its counters."""

    seconds: float
    grown: Mapping[str, int]

    @classmethod
    def between(cls, old: Counts, new: Counts) -> "Stretch":
        """Of the counters that both have."""
        both = old.values.keys() & new.values.keys()
        return cls(new.now_s - old.now_s, {name: new.values[name] - old.values[name] for name in both})

    @property
    def lookups(self) -> int:
        """Keys that were asked for, found or not."""
        return self.grown.get("keyspace_hits", 0) + self.grown.get("keyspace_misses", 0)


class CounterLog(Log[Counts, Stretch]):
    """The last minutes of a server's counters."""

    def __init__(self, least_s: float, gap_s: float) -> None:
        super().__init__(least_s, gap_s, Stretch.between, _broken)


def _broken(old: Counts, new: Counts) -> str:
    """Why two looks may not be compared: CONFIG RESETSTAT and a restart begin again at zero."""
    if new.run_id != old.run_id:
        return "the server was restarted"
    shrank = any(grown < 0 for grown in Stretch.between(old, new).grown.values())
    return "counters were reset" if shrank or new.values.keys() != old.values.keys() else ""
