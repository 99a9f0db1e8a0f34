"""What two keys of an entry say together; works on raw entries, so that one mistake does not hide another."""

import re
from collections.abc import Collection, Iterator, Mapping

from ontui.config.condition_checks import check_conditions
from ontui.config.finding import Finding, article, listed, suggestion
from ontui.config.metrics import METRICS, WAYS
from ontui.config.resolve import Data
from ontui.config.statements import answers_nothing, second_statement, steers_transaction
from ontui.config.tree import Path
from ontui.config.unit_checks import check_unit
from ontui.config.words import Words
from ontui.domain.quantity import QuantityError, parse_duration

Raw = Mapping[str, Data]
BESIDE = {
    "freshness": ("query",),
    "over": ("series",),
    "rate": ("series",),
    "combine": ("series",),
    "min_length": ("variable",),
    "value": ("sql", "json"),
    "empty": ("query", "sql", "json", "regex", "series"),
    "rows": ("query", "sql", "json", "regex", "series", "metric"),
}
"""Keys that say more about one way of asking, and the ways they go with."""
ROW_METRICS = (
    "components", "clients_active", "clients_waiting", "longest_wait", "servers_active", "servers_idle",
    "pool_used_ratio",
)  # fmt: skip
"""The metrics that have rows."""
POOL_ROWS = ("database", "user", "pool")
"""What the rows of a PgBouncer's metrics may be."""
_IN_ARGV = re.compile(r"(?<![{$@%\\])\{([A-Za-z_][A-Za-z0-9_-]*)\}(?!\})")
_IN_SQL = re.compile(r"%(?:%|\(([^)]*)\)s|(.?))", re.S)


def check_sli(raw: Raw, path: Path, words: Words, kinds: Mapping[str, str]) -> Iterator[Finding]:
    """Exactly one way of asking, which the source understands, and a baseline where one is compared with."""
    ways = [k for k in WAYS if raw.get(k) is not None]
    kind = kinds.get(str(raw.get("source")), "")
    if len(ways) != 1:
        found = f"found {listed(ways).replace(' or ', ' and ')}" if ways else "found none of them"
        place = (*path, ways[1]) if ways else path
        understood = _understood(kind) if kind in METRICS else list(WAYS)
        one = understood[0] if len(understood) == 1 else f"exactly one of {listed(understood).replace(' or ', ' and ')}"
        yield words.at(place, found, one, key=bool(ways))
    for way in ways:
        if kind and kind not in WAYS[way]:
            hint = f"'{raw['source']}' is {article(kind)} source; it understands {listed(_understood(kind))}"
            wanted = f"{article(listed(WAYS[way]))} source for it"
            yield words.at((*path, way), f"found '{way}'", wanted, hint, key=True)
    for key, goes_with in BESIDE.items():
        if raw.get(key) is not None and ways and not set(ways).intersection(goes_with):
            with_ = " or ".join(f"'{way}'" for way in goes_with)
            yield words.at((*path, key), f"found '{key}' without {with_}", "both or none", key=True)
    for key in ("value", "empty"):
        if raw.get(key) is not None and raw.get("rows") is None:
            yield words.at((*path, key), f"found '{key}' without 'rows'", "both or none", key=True)
    if raw.get("rows") is not None and "metric" in ways and raw["metric"] not in ROW_METRICS:
        wanted = f"one of {listed(ROW_METRICS, 20)}"
        yield words.at((*path, "rows"), "found 'rows' beside a metric without rows", wanted, key=True)
    elif kind == "pgbouncer" and raw.get("rows") is not None and raw["rows"] not in POOL_ROWS:
        yield words.value((*path, "rows"), listed(POOL_ROWS))
    yield from check_unit(raw, path, words, kind)
    yield from _rowless(raw, path, words, kind)
    yield from check_conditions(raw, path, words, kind)
    yield from _alert_names(raw, path, words)


