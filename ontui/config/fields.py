"""What a single value of the config may be; each refusal says what was expected, in people's words."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from ontui.config.address import dsn_problem, url_problem
from ontui.config.finding import listed, suggestion
from ontui.config.metrics import METRICS
from ontui.config.resolve import resolve_path
from ontui.domain.condition import Kind, parse_condition
from ontui.domain.quantity import QuantityError, parse_duration, parse_quantity
from ontui.domain.text import one_line


@dataclass(frozen=True, slots=True)
class Known:
    """What the values of one entry may refer to."""

    folder: Path
    sources: Mapping[str, str] = field(default_factory=dict)
    """The type of each source, by id."""
    slis: Collection[str] = ()
    actions: Collection[str] = ()
    severities: Collection[str] = ()
    keys: Collection[str] | None = None
    """What may stand in `keymap`; None: anything."""
    runbooks: Path | None = None
    pages: Collection[str] | None = None
    """The files of the runbooks folder, relative to it; None: they cannot be listed."""
    unit: str = "count"
    """Of the SLI at hand."""


def wrong(expected: str, hint: str = "", found: str = "") -> PydanticCustomError:
    """A refusal: what was expected, what to do, and what was found where the value itself does not say it."""
    return PydanticCustomError("wrong", "{expected}", {"expected": expected, "hint": hint, "found": found})


def _known(info: ValidationInfo) -> Known:
    assert isinstance(info.context, Known)  # noqa: S101 - the reader always passes it
    return info.context


def _line(value: str) -> str:
    stripped = value.strip()
    if not stripped:
        raise wrong("a text that is not empty")
    if not stripped.isprintable():
        raise wrong("one line of text without control characters", found="found control characters or several lines")
    if len(stripped) > 500:
        raise wrong("at most 500 characters", found=f"found {len(stripped)} characters")
    return stripped


def _script(value: str) -> str:
    if not value.strip():
        raise wrong("a text that is not empty")
    if not all(c.isprintable() or c in "\n\t" for c in value):
        raise wrong("text without control characters", found="found control characters")
    return value.strip("\n")


def _argument(value: str) -> str:
    return value if not value else _script(value) and value


def _matching(pattern: str, expected: str) -> Callable[[str], str]:
    compiled = re.compile(pattern, re.A)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise wrong(expected)
        return value

    return check


def _duration(value: object) -> float:
    if not isinstance(value, str | int | float):
        raise wrong("a duration such as 500ms, 30s, 5m, 2h or 1d")
    try:
        return parse_duration(value)
    except (QuantityError, OverflowError):
        raise wrong("a duration such as 500ms, 30s, 5m, 2h or 1d") from None


def _between(low_s: float, high_s: float, expected: str) -> Callable[[float], float]:
    def check(value: float) -> float:
        if not low_s <= value <= high_s:
            raise wrong(expected)
        return value

    return check


def _patience(value: str) -> str:
    if re.fullmatch(r"\d+ business days?", value, re.A):
        return value
    _duration(value)
    return value


def _condition(value: str, info: ValidationInfo) -> str:
    unit: str = _known(info).unit
    try:
        condition = parse_condition(value, unit)
    except QuantityError as error:
        message = str(error).partition(", found")[0].partition("; found")[0]
        if message.startswith("expected "):
            raise wrong(message.removeprefix("expected ")) from None
        raise wrong(f"a limit in {unit}", message) from None
    except (ValueError, OverflowError):
        raise wrong("a number before the %") from None
    if condition.kind is Kind.COMPARISON and condition.limit != condition.limit:
        raise wrong("a number")
    return condition.text


def _number_or_query(value: object, info: ValidationInfo) -> float | str | None:
    match value:
        case {"query": str(query), **rest} if not rest:
            return _script(query)
        case bool() | list() | dict():
            raise wrong("a number, or {query: …}")
        case str() | int() | float():
            try:
                return parse_quantity(value, _known(info).unit)
            except (QuantityError, OverflowError):
                raise wrong(f"a number in {_known(info).unit}, or {{query: …}}") from None
    return None


def _as_text(value: object) -> object:
    """Numbers and truths of YAML as the text a command line would hold."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise wrong("a regular expression", one_line(error, 80)) from None
    return value


def _timezone(value: str) -> str:
    if value == "UTC":
        return value
    try:
        ZoneInfo(value)
    except (LookupError, ValueError, OSError):
        zones = available_timezones()
        hint = suggestion(value, zones) if zones else "this machine has no time zones: install tzdata"
        raise wrong("a time zone such as Europe/Berlin or UTC", hint) from None
    return value


def _one_of(value: str, among: Iterable[str], what: str) -> str:
    known = list(among)
    if value not in known:
        expected = f"{what}: {listed(known)}" if known else f"{what}, of which there is none in this config"
        raise wrong(expected, suggestion(value, known))
    return value


def _source(value: str, info: ValidationInfo) -> str:
    return _one_of(value, _known(info).sources, "the id of a source")


def _sli(value: str, info: ValidationInfo) -> str:
    return _one_of(value, _known(info).slis, "the id of an SLI")


def _action(value: str, info: ValidationInfo) -> str:
    return _one_of(value, _known(info).actions, "the id of an action")


