"""What a value may refer to, and how a refusal is said."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError


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


def known_to(info: ValidationInfo) -> Known:
    """What the value at hand may refer to."""
    assert isinstance(info.context, Known)  # noqa: S101 - the reader always passes it
    return info.context
