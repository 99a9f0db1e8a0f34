"""The keys of `notify`: how and when alerts are told aloud; the strings under the fields are their descriptions."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from ontui.config.entry import Entry
from ontui.config.fields import Argument, ClockTime, Limit
from ontui.config.finding import listed, suggestion
from ontui.config.known import wrong
from ontui.domain.notice import PLACEHOLDERS

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NAMES = [f"{{{name}}}" for name in PLACEHOLDERS]


def _argument(value: str) -> str:
    match = _PLACEHOLDER.search(value)
    if match is None:
        return value
    if match[1] not in PLACEHOLDERS:
        raise wrong(listed(_NAMES), suggestion(match[0], _NAMES))
    if match[0] != value:
        raise wrong(f"{match[0]} as an argument of its own", "nothing is put together: {text} is a whole sentence")
    return value


def _program(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value[0].strip() or value[0] in _NAMES:
        raise wrong("a program first, then its arguments")
    return value


class QuietEntry(Entry):
    """Hours in which nothing is told aloud; it still stands on the board."""

    begins: ClockTime = Field(alias="from")
    """When they begin, in the system's time zone, such as "22:00"."""
    ends: ClockTime = Field(alias="to")
    """When they end, on the next day where it is earlier."""

    @field_validator("ends")
    @classmethod
    def _is_not_always(cls, ends: str, info: ValidationInfo) -> str:
        if ends.zfill(5) == str(info.data.get("begins", "")).zfill(5):
            raise wrong("another time than 'from'", "nothing would ever be told")
        return ends


class NotifyEntry(Entry):
    """How and when alerts are told aloud: each once, many in one second as one."""

    bell: bool = True
    """Whether the terminal's bell rings when an alert begins to fire."""
    desktop: Literal["off", "osc9", "osc777"] = "off"
    """The escape sequence that your terminal makes a notification of the desktop from."""
    command: Annotated[
        tuple[Annotated[Argument, AfterValidator(_argument)], ...], Field(min_length=1), AfterValidator(_program)
    ] | None = None
    """A program and its arguments, of which {name} {severity} {state} {system} {value} and {text} are filled in."""
    timeout: Limit = 10.0
    """How long the command may take."""
    level: Literal["critical", "warning"] = Field("critical", alias="from")
    """The mildest level that is told."""
    quiet: QuietEntry | None = None
    """Hours in which nothing is told aloud."""
