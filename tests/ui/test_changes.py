"""Only the cells that changed are sent, and all of them."""

import pytest

from ontui.ui.widgets.changes import changed

OLD = (("latency ", "plain"), ("143 ms", "value"), ("  ≤ 300 ms      ", "quiet"), ("⠤⠤⠤", "spark"))

Text = tuple[tuple[str, str], ...]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (OLD, OLD, []),
        (OLD, (*OLD[:1], ("147 ms", "value"), *OLD[2:]), [(10, 11)]),
        (OLD, (*OLD[:1], ("143 ms", "critical"), *OLD[2:]), [(8, 11), (12, 14)]),
        (OLD, (*OLD[:1], ("147 ms", "value"), OLD[2], ("⠤⠤⠒", "spark")), [(10, 11), (32, 33)]),
        (OLD, (*OLD[:3], ("⠤⠤", "spark")), [(32, 33)]),
        (OLD[:3], OLD, [(30, 33)]),
        ((("a b", "plain"),), (("a b", "quiet"),), [(0, 3)]),
        ((("  ", "plain"),), (("  ", "quiet"),), []),
        ((("  ", "plain"),), (("  ", "found"),), [(0, 2)]),
        ((("x你y", "plain"),), (("x好y", "plain"),), [(1, 3)]),
        ((("x你y", "plain"),), (("xaby", "plain"),), [(1, 3)]),
        ((("xa你", "plain"),), (("xa二", "plain"),), [(2, 4)]),
        ((("e", "plain"),), (("e\u0301", "plain"),), [(0, 1)]),
    ],
)
def test_changed(old: Text, new: Text, where: list[tuple[int, int]]) -> None:
    # Fewer than ten equal cells between two changes are not worth a jump.
    merged: list[tuple[int, int]] = []
    for start, end in where:
        if merged and start - merged[-1][1] < 10:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    assert list(changed(old, new)) == merged
