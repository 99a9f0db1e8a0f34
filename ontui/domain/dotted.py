"""A dotted path into JSON, as `checks.0.latency`: what most need, and nothing that could take long."""

import re

MISSING = object()
"""What `at_path` finds where there is nothing."""
_BEYOND = frozenset("[]()@|*&{}\"'`<>=!")
"""What a path that is no dotted one has in it: then it is JMESPath."""

_NUMBER = re.compile(r"[0-9]{1,18}")


def is_dotted(path: str) -> bool:
    """Whether it is names and numbers with dots between them; anything more is JMESPath."""
    return _BEYOND.isdisjoint(path)


def at_path(document: object, path: str) -> object:
    """What stands at a dotted path, MISSING where it leads nowhere."""
    found = document
    for part in path.split("."):
        if isinstance(found, dict):
            found = found.get(part, MISSING)
        elif isinstance(found, list) and _NUMBER.fullmatch(part) and int(part) < len(found):
            found = found[int(part)]
        else:
            return MISSING
    return found
