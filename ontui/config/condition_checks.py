"""What the conditions of an SLI are compared with: a baseline that its source can tell, an age that it knows."""

from collections.abc import Iterator, Mapping

from ontui.config.finding import Finding, article
from ontui.config.resolve import Data
from ontui.config.tree import Path
from ontui.config.words import Words

Raw = Mapping[str, Data]
DATED = (
    'for what SQL can tell write unit: seconds and "> 10m" on select extract(epoch from now() - max(updated_at)), '
    "or failing where it cannot be read"
)
"""What to write instead of an age that nobody knows."""


def check_conditions(raw: Raw, path: Path, words: Words, kind: str) -> Iterator[Finding]:
    """`kind`: the type of its source, or empty."""
    yield from _baseline_unknown(raw, path, words, kind)
    yield from _age_unknown(raw, path, words, kind)
    if raw.get("baseline") is None:
        yield from _baseline_missing(raw, path, words)


def _baseline_unknown(raw: Raw, path: Path, words: Words, kind: str) -> Iterator[Finding]:
    """A baseline that the source cannot tell."""
    baseline = raw.get("baseline")
    if not isinstance(baseline, dict):
        return
    if "ago" in baseline and kind and kind != "prometheus":
        yield words.value((*path, "baseline"), "a number", "only a prometheus source knows its past")
    elif "ago" in baseline and raw.get("query") is None:
        yield words.value((*path, "baseline"), "a number", "only a query can be asked about the past")
    elif "ago" in baseline and raw.get("rows") is not None:
        yield words.value((*path, "baseline"), "a number", "one past is not that of many rows")
    elif "ago" not in baseline and kind and kind not in ("prometheus", "postgres"):
        yield words.value((*path, "baseline"), f"a number: {article(kind)} source answers no queries")


def _baseline_missing(raw: Raw, path: Path, words: Words) -> Iterator[Finding]:
    for place, text in _conditions(raw, path):
        if text.endswith("of baseline"):
            yield words.value(place, "a 'baseline' beside it", "add baseline: NUMBER, {query: …} or {ago: 7d}")


def _age_unknown(raw: Raw, path: Path, words: Words, kind: str) -> Iterator[Finding]:
    """An age that the source does not tell: it could only ever grow while polls fail."""
    known = raw.get("query") is not None if kind == "prometheus" else kind == "log" and raw.get("metric") != "size"
    for place, text in _conditions(raw, path) if kind and not known else []:
        if text.split()[:2] == ["older", "than"]:
            wanted = "an SLI whose data has a known age: a query of prometheus, or lines of a log"
            yield words.value(place, wanted, DATED)


def _conditions(raw: Raw, path: Path) -> Iterator[tuple[Path, str]]:
    """Every condition as it is written, and where."""
    alerts = raw.get("alerts")
    found = [((*path, "objective"), raw.get("objective"))]
    for n, alert in enumerate(alerts if isinstance(alerts, list) else []):
        found += [((*path, "alerts", n, k), alert.get(k)) for k in ("when", "clear") if isinstance(alert, dict)]
    yield from ((place, text) for place, text in found if isinstance(text, str))
