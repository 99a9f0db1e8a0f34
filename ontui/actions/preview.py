"""What a plan will hit: counted, summed up and given a fingerprint."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence

from ontui.domain.action import Targets
from ontui.domain.text import one_line

ROWS_SHOWN = 200
GROUPS_SHOWN = 4
TELLING = ("application_name", "usename", "client_addr", "datname", "state", "name")
"""Columns that tell people what a row is, best first."""
IDENTITY = (("pid", "backend_start"), ("pid", "query_start"))
"""Columns that together name one thing for good: a process id alone is given out again."""


def preview(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    mask: Callable[[str], str] = str,
    *,
    total: int | None = None,
) -> Targets:
    """The answer of a preview query as targets; the digest changes with the rows hit, not with their order.

    `total` counts all rows where only the first of them are given.
    """
    named = tuple(one_line(c, 60) for c in columns)
    texts = [tuple(mask(one_line("" if cell is None else cell)) for cell in row) for row in rows]
    count = len(texts) if total is None else total
    return Targets(
        count=count,
        summary=_summary(named, texts) + (f" · of the first {len(texts)}" if count > len(texts) else ""),
        columns=named,
        rows=tuple(texts[:ROWS_SHOWN]),
        digest=_digest(columns, rows, count),
    )


def _summary(columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    """`reports 9 · web 4 · cron 1`, by the column that tells the most."""
    column = _telling(columns, rows)
    if column is None:
        return ""
    counts = Counter(row[column] or "(none)" for row in rows).most_common()
    words = [f"{name} {count}" for name, count in counts[:GROUPS_SHOWN]]
    rest = sum(count for _, count in counts[GROUPS_SHOWN:])
    return " · ".join([*words, f"others {rest}"] if rest else words)


def _telling(columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> int | None:
    for name in TELLING:
        if name in columns and any(row[columns.index(name)] for row in rows):
            return columns.index(name)
    for n in range(len(columns)):
        kinds = {row[n] for row in rows}
        if any(k and not k[0].isdigit() for k in kinds) and len(kinds) <= max(1, len(rows) // 2):
            return n
    return None


def _digest(columns: Sequence[str], rows: Sequence[Sequence[object]], count: int) -> str:
    keys = next((key for key in IDENTITY if set(key) <= set(columns)), tuple(columns))
    places = [list(columns).index(key) for key in keys]
    lines = sorted(json.dumps([str(row[n]) for n in places]) for row in rows)
    return hashlib.sha256("\n".join([str(count), *keys, *lines]).encode()).hexdigest()[:16]
