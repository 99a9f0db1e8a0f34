"""From what a person typed to values that are safe to hand to a program or a database."""

import re
from collections.abc import Mapping, Sequence

from ontui.domain.action import Input, Refused
from ontui.domain.text import one_line

Value = str | int | float | bool
LONGEST = 200
"""The most characters one value may have."""
SAFE_PATTERN = r"[A-Za-z0-9_.:/@+=,%-]+"
"""What a string may be made of where the config gives no pattern: no blanks, quotes or wildcards."""
ALWAYS = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "USER")
"""The environment variables every program sees."""

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:[eE][-+]?[0-9]{1,3})?")
_PLACEHOLDER = re.compile(r"(?<![{$@%\\])\{([A-Za-z_][A-Za-z0-9_-]*)\}(?!\})")
"""A name in single braces: `{{.Names}}`, `${x}`, `@{u}` and JSON are not ours."""
_SQL_PART = re.compile(r"%\(([^()]*)\)(.?)|%(.?)", re.S)


def check_inputs(inputs: Sequence[Input], given: Mapping[str, str]) -> dict[str, Value]:
    """One typed value for each input, in their order; Refused names the first that is unknown, missing or wrong."""
    known = {i.name for i in inputs}
    for name in given:
        if name not in known:
            has = ", ".join(sorted(known)) or "none"
            raise Refused(f"there is no input {one_line(name, 40)!r}; inputs: {has}")
    values: dict[str, Value] = {}
    for wanted in inputs:
        text = given.get(wanted.name, wanted.default)
        if text is None:
            raise Refused(f"input {wanted.name} is missing: give {wanted.name}={_expected(wanted)}")
        values[wanted.name] = _typed(wanted, text)
    return values


def as_text(value: Value) -> str:
    """A value as one argument of a program."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def fill_argv(argv: Sequence[str], values: Mapping[str, Value]) -> tuple[str, ...]:
    """The arguments with each `{input}` replaced once, inside its argument: never more and never fewer arguments."""

    def replaced(match: re.Match[str]) -> str:
        name = match[1]
        if name in values:
            return as_text(values[name])
        if values:
            raise Refused(f"{match[0]} names no input: declare it, or write {{ {name} }} if the braces are meant")
        return match[0]

    return tuple(_PLACEHOLDER.sub(replaced, part) for part in argv)


def bind(sql: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters a statement names as `%(input)s`; a text without any is sent as it is, percent signs and all."""
    parts = list(_SQL_PART.finditer(sql))
    names = [m[1] for m in parts if m[1] is not None]
    if not names:
        return {}
    for match in parts:
        if match[1] is None and match[3] != "%":
            raise Refused("the SQL has inputs, so a percent sign in it is written %%")
        if match[1] is not None and (match[1] not in values or match[2] != "s"):
            raise Refused(f"the SQL asks for {one_line(match[0], 40)}, but inputs are: {', '.join(values) or 'none'}")
    return {name: values[name] for name in dict.fromkeys(names)}


def child_environment(names: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables a program may see: the few every program needs, and those the action names."""
    return {name: environ[name] for name in (*ALWAYS, *names) if name in environ}


def _expected(wanted: Input) -> str:
    match wanted.type:
        case "choice":
            return "|".join(wanted.choices)
        case "boolean":
            return "true|false"
        case "integer" | "number":
            low = "" if wanted.min is None else f"{wanted.min:g}"
            high = "" if wanted.max is None else f"{wanted.max:g}"
            return f"<{wanted.type} {low}..{high}>" if low or high else f"<{wanted.type}>"
        case _:
            return f"<text matching {wanted.pattern}>" if wanted.pattern else "<text>"


def _typed(wanted: Input, text: str) -> Value:
    shown = one_line(text, 60)
    if len(text) > LONGEST:
        raise Refused(f"input {wanted.name} is longer than {LONGEST} characters")
    if not text.isprintable():
        raise Refused(f"input {wanted.name} has control, direction or invisible characters: {shown!r}")
    match wanted.type:
        case "choice":
            if text in wanted.choices:
                return text
        case "boolean":
            if text.lower() in ("true", "false"):
                return text.lower() == "true"
        case "integer":
            if _INTEGER.fullmatch(text) and _in_range(wanted, int(text)):
                return int(text)
        case "number":
            if _NUMBER.fullmatch(text) and abs(float(text)) != float("inf") and _in_range(wanted, float(text)):
                return float(text)
        case _:
            return _string(wanted, text)
    raise Refused(f"input {wanted.name} is {shown!r}, expected {_expected(wanted)}")


def _in_range(wanted: Input, value: float) -> bool:
    """Within the limits; below zero only where the config says so, since `-5` may be read as an option."""
    low = wanted.min if wanted.min is not None else 0.0
    return low <= value and (wanted.max is None or value <= wanted.max)


def _string(wanted: Input, text: str) -> str:
    shown = one_line(text, 60)
    if text.startswith("-"):
        raise Refused(f"input {wanted.name} is {shown!r}: a leading - could be read as an option")
    try:
        fits = re.fullmatch(wanted.pattern or SAFE_PATTERN, text)
    except re.error as error:
        raise Refused(f"the pattern of input {wanted.name} cannot be read: {error}") from error
    if not fits:
        raise Refused(f"input {wanted.name} is {shown!r}, expected a text matching {wanted.pattern or SAFE_PATTERN}")
    return text
