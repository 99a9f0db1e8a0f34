"""Whether the unit of an SLI is that of its number: a unit never converts one, it only says what it is."""

from collections.abc import Iterator, Mapping

from ontui.config.finding import Finding, listed
from ontui.config.metrics import METRICS, UNITS
from ontui.config.resolve import Data
from ontui.config.tree import Path
from ontui.config.words import Words
from ontui.domain.quantity import DURATIONS, RATES, SIZES, STEPS, SUFFIXES

_MEANINGS = {"bytes", *SUFFIXES, *STEPS, *DURATIONS, *SIZES, *RATES} - {"count"}
"""Words that say what a number means; any other only says what is counted."""
_SUITS = "and are shown in units that suit them"
_HINTS = {
    "seconds": f"limits may be written 300ms or 5m {_SUITS}",
    "bytes": f"limits may be written 10MiB or 2GB {_SUITS}",
    "ratio": "limits may be written 5%",
    "per_second": "limits may be written 5/s",
    "per_minute": "limits may be written 5/min",
}


def check_unit(raw: Mapping[str, Data], path: Path, words: Words, kind: str) -> Iterator[Finding]:
    """`kind`: the type of its source, or empty."""
    unit, metric = raw.get("unit"), raw.get("metric")
    known = METRICS.get(kind, {}).get(metric) if isinstance(metric, str) else None
    if not isinstance(unit, str) or not unit.strip() or (known and known.printed) or (metric is not None and not known):
        return
    own, said = known.unit if known else UNITS.get(kind, ""), unit.strip()
    if not own or said == own or (own, said) == ("ratio", "percent") or (own == "count" and said not in _MEANINGS):
        return
    whose = f"the unit of {metric}" if known else f"what {kind} sources tell"
    fitting = listed((own, "percent") if own == "ratio" else (own,))
    hint = _HINTS.get(own, "" if own != "count" else "a word for what is counted may stand there too")
    yield words.value((*path, "unit"), f"{fitting}, {whose}", hint)