def _rowless(raw: Raw, path: Path, words: Words, kind: str) -> Iterator[Finding]:
    baseline = raw.get("baseline")
    usual = baseline.get("query") if isinstance(baseline, dict) and kind == "postgres" else None
    for place, sql in (((*path, "sql"), raw.get("sql")), ((*path, "baseline", "query"), usual)):
        if isinstance(sql, str) and answers_nothing(sql):
            found = "found a statement that answers with no rows"
            yield words.at(place, found, "one that answers with rows, such as select")


def _understood(kind: str) -> list[str]:
    return [way for way, kinds in WAYS.items() if kind in kinds]


def _alert_names(raw: Raw, path: Path, words: Words) -> Iterator[Finding]:
    alerts, seen = raw.get("alerts"), set()
    for n, alert in enumerate(alerts if isinstance(alerts, list) else []):
        name = alert.get("name") if isinstance(alert, dict) else None
        if isinstance(name, str) and name in seen:
            yield words.value((*path, "alerts", n, "name"), "a name no other alert of this SLI has")
        seen.add(name if isinstance(name, str) else None)


def check_source(raw: Raw, path: Path, words: Words, every_s: float) -> Iterator[Finding]:
    """A poll must end before the next begins."""
    own, timeout = _seconds(raw.get("every")), _seconds(raw.get("timeout"))
    if timeout is not None and timeout >= (own or every_s):
        hint = "" if own else f"'every' is {every_s:g} s"
        yield words.value((*path, "timeout"), "less than 'every'", hint)
    if raw.get("basic") is not None and raw.get("bearer") is not None:
        yield words.at((*path, "bearer"), "found basic and bearer", "one of them", key=True)


def _seconds(value: Data) -> float | None:
    try:
        return parse_duration(value) if isinstance(value, str | int | float) else None
    except (QuantityError, OverflowError):
        return None


def check_action(raw: Raw, path: Path, words: Words, kinds: Mapping[str, str]) -> Iterator[Finding]:
    """Exactly one means, and inputs that are declared and used."""
    means = [k for k in ("run", "shell", "sql") if raw.get(k) is not None]
    if len(means) != 1:
        found = f"found {listed(means).replace(' or ', ' and ')}" if means else "found none of them"
        place = (*path, means[1]) if means else path
        yield words.at(place, found, "exactly one of run, shell and sql", key=bool(means))
    source = raw.get("source")
    if "sql" in means:
        kind = kinds.get(str(source), "")
        if source is None:
            yield words.at(path, "'source' is missing", "", "sql runs on a postgres source")
        elif kind and kind != "postgres":
            yield words.value((*path, "source"), "a postgres source", f"'{source}' is a {kind} source")
    elif means:
        for key in ("source", "preview_sql"):
            if raw.get(key) is not None:
                yield words.at((*path, key), f"found '{key}' without 'sql'", "both or none", key=True)
    for key in ("sql", "preview_sql"):
        text = raw.get(key)
        if isinstance(text, str) and second_statement(text):
            yield words.at((*path, key), "found a second statement", "one", "write an action for each, or one DO block")
        elif isinstance(text, str) and steers_transaction(text):
            yield words.at((*path, key), "found a statement that steers the transaction", "one that does something")
    inputs = raw.get("inputs")
    declared = list(inputs) if isinstance(inputs, dict) else []
    yield from _placeholders(raw, path, words, declared)
    for name in declared:
        yield from _check_input(inputs[name], (*path, "inputs", name), words)  # type: ignore[index, call-overload]


def _declare(name: str) -> str:
    return f"add inputs: {{{name}: {{type: string}}}}"


