"""The answers of Prometheus' HTTP API, read without believing them."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ontui.domain.quantity import format_number
from ontui.domain.rows import reading_of
from ontui.domain.sample import Point, Reading, Row
from ontui.domain.sli import Sli
from ontui.domain.status import Status
from ontui.domain.text import clean, name_of, one_line
from ontui.sources.number_text import number_in

RAW_CHARS = 2000
"""How much of an answer is kept to be shown."""
MOST_WARNINGS = 5


class Malformed(Exception):
    """An answer that is not what the API promises; the message says what is wrong with it."""


class Refusal(Exception):
    """An answer of the form {"status": "error"}: the server's own words."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an instant vector; a scalar is one without labels."""

    labels: Mapping[str, str]
    at: float
    """The evaluation time by the server's clock: never the age of the data."""
    value: float | None
    """May be NaN or infinite; None for a native histogram."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer to an instant query."""

    kind: str
    """vector, scalar, string or matrix; only the first two hold `series`."""
    series: tuple[Series, ...] = ()
    text: str = ""
    """The string of a string answer."""
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    raw: str = field(default="", compare=False)
    date: float | None = field(default=None, compare=False)
    """The server's clock as the head of the answer told it, in whole seconds."""

    @property
    def server_at(self) -> float | None:
        """The server's clock when it answered, where the answer tells."""
        return self.series[0].at if self.series else self.date


def parse_instant(body: bytes) -> Answer:
    """Read the body of an instant query; raises Refusal or Malformed."""
    document, data = envelope(body)
    if not isinstance(data, dict):
        raise Malformed("the answer has no data")
    kind, result = data.get("resultType"), data.get("result")
    series: tuple[Series, ...] = ()
    text = ""
    if kind == "vector":
        if not isinstance(result, list):
            raise Malformed("the vector is not a list")
        series = tuple(_series(item) for item in result)
    elif kind == "scalar":
        at, value = _pair(result)
        series = (Series({}, at, value),)
    elif kind == "string":
        text = one_line(result[1]) if isinstance(result, list) and len(result) == 2 else ""
    elif kind != "matrix":
        raise Malformed(f"unknown result type {one_line(kind, 40)!r}")
    warnings = _texts(document.get("warnings"))
    if document.get("isPartial") is True or data.get("isPartial") is True:
        warnings = (*warnings, "the server left out part of the data")
    raw = clean(body[: RAW_CHARS * 2].decode("utf-8", "replace"), RAW_CHARS)
    return Answer(str(kind), series, text, warnings, _texts(document.get("infos")), raw)


def parse_range(body: bytes) -> list[list[tuple[float, float | None]]]:
    """Read the body of a range query: (server time, finite value or None) by series; raises Refusal or Malformed."""
    _, data = envelope(body)
    result = data.get("result") if isinstance(data, dict) else None
    if not isinstance(result, list):
        raise Malformed("the answer has no list of series")
    found = []
    for item in result:
        values = item.get("values", []) if isinstance(item, dict) else None
        if not isinstance(values, list):
            raise Malformed("a series has no list of values")
        found.append([(at, value if math.isfinite(value) else None) for at, value in map(_pair, values)])
    return found


