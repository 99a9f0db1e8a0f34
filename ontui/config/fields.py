"""What a single value of the config may be; each refusal says what was expected, in people's words."""

import re
from collections.abc import Callable
from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from ontui.config.address import dsn_problem, pgbouncer_problem, redis_problem, url_problem
from ontui.config.finding import suggestion
from ontui.config.known import wrong
from ontui.domain.deadline import parse_within
from ontui.domain.quantity import QuantityError, parse_duration
from ontui.domain.selector import SelectorError, parse_selector
from ontui.domain.silence import Matcher, SilenceRefused
from ontui.domain.text import one_line


def _line(value: str) -> str:
    stripped = value.strip()
    if not stripped:
        raise wrong("a text that is not empty")
    if not stripped.isprintable():
        raise wrong("one line of text without control characters", found="found control characters or several lines")
    if len(stripped) > 500:
        raise wrong("at most 500 characters", found=f"found {len(stripped)} characters")
    return stripped


def read_script(value: str) -> str:
    """Text of many lines; refuses what a terminal would obey."""
    if not value.strip():
        raise wrong("a text that is not empty")
    if not all(c.isprintable() or c in "\n\t" for c in value):
        raise wrong("text without control characters", found="found control characters")
    return value.strip("\n")


def _argument(value: str) -> str:
    return value if not value else read_script(value) and value


def _matching(pattern: str, expected: str) -> Callable[[str], str]:
    compiled = re.compile(pattern, re.A)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise wrong(expected)
        return value

    return check


def read_duration(value: object) -> float:
    """Seconds; refuses what is none."""
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
    try:
        parse_within(value)
    except QuantityError:
        raise wrong("a duration such as 15m or 24h, or 1 business day") from None
    return value


def _later(value: str, info: ValidationInfo) -> str:
    begins = info.data.get("begins")
    if begins is not None and time.fromisoformat(value.zfill(5)) <= time.fromisoformat(begins.zfill(5)):
        raise wrong(f"a time later than {begins}, when work begins")
    return value


_SELECTOR = re.compile(
    r"""(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)?\s*"""
    r"""(?P<labels>\{(?:[^{}"'`]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)*\})?""",
    re.S,
)
_WRITTEN_BY_SERVER = re.compile(r"up|scrape_.*|ALERTS.*")
"""Series that go on about a dead target too."""


def _selector(value: str) -> str:
    match = _SELECTOR.fullmatch(value.strip())
    if not value.strip() or match is None:
        raise wrong('a series as it is scraped, such as http_requests_total{job="api"}, and nothing around it')
    if _WRITTEN_BY_SERVER.fullmatch(match["name"] or ""):
        raise wrong("a series that the target itself exports; this one goes on when the target is dead")
    return value.strip()


def _series(value: str) -> str:
    try:
        return parse_selector(value).text
    except SelectorError as error:
        raise wrong(str(error)) from None


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


def _matcher(value: str) -> str:
    try:
        matcher = Matcher.parse(value)
    except SilenceRefused:
        raise wrong("""a matcher such as 'team="freight"', with =, !=, =~ or !~""") from None
    if problem := matcher.problem:
        raise wrong(f"a regular expression after {'=~' if matcher.is_equal else '!~'}", problem)
    return value


def _refused(problem: Callable[[str], str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if expected := problem(value):
            raise wrong(expected)
        return value

    return check


_QUANTITY = WithJsonSchema({"type": ["string", "number"], "examples": ["500ms", "30s", "5m", "2h", "1d"]})
FROM = {"type": "object", "additionalProperties": False}
_SECRET = WithJsonSchema(
    {
        "anyOf": [
            {"type": "string"},
            FROM | {"properties": {"file": {"type": "string"}}, "required": ["file"]},
            FROM | {"properties": {"command": {"type": "array", "items": {"type": "string"}}}, "required": ["command"]},
        ]
    }
)

Line = Annotated[str, AfterValidator(_line)]
Script = Annotated[str, AfterValidator(read_script)]
Argument = Annotated[str, AfterValidator(_argument)]
SystemId = Annotated[
    str, AfterValidator(_matching(r"[A-Za-z0-9][\w.-]{0,62}", "letters, digits, - and _, at most 63 of them"))
]
Variable = Annotated[str, AfterValidator(_matching(r"[A-Za-z_]\w*", "the name of an environment variable"))]
InputName = Annotated[
    str, AfterValidator(_matching(r"[A-Za-z_][\w-]*", "letters, digits, - and _, beginning with a letter"))
]
StatusCodes = Annotated[
    tuple[Annotated[int, Field(ge=100, le=599)], ...],
    BeforeValidator(lambda value: value if isinstance(value, list) else [value]),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}),
]
ExitCodes = Annotated[
    tuple[Annotated[int, Field(ge=0, le=255)], ...],
    BeforeValidator(lambda value: value if isinstance(value, list) else [value]),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}),
]
Header = Annotated[str, AfterValidator(_matching(r"[!#$%&'*+.^`|~\w-]+", "the name of a header"))]
ClockTime = Annotated[str, AfterValidator(_matching(r"([01]?\d|2[0-3]):[0-5]\d", 'a time such as "09:00"'))]
DAYS = "mon|tue|wed|thu|fri|sat|sun"
Days = Annotated[
    str, AfterValidator(_matching(rf"(?i:({DAYS})(-({DAYS}))?(, ?({DAYS})(-({DAYS}))?)*)", "days such as mon-fri"))
]
Duration = Annotated[float, BeforeValidator(read_duration), _QUANTITY]
Interval = Annotated[
    float, BeforeValidator(read_duration), AfterValidator(_between(0.1, 86400, "100ms to 1d")), _QUANTITY
]
Limit = Annotated[float, BeforeValidator(read_duration), AfterValidator(_between(0.05, 86400, "50ms to 1d")), _QUANTITY]
Patience = Annotated[Line, AfterValidator(_patience)]
EndOfWork = Annotated[ClockTime, AfterValidator(_later)]
Selector = Annotated[Script, AfterValidator(_selector)]
Series = Annotated[Script, AfterValidator(_series)]
Text = Annotated[str, BeforeValidator(_as_text), AfterValidator(_line)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Timezone = Annotated[Line, AfterValidator(_timezone)]
Url = Annotated[Line, AfterValidator(_refused(url_problem)), _SECRET]
PlainUrl = Annotated[Line, AfterValidator(_refused(url_problem))]
PgbouncerDsn = Annotated[Line, AfterValidator(_refused(pgbouncer_problem)), _SECRET]
Dsn = Annotated[Line, AfterValidator(_refused(dsn_problem)), _SECRET]
RedisUrl = Annotated[Line, AfterValidator(_refused(redis_problem)), _SECRET]
MatcherText = Annotated[Line, AfterValidator(_matcher)]
SecretText = Annotated[Line, _SECRET]
