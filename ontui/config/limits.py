"""What an SLI is compared with: conditions, baselines and other numbers in its unit."""

import math
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, WithJsonSchema

from ontui.config.fields import FROM, Line, read_duration, read_script
from ontui.config.known import known_to, wrong
from ontui.domain.condition import Kind, parse_condition
from ontui.domain.quantity import QuantityError, parse_quantity
from ontui.domain.sli import Past

_SIGN = re.compile(r"[<>=!≤≥]+ *")


def _condition(value: str, info: ValidationInfo) -> str:
    unit: str = known_to(info).unit
    try:
        condition = parse_condition(value, unit)
    except QuantityError as error:
        message = str(error).partition(", found")[0].partition("; found")[0]
        if message.startswith("expected "):
            raise wrong(message.removeprefix("expected "), error.hint) from None
        raise wrong(f"a limit in {unit}", message) from None
    except (ValueError, OverflowError):
        raise wrong("a number before the %") from None
    if not math.isfinite(condition.limit):
        raise wrong("a finite number")
    if condition.kind is Kind.COMPARISON and (sign := _SIGN.match(condition.text)):
        _refuse_percent(condition.limit, condition.text, unit, sign[0])
    return condition.text


def _refuse_percent(number: float, text: object, unit: str, symbol: str = "") -> None:
    """A share above 1 is hardly meant, unless it says `%`: no ratio ever reaches 90."""
    if unit != "ratio" or number <= 1 or str(text).rstrip().endswith("%"):
        return
    share, quote = (number if number <= 100 else 90.0), "'" if symbol else ""
    either = f"{quote}{symbol}{share:.12g}%{quote} or {quote}{symbol}{share / 100:.12g}{quote}"
    raise wrong(either, f"write {number * 100:.12g}% if that is meant")


def _good_side(value: str, info: ValidationInfo) -> str:
    """A condition that ends what `when` began, and can never hold together with it."""
    when, unit = info.data.get("when"), known_to(info).unit
    if when is None:
        return value
    begins, ends = parse_condition(when, unit), parse_condition(value, unit)
    apart = begins.excludes(ends)
    if apart is None and begins.kind in (Kind.ABSENT, Kind.OLDER):
        raise wrong(f"no 'clear' beside when: {begins.text}", "it is over as soon as that does not hold")
    if apart is None:
        raise wrong(f"a condition of the same kind as when: {begins.text}")
    if not apart:
        raise wrong(f"a condition on the good side of when: {begins.text}", "no value may begin and end an alert")
    return value


def _plain_number(value: object, info: ValidationInfo) -> float | None:
    if value is None:
        return None
    unit = known_to(info).unit
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong(f"a number in {unit}")
    return _number(value, unit)


def _number(value: str | int | float, unit: str, instead: str = "") -> float:
    """A finite number in the unit; `instead`: what else might stand there."""
    hint = ""
    try:
        number = parse_quantity(value, unit)
    except QuantityError as error:
        number, hint = math.nan, error.hint
    except OverflowError:
        number = math.nan
    if not math.isfinite(number):
        raise wrong(f"a number in {unit}{instead}", hint)
    _refuse_percent(number, value, unit)
    return number


def _past(ago: object, times: object) -> Past:
    ago_s = read_duration(ago)
    if not 60 <= ago_s <= 400 * 86_400:
        raise wrong("'ago' from 1m to 400d, such as {ago: 7d}")
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= 10:
        raise wrong("'times' from 1 to 10: the median of the value so long ago, twice as long ago, …")
    return Past(ago_s, times)


def _usual(value: object, info: ValidationInfo) -> float | str | Past | None:
    match value:
        case {"query": str(query), **rest} if not rest:
            return read_script(query)
        case {"ago": str() | int() | float() as ago, **rest} if not rest.keys() - {"times"}:
            return _past(ago, rest.get("times", 1))
        case bool() | list() | dict():
            raise wrong("a number, {query: …}, or {ago: 7d}")
        case str() | int() | float():
            return _number(value, known_to(info).unit, ", {query: …}, or {ago: 7d}")
    return None


ConditionText = Annotated[Line, AfterValidator(_condition)]
ClearText = Annotated[ConditionText, AfterValidator(_good_side)]
_AGO = {"ago": {"type": ["string", "number"]}, "times": {"type": "integer", "minimum": 1, "maximum": 10}}
Baseline = Annotated[
    float | str | Past | None,
    BeforeValidator(_usual),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["number", "string"]},
                FROM | {"properties": {"query": {"type": "string"}}, "required": ["query"]},
                FROM | {"properties": _AGO, "required": ["ago"]},
            ]
        }
    ),
]
Number = Annotated[
    float | None, BeforeValidator(_plain_number), WithJsonSchema({"anyOf": [{"type": ["number", "string"]}]})
]
