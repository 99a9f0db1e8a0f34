"""The table of the faults names a test for every row, and the tests exist."""

import re
from pathlib import Path

HERE = Path(__file__).parent
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.M)
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def test_every_fault_has_its_row_and_every_test_named_exists() -> None:
    rows = {int(number): last for number, _, _, last in ROW.findall((HERE / "README.md").read_text())}
    assert list(rows) == list(range(1, 41))
    assert [number for number, last in rows.items() if not TEST.search(last)] == []
    missing = [
        f"{number}: {file}::{name}"
        for number, last in rows.items()
        for file, name in TEST.findall(last)
        if not _defines(HERE / file if "/" not in file else HERE.parent / file, name)
    ]
    assert missing == []


def _defines(file: Path, name: str) -> bool:
    return file.is_file() and re.search(rf"^(async )?def {name}\(", file.read_text(), re.M) is not None
