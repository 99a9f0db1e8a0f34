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
PIECE = 64 << 10
MOST_NAMES = 300
"""With more of them the sieve takes as long as the parser."""
MOST_SERIES = 10_000
"""More than this are not one number any more."""
STARTED = "process_start_time_seconds"
Key = tuple[str, tuple[tuple[str, str], ...]]
_NAMES = re.compile(r"^([A-Za-z_:][A-Za-z0-9_:]*)[{ \t]", re.M)
_REMARK = re.compile(r"^[ \t]*(?:#[^\n]*)?\n", re.M)
_PLAIN = (
    r"[A-Za-z_:][A-Za-z0-9_:]*(?:\{[^\n]*\})?[ \t]+"
    r"[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|NaN|Inf)(?:[ \t]+-?[0-9]+)?[ \t\r]*"
)
"""A sample that is certainly well-formed, at least outside its braces."""
_SAMPLE = re.compile(r'^([^\s{#][^\s{]*|(?=\{))(\{(?:[^"}]|"(?:\\.|[^"\\])*")*\})?', re.M)
_UNREADABLE = re.compile(r"(?:could not convert string to float|invalid literal for int\(\)[^:]*): (.*)", re.S)
_OF_PYTHON = re.compile(r"unpack|substring|digits|cannot convert|is not in list")
_SUFFIX = re.compile(r"_(?:total|count|sum|bucket)$")


_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_NO_NUMBER = re.compile(r"^(?!#)[^\n]*?(?:[^\x00-\x7f]|(?<=[\s}])[-+.]*[0-9][0-9.eE+-]*_)[^\n]*", re.M)
"""A line with a digit that is not ASCII, or an underscore in a number: Python's parsers take both."""


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
    started, created, sieve, count = None, dict[Key, float](), Sieve(selectors), 0
    if openmetrics:
        _refuse_numbers(text)
    try:
        for sample in _strictly(text) if openmetrics else sieve.samples(text):
            count += 1
            for selector in selectors:
                if len(found[selector.text]) <= MOST_SERIES and selector.fits(sample.name, sample.labels):
                    found[selector.text].append(_series(sample))
            if sample.name == STARTED and not sample.labels:
                started = float(sample.value)
            elif sample.name.endswith("_created"):
                series = _series(sample)
                created[series.key] = series.value or 0.0
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:   # it is a lax parser
        raise Malformed(f"not in the exposition format: {_words(error)}") from None
    if not count + sieve.passed:
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
    if any(len(line) > LONGEST_LINE for piece in _pieces(text) for line in piece.split("\n")):
        raise Malformed(f"a line is longer than {LONGEST_LINE >> 10} KiB")
    return text


class Sieve:
    """Keeps well-formed lines that nobody asks for from the parser, which takes many times as long over each."""

    def __init__(self, selectors: Sequence[Selector]) -> None:
        self._selectors = selectors
        self._asked: dict[str, bool] = {}
        self.passed = 0
        """Samples that were let through unparsed."""

    def samples(self, text: str) -> "Iterator[Exposed]":
        """What may be asked for, and whatever is not well-formed; names are as exposed, because remarks are left out.

        Of a TYPE without `_total` the parser would make a name with it.
        """
        from prometheus_client.parser import text_string_to_metric_families

        for piece in _pieces(text):
            lines, passed = self._sifted(_REMARK.sub("", piece))
            self.passed += passed
            _refuse_numbers(lines)
            for family in text_string_to_metric_families(lines):
                yield from family.samples

    def _sifted(self, piece: str) -> tuple[str, int]:
        """What is left, and how many samples are gone."""
        for name in set(_NAMES.findall(piece)).difference(self._asked):
            wanted = name == STARTED or name.endswith("_created")
            self._asked[name] = wanted or any(selector.fits_name(name) for selector in self._selectors)
        names = [name for name, asked in self._asked.items() if asked]
        if len(names) > MOST_NAMES:
            return piece, 0
        unless = f"(?!(?:{'|'.join(names)})[{{ \\t])" if names else ""
        return re.subn(rf"^{unless}{_PLAIN}\n", "", piece, flags=re.M)


def _refuse_numbers(lines: str) -> None:
    if match := _NO_NUMBER.search(_QUOTED.sub('""', lines)):
        raise Malformed(f"not in the exposition format: {one_line(match[0], 120)}")


def _pieces(text: str) -> Iterator[str]:
    """Whole lines, few enough at a time: while a pattern is looked for in them, no other thread goes on."""
    at = 0
    while at < len(text):
        end = text.rfind("\n", at, at + PIECE)
        end = end if end >= 0 else text.find("\n", at)
        end = end if end >= 0 else len(text)
        yield text[at : end + 1]
        at = end + 1


def _strictly(text: str) -> "Iterator[Exposed]":
    # Imported where the text is parsed, in a thread: it brings an HTTP server along.
    from prometheus_client.openmetrics import parser

    parsed: Callable[[str], Iterable[Metric]] = parser.text_string_to_metric_families
    for family in parsed(text):
        yield from family.samples


def _series(sample: "Exposed") -> Series:
    value = None if sample.native_histogram is not None else float(sample.value)
    at = None if sample.timestamp is None else float(sample.timestamp)
    return Series(sample.name, sample.labels, value, at)


def _words(error: Exception) -> str:
    """What the parser says; where that are Python's words about itself, what they mean."""
    said = " ".join(map(str, error.args)) if isinstance(error, ValueError) else ""
    if number := _UNREADABLE.match(said):
        return f"{one_line(number[1], 60)} is not a number"
    return one_line(said, 120) if said and not _OF_PYTHON.search(said) else "there is a line that cannot be read"


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
