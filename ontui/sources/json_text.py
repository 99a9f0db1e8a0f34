"""Foreign text → JSON, or why it is none; a number that is too large to read does not spoil what stands beside it."""

import json
import math
from collections import Counter

from ontui.domain.text import one_line

TOO_LARGE = 10**400
"""Stands for every number that is larger than any we can count with."""
LONGEST = 4000
"""Digits that Python reads (it gives up at 4300)."""


class NotJson(Exception):
    """The message says what it is instead."""


class _Twice(Exception):
    """A key stands twice in one object: which of the two is meant nobody can tell."""


def read_json(text: str | bytes) -> object:
    """The document in it, with or without a byte order mark; raises NotJson."""
    bare = text.removeprefix("\ufeff") if isinstance(text, str) else text
    try:
        return _read(bare)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise NotJson("not JSON alone: more follows behind it") from None
        head = error.doc.lstrip("\ufeff \t\r\n")[:1]
        raise NotJson("HTML, not JSON" if head == "<" else "not JSON" if head else "empty, not JSON") from None
    except _Twice as twice:
        raise NotJson(f"JSON with {one_line(str(twice), 40)!r} twice in one object") from None
    except RecursionError:
        raise NotJson("JSON nested too deep to read") from None
    except ValueError:   # bytes that are no text
        raise NotJson("not JSON") from None


def too_large(found: object) -> bool:
    """Whether it is a number beyond those we can count with."""
    try:
        return isinstance(found, int) and not math.isfinite(float(found))
    except OverflowError:
        return True


def _read(text: str | bytes) -> object:
    try:
        return json.loads(text, parse_float=_real, object_pairs_hook=_object)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError:   # too many digits: looking at each whole number ourselves takes twice as long
        return json.loads(text, parse_int=_whole, parse_float=_real, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    whole = dict(pairs)
    if len(whole) < len(pairs):
        raise _Twice(Counter(name for name, _ in pairs).most_common(1)[0][0])
    return whole


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= LONGEST else (-TOO_LARGE if digits.startswith("-") else TOO_LARGE)


def _real(digits: str) -> float | int:
    number = float(digits)
    return number if math.isfinite(number) else TOO_LARGE if number > 0 else -TOO_LARGE
