"""What a /metrics endpoint exposes → the series that are asked for, or why the text cannot be trusted."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ontui.domain.selector import Selector
from ontui.domain.text import one_line

if TYPE_CHECKING:
    from prometheus_client import Metric
    from prometheus_client.samples import Sample as Exposed

OPENMETRICS = "application/openmetrics-text"
LONGEST_LINE = 16 << 10
"""The parser takes quadratic time over a line."""
STARTED = "process_start_time_seconds"
Key = tuple[str, tuple[tuple[str, str], ...]]
_NAMES = re.compile(r"^[ \t]*([A-Za-z_:][A-Za-z0-9_:]*)", re.M)
_SAMPLE = re.compile(r'^([^\s{#][^\s{]*|(?=\{))(\{(?:[^"}]|"(?:\\.|[^"\\])*")*\})?', re.M)
_SUFFIX = re.compile(r"_(?:total|count|sum|bucket)$")


class Malformed(Exception):
    """An answer of which nothing can be believed; the message is for people."""


@dataclass(frozen=True, slots=True)
class Series:
    """One exposed number."""

    name: str
    labels: Mapping[str, str]
    """As they came: not for a screen."""
    value: float | None
    """None for a native histogram."""
    at: float | None = None
    """Its own timestamp, in seconds since the epoch by the target's clock."""

    @property
    def key(self) -> Key:
        """What tells it apart."""
        return self.name, tuple(sorted(self.labels.items()))

    @property
    def created_key(self) -> Key:
        """The series that tells since when it counts."""
        labels = sorted((k, v) for k, v in self.labels.items() if k not in ("le", "quantile"))
        return f"{_SUFFIX.sub('', self.name)}_created", tuple(labels)

    @property
    def words(self) -> str:
        """As it is exposed, in one harmless line."""
        inner = ",".join(f'{name}="{value}"' for name, value in self.labels.items())
        return one_line(f"{self.name}{{{inner}}}" if inner else self.name)


@dataclass(frozen=True, slots=True)
class Exposition:
    """What was asked for of one answer."""

    found: Mapping[str, tuple[Series, ...]]
    """By the text of the selector."""
    started: float | None = None
    """When the process began, as it says itself."""
    created: Mapping[Key, float] = field(default_factory=dict)
    """Since when counters count, where that is exposed too."""


def read_exposition(body: bytes, media: str, selectors: Sequence[Selector]) -> Exposition:
    """Parse text format 0.0.4, or OpenMetrics where the media type says so; raises Malformed."""
    openmetrics = media == OPENMETRICS
    text = _checked(body, media, openmetrics=openmetrics)
    found: dict[str, list[Series]] = {s.text: [] for s in selectors}
    started, created, count = None, dict[Key, float](), 0
    try:
        for sample, name in _samples(text, openmetrics=openmetrics):
            count += 1
            for selector in selectors:
                if selector.fits(name, sample.labels):
                    found[selector.text].append(_series(sample, name))
            if name == STARTED and not sample.labels:
                started = float(sample.value)
            elif name.endswith("_created"):
                series = _series(sample, name)
                created[series.key] = series.value or 0.0
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:   # it is a lax parser
        raise Malformed(f"not in the exposition format: {one_line(error, 120) or type(error).__name__}") from None
    if not count:
        raise Malformed("answered without a single metric")
    if openmetrics:
        _refuse_twice(text, count)
    return Exposition({text: tuple(series) for text, series in found.items()}, started, created)


def _checked(body: bytes, media: str, *, openmetrics: bool) -> str:
    """The text, if it is whole: cut inside a number it would parse, to another number."""
    if "protobuf" in media:
        raise Malformed("answered protobuf, which was not asked for")
    if not body.strip():
        raise Malformed("answered nothing, not a single metric")
    text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if text.lstrip().startswith("<"):
        raise Malformed("answered HTML instead of metrics (a login page?)")
    if "json" in media:
        raise Malformed("answered JSON instead of metrics")
    if openmetrics and not text.rstrip("\n").endswith("# EOF"):
        raise Malformed("truncated: '# EOF' is missing at the end")
    if not text.endswith("\n") and not text.endswith("# EOF"):
        raise Malformed("truncated: the last line has no end")
    if max(map(len, text.split("\n"))) > LONGEST_LINE:
        raise Malformed(f"a line is longer than {LONGEST_LINE >> 10} KiB")
    return text


def _samples(text: str, *, openmetrics: bool) -> "Iterator[tuple[Exposed, str]]":
    """Every sample with its name as it is exposed: of text the parser adds `_total` to counters without it."""
    families = _families(text, openmetrics=openmetrics)
    exposed = set() if openmetrics else set(_NAMES.findall(text))
    for family in families:
        for sample in family.samples:
            plain = sample.name.removesuffix("_total")
            invented = family.type == "counter" and sample.name not in exposed and plain in exposed
            yield sample, plain if invented else sample.name


def _families(text: str, *, openmetrics: bool) -> "Iterable[Metric]":
    # Imported where the text is parsed, in a thread: it brings an HTTP server along.
    if openmetrics:
        from prometheus_client.openmetrics import parser

        strict: Callable[[str], Iterable[Metric]] = parser.text_string_to_metric_families
        return strict(text)
    from prometheus_client.parser import text_string_to_metric_families

    return text_string_to_metric_families(text)


def _series(sample: "Exposed", name: str) -> Series:
    value = None if sample.native_histogram is not None else float(sample.value)
    at = None if sample.timestamp is None else float(sample.timestamp)
    return Series(name, sample.labels, value, at)


def _refuse_twice(text: str, count: int) -> None:
    """The parser of OpenMetrics keeps the first of two equal series and says nothing."""
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    if len(lines) == count:
        return
    seen = set[str]()
    for line in lines:
        match = _SAMPLE.match(line)
        name = match[0] if match else line
        if name in seen:
            raise Malformed(f"the same series is exposed twice: {one_line(name, 80)}")
        seen.add(name)
    raise Malformed("the same series is exposed twice")