def _placeholders(raw: Raw, path: Path, words: Words, declared: list[str]) -> Iterator[Finding]:
    used: set[str] = set()
    run = raw.get("run")
    for n, argument in enumerate(run if isinstance(run, list) else []):
        for match in _IN_ARGV.finditer(str(argument)):
            used.add(match[1])
            if match[1] not in declared:
                hint = suggestion(match[1], declared) or _declare(match[1])
                hint += f", or write {{ {match[1]} }} if the braces are meant"
                yield words.at((*path, "run", n), f"found {{{match[1]}}}", "a declared input", hint)
    for key in ("sql", "preview_sql"):
        sql = raw.get(key)
        found = list(_IN_SQL.finditer(sql)) if isinstance(sql, str) else []
        names = [m[1] for m in found if m[1] is not None]
        used.update(names)
        for name in dict.fromkeys(n for n in names if n not in declared):
            yield words.at((*path, key), f"found %({name})s", "a declared input",
                           suggestion(name, declared) or _declare(name))  # fmt: skip
        if names and any(m[1] is None and m[0] != "%%" for m in found):
            yield words.at((*path, key), "found a single % beside inputs", "%% for a percent sign")
    shell = raw.get("shell")
    for n, name in enumerate(declared, 1):
        if isinstance(shell, str) and re.search(rf"\$(?:{n}(?!\d)|\{{{n}\W|[@*])", shell):
            used.add(name)
        if name not in used and any(raw.get(k) is not None for k in ("run", "sql", "shell")):
            wanted = f"${n}" if shell is not None else (f"%({name})s" if raw.get("sql") is not None else f"{{{name}}}")
            yield words.at((*path, "inputs", name), "found an input that is not used", f"{wanted} somewhere", key=True)


def _check_input(raw: Data, path: Path, words: Words) -> Iterator[Finding]:
    if not isinstance(raw, dict):
        return
    kind, choices, default = raw.get("type"), raw.get("choices"), raw.get("default")
    low, high = raw.get("min"), raw.get("max")
    if (kind == "choice") != bool(choices):
        yield words.at(path, f"found type '{kind}' {'with' if choices else 'without'} choices",
                       "choices with type: choice, and only with it")  # fmt: skip
    if kind not in ("integer", "number"):
        for key in ("min", "max"):
            if raw.get(key) is not None:
                yield words.at((*path, key), f"found '{key}'", "type: integer or type: number with it", key=True)
    if kind != "string" and raw.get("pattern"):
        yield words.at((*path, "pattern"), "found 'pattern'", "type: string with it", key=True)
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        yield words.value((*path, "max"), f"{low} or more")
    if default is not None and (expected := _default_problem(raw, str(default), str(kind))):
        yield words.value((*path, "default"), expected)


def _default_problem(raw: Mapping[str, Data], default: str, kind: str) -> str:
    """What the default of an input should have been; empty when it is well."""
    match kind:
        case "choice":
            choices = raw.get("choices")
            among = [str(c) for c in choices] if isinstance(choices, list) else []
            return "" if default in among else listed(among)
        case "boolean":
            return "" if default.lower() in ("true", "false") else "true or false"
        case "string":
            return "" if _fits(str(raw.get("pattern") or ""), default) else "a text that matches the pattern"
    try:
        number = float(default) if kind == "number" else int(default)
    except ValueError:
        return {"integer": "a whole number", "number": "a number"}.get(kind, "")
    low, high = raw.get("min"), raw.get("max")
    if isinstance(low, int | float) and number < low:
        return f"{low} or more"
    if isinstance(high, int | float) and number > high:
        return f"{high} or less"
    return ""


def _fits(pattern: str, text: str) -> bool:
    try:
        return not pattern or re.fullmatch(pattern, text) is not None
    except (re.error, RecursionError, OverflowError):
        return True


def check_severities(raw: Data, words: Words) -> Iterator[Finding]:
    """A rung each."""
    seen: set[str] = set()
    for n, rung in enumerate(raw if isinstance(raw, list) else []):
        name = str(rung.get("name")) if isinstance(rung, dict) else ""
        if name and name in seen:
            yield words.value(("severities", n, "name"), "a name no other severity has")
        seen.add(name)


def check_keymap(raw: Data, words: Words, known: Collection[str] | None) -> Iterator[Finding]:
    """Known names, and a key of its own for each."""
    seen: dict[str, str] = {}
    for name, key in (raw if isinstance(raw, dict) else {}).items():
        if known is not None and name not in known:
            hint = suggestion(name, known)
            yield words.at(("keymap", name), f"unknown name '{name}'", "" if hint else f"one of {listed(known, 40)}",
                           hint, key=True)  # fmt: skip
        if isinstance(key, str) and key in seen:
            yield words.value(("keymap", name), "a key of its own", f"'{seen[key]}' has it already")
        seen.setdefault(str(key), name)
