"""The rows of an indicator that measures many things alike: name, value, and which of them is bad."""

from collections.abc import Iterator

from ontui.domain.sample import Row as SliRow
from ontui.domain.status import Status
from ontui.ui import fit
from ontui.ui import format as words
from ontui.ui.widgets.lines import Line, heading
from ontui.ui.widgets.sli_list import Item, verdict_at

WIDEST_NAME = 60
REASON = 14
"""The least cells kept for why a row has no value, where one has none."""
_GLYPHS = {"critical": words.GLYPHS[Status.CRITICAL], "warning": words.GLYPHS[Status.WARNING]}


def row_lines(item: Item, wanted: str, room: int) -> Iterator[Line]:
    """A heading that counts, then the rows that hold the words, worst first; nothing where there are no rows."""
    reading = item.indicator.reading
    if reading is None or not reading.rows:
        return
    shown = [row for row in reading.rows if all(word in row.name.lower() for word in wanted.lower().split())]
    count = f"{len(shown)} of {len(reading.rows)}" if wanted else f"{len(reading.rows)}, worst first"
    yield heading("Rows", room, count)
    if not shown:
        yield ((f" no row matches “{fit.cut(wanted, 40)}” · esc ends the filter", "quiet"),)
        return
    values = [item.sli.row_words(row, item.indicator.baseline) for row in shown]
    value = min(max(fit.width(text) for text in values), 16)
    reasons = REASON if any(row.reason for row in shown) else 0
    name = min(max(fit.width(row.name) for row in shown), WIDEST_NAME, room - value - reasons - 6)
    for row, text in zip(shown, values, strict=True):
        yield _line(item, row, text, (name, value, room))


def _line(item: Item, row: SliRow, text: str, wide: tuple[int, int, int]) -> Line:
    name, value, room = wide
    fresh = item.standing.fresh
    verdict = verdict_at(item, row.value) if fresh else ""
    style = verdict if verdict in _GLYPHS else "value" if fresh and row.value is not None else "stale"
    return (
        (f" {_GLYPHS.get(verdict, ' ')} ", style),
        (fit.left(fit.cut_middle(row.name, name), name) + "  ", "plain" if fresh else "stale"),
        (fit.right(fit.number(text, value), value), style),
        (f"  {fit.cut(row.reason, room - name - value - 8)}" if row.reason else "", "quiet"),
    )