def envelope(body: bytes) -> tuple[dict[str, object], object]:
    """The document and its data; raises Refusal for an error, Malformed for anything that is neither."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("the answer is not valid JSON") from error
    if not isinstance(document, dict):
        raise Malformed("the answer is not a JSON object")
    if document.get("status") != "success":
        words = [one_line(document[key], 300) for key in ("errorType", "error") if document.get(key)]
        if not words:
            raise Malformed("the answer has no status")
        raise Refusal(": ".join(words))
    return document, document.get("data")


def judge(answer: Answer, at: float, sli: Sli | None = None) -> Reading:
    """The one number of an answer as a reading asked for at `at`, or why it has none; the rows of an SLI that has."""
    reading = _by_row(answer, at, sli) if sli is not None and sli.rows else _judged(answer, at)
    if not answer.warnings:
        return reading
    partial = "PARTIAL: " + "; ".join(answer.warnings)
    return replace(reading, caveat="; ".join(filter(None, (partial, reading.caveat))))


def _by_row(answer: Answer, at: float, sli: Sli) -> Reading:
    """A row for each series, called by its label."""
    if answer.kind != "vector":
        return Reading.unknown(at, f"expected series with the label {sli.rows!r}, got a {answer.kind}", raw=answer.raw)
    without = sum(not series.labels.get(sli.rows) for series in answer.series)
    if without > 1 or (without and len(answer.series) == 1):
        found = ", ".join(sorted({name for series in answer.series for name in series.labels})) or "none"
        reason = one_line(f"the series have no label {sli.rows!r}; they have {found}")
        return Reading.unknown(at, reason, raw=answer.raw)
    rows = [_row(series, sli.rows) for series in answer.series]
    nothing = Reading(None, at, reason="the query has no result" if not rows else "", raw=answer.raw)
    return reading_of(sli, rows, nothing)


def _row(series: Series, label: str) -> Row:
    name = series.labels.get(label) or "(none)"
    if series.value is None:
        return Row(name, None, "a native histogram")
    return Row(name, series.value) if math.isfinite(series.value) else Row(name, None, format_number(series.value))


def _judged(answer: Answer, at: float) -> Reading:
    raw = answer.raw
    if answer.kind == "string":
        return Reading.unknown(at, f"expected a number, got the text {one_line(answer.text, 60)!r}", raw=raw)
    if answer.kind == "matrix":
        return Reading.unknown(at, "expected a number, got a range of samples: the query ends with a […]", raw=raw)
    if not answer.series:
        return Reading.no_data(at, "the query has no result", raw=raw)
    if len(answer.series) > 1:
        return Reading.unknown(at, f"expected 1 series, got {len(answer.series)}", raw=raw)
    series = answer.series[0]
    if series.value is None:
        return Reading.unknown(at, "expected a number, got a native histogram", raw=raw)
    if not math.isfinite(series.value):
        return Reading(None, at, Status.NO_DATA, format_number(series.value), raw=raw)
    return Reading(series.value, at, raw=raw, note=" · ".join((*_labelled(series), *answer.infos)))


def _labelled(series: Series) -> list[str]:
    inner = ", ".join(f'{name}="{value}"' for name, value in series.labels.items() if name != "__name__")
    return [one_line(f"{{{inner}}}")] if inner else []


def history(pairs: list[tuple[float, float | None]], step_s: float, skew_s: float) -> tuple[Point, ...]:
    """Points on our clock; a missing step is a gap."""
    points: list[Point] = []
    for at, value in sorted(pairs, key=lambda pair: pair[0]):
        here = at - skew_s
        if points and here - points[-1].at > 1.1 * step_s:
            points.append(Point(points[-1].at + step_s, None))
        points.append(Point(here, value))
    return tuple(points)


def _series(item: object) -> Series:
    if not isinstance(item, dict):
        raise Malformed("a series is not an object")
    metric = item.get("metric", {})
    if not isinstance(metric, dict):
        raise Malformed("the labels of a series are not an object")
    labels = {one_line(name): name_of(value, 200) for name, value in metric.items()}
    if "value" in item:
        at, value = _pair(item["value"])
        return Series(labels, at, value)
    histogram = item.get("histogram")
    if isinstance(histogram, list) and histogram:
        return Series(labels, _number(histogram[0]), None)
    raise Malformed("a series has no value")


def _pair(found: object) -> tuple[float, float]:
    if not isinstance(found, list) or len(found) != 2:
        raise Malformed("a sample is not a pair of time and value")
    at = _number(found[0])
    if not math.isfinite(at):
        raise Malformed("a sample has no time")
    return at, _number(found[1])


def _number(found: object) -> float:
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise Malformed(f"{one_line(found, 40)!r} is not a number")
    try:
        return number_in(found) if isinstance(found, str) else float(found)
    except (ValueError, OverflowError) as error:
        raise Malformed(f"{one_line(found, 40)!r} is not a number") from error


def _texts(found: object) -> tuple[str, ...]:
    """Warnings as lines, even where the server sends something else than a list of strings."""
    listed = found if isinstance(found, list) else [] if found is None else [found]
    return tuple(one_line(text) for text in listed[:MOST_WARNINGS])
