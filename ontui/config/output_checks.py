"""What is looked for in output and answers: whether the expression can find what the SLI needs."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ontui.config.finding import Finding, suggestion
from ontui.config.metrics import WAYS
from ontui.config.resolve import Data
from ontui.config.tree import Path
from ontui.config.words import Words
from ontui.domain.dotted import is_dotted
from ontui.domain.text import one_line


def check_output(raw: Mapping[str, Data], path: Path, words: Words, kind: str) -> Iterator[Finding]:
    """Groups where a number or rows are taken from them, and paths that lead somewhere."""
    regex, json_path = raw.get("regex"), raw.get("json")
    if kind in WAYS["json"] and isinstance(json_path, str) and (problem := _path_problem(json_path)):
        yield words.value((*path, "json"), "a dotted path, or JMESPath such as items[0].count", problem)
    if isinstance(regex, str) and (expected := _groups_missing(regex, rows=raw.get("rows") is not None)):
        yield words.value((*path, "regex"), expected)


def _groups_missing(regex: str, *, rows: bool) -> str:
    """What the pattern should have held; empty when it is well, or no pattern at all, which is said elsewhere."""
    try:
        found = re.compile(regex)
    except (re.error, RecursionError, OverflowError):
        return ""
    if rows and not {"name", "value"} <= set(found.groupindex):
        return "a group (?P<name>…) and a group (?P<value>…) for the rows"
    return "" if found.groups else "a group round the number, such as in_use=(\\d+)"


def _path_problem(expression: str) -> str:
    if is_dotted(expression):
        return "" if all(map(str.strip, expression.split("."))) else "there is a dot without a name beside it"
    import jmespath  # only for those who have such an SLI
    import jmespath.exceptions

    try:
        return _function_unknown(jmespath.compile(expression).parsed)
    except (jmespath.exceptions.JMESPathError, RecursionError, ValueError) as error:
        return one_line(str(error).partition("\n")[0], 120) or "it is no JMESPath"


def _function_unknown(parsed: Mapping[str, Any]) -> str:
    """What is wrong with the first function nobody has; compiling does not look."""
    from jmespath.functions import Functions

    nodes, known = [parsed], Functions.FUNCTION_TABLE
    for node in nodes:
        name = str(node.get("value"))
        if node.get("type") == "function_expression" and name not in known:
            meant = suggestion(name, known)
            return f"there is no function {one_line(name, 40)}()" + (f", {meant}" if meant else "")
        nodes += [child for child in node.get("children", ()) if isinstance(child, dict)]
    return ""