def _severity(value: str, info: ValidationInfo) -> str:
    return _one_of(value, _known(info).severities, "the name of a severity")


def _metric(value: str, info: ValidationInfo) -> str:
    kind = _known(info).sources.get(info.data.get("source", ""), "")
    if kind not in METRICS:
        return value
    others = [k for k, words in METRICS.items() if value in words]
    if value not in METRICS[kind] and others:
        raise wrong(f"a metric of a {kind} source: {listed(METRICS[kind], 20)}", f"{listed(others)} sources have it")
    return _one_of(value, METRICS[kind], f"a metric of a {kind} source")


def _page(value: str, info: ValidationInfo) -> str:
    known = _known(info)
    page = value.partition("#")[0]
    if "://" in value:
        raise wrong("a page of the runbooks folder", "put an address under 'links'")
    if known.runbooks is None:
        raise wrong("no runbook while there is no runbooks folder", "add runbooks: {path: ./runbooks}")
    if known.pages is not None and page not in known.pages and f"{page}.md" not in known.pages:
        raise wrong("a page of the runbooks folder", suggestion(page, known.pages), found=f"found no page '{page}'")
    return value


def _readable(value: str, info: ValidationInfo) -> str:
    path = resolve_path(_known(info).folder, value)
    try:
        exists = path.is_file()
    except (OSError, ValueError):
        exists = False
    if not exists:
        raise wrong("a file", found=f"found no file '{one_line(value, 80)}'")
    return str(path)


def _refused(problem: Callable[[str], str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if expected := problem(value):
            raise wrong(expected)
        return value

    return check


_QUANTITY = WithJsonSchema({"type": ["string", "number"], "examples": ["500ms", "30s", "5m", "2h", "1d"]})
_FROM = {"type": "object", "additionalProperties": False}
_SECRET = WithJsonSchema(
    {
        "anyOf": [
            {"type": "string"},
            _FROM | {"properties": {"file": {"type": "string"}}, "required": ["file"]},
            _FROM
            | {"properties": {"command": {"type": "array", "items": {"type": "string"}}}, "required": ["command"]},
        ]
    }
)

Line = Annotated[str, AfterValidator(_line)]
Script = Annotated[str, AfterValidator(_script)]
Argument = Annotated[str, AfterValidator(_argument)]
SystemId = Annotated[
    str, AfterValidator(_matching(r"[A-Za-z0-9][\w.-]{0,62}", "letters, digits, - and _, at most 63 of them"))
]
Variable = Annotated[str, AfterValidator(_matching(r"[A-Za-z_]\w*", "the name of an environment variable"))]
InputName = Annotated[str, AfterValidator(_matching(r"[A-Za-z_]\w*", "letters, digits and _, beginning with a letter"))]
StatusCodes = Annotated[
    list[Annotated[int, Field(ge=100, le=599)]],
    BeforeValidator(lambda value: value if isinstance(value, list) else [value]),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}),
]
Header = Annotated[str, AfterValidator(_matching(r"[!#$%&'*+.^`|~\w-]+", "the name of a header"))]
ClockTime = Annotated[str, AfterValidator(_matching(r"([01]?\d|2[0-3]):[0-5]\d", 'a time such as "09:00"'))]
DAYS = "mon|tue|wed|thu|fri|sat|sun"
Days = Annotated[
    str, AfterValidator(_matching(rf"(?i:({DAYS})(-({DAYS}))?(, ?({DAYS})(-({DAYS}))?)*)", "days such as mon-fri"))
]
Duration = Annotated[float, BeforeValidator(_duration), _QUANTITY]
Interval = Annotated[float, BeforeValidator(_duration), AfterValidator(_between(0.1, 86400, "100ms to 1d")), _QUANTITY]
Limit = Annotated[float, BeforeValidator(_duration), AfterValidator(_between(0.05, 86400, "50ms to 1d")), _QUANTITY]
Patience = Annotated[Line, AfterValidator(_patience)]
ConditionText = Annotated[Line, AfterValidator(_condition)]
Baseline = Annotated[
    float | str | None,
    BeforeValidator(_number_or_query),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["number", "string"]},
                _FROM | {"properties": {"query": {"type": "string"}}, "required": ["query"]},
            ]
        }
    ),
]
Text = Annotated[str, BeforeValidator(_as_text), AfterValidator(_line)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Timezone = Annotated[Line, AfterValidator(_timezone)]
SourceId = Annotated[str, AfterValidator(_source)]
SliId = Annotated[str, AfterValidator(_sli)]
ActionId = Annotated[str, AfterValidator(_action)]
SeverityName = Annotated[str, AfterValidator(_severity)]
MetricName = Annotated[str, AfterValidator(_metric)]
Page = Annotated[Line, AfterValidator(_page)]
ReadableFile = Annotated[Line, AfterValidator(_readable)]
Url = Annotated[Line, AfterValidator(_refused(url_problem)), _SECRET]
PlainUrl = Annotated[Line, AfterValidator(_refused(url_problem))]
Dsn = Annotated[Line, AfterValidator(_refused(dsn_problem)), _SECRET]
SecretText = Annotated[Line, _SECRET]
