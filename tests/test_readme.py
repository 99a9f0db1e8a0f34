"""The README says what is: keys, commands and words. `python -m tests.test_readme` writes its key table."""

import re
from pathlib import Path

from ontui.cli import cli
from ontui.config.metrics import METRICS
from ontui.ui.keys import markdown
from tests.config.write import read

README = Path(__file__).parents[1] / "README.md"
_TABLE = re.compile(r"(<!-- keys: .*? -->\n).*?(<!-- end of keys -->)", re.S)


def with_keys(text: str) -> str:
    """The text with the program's key table between its marks."""
    return _TABLE.sub(lambda m: f"{m[1]}\n{markdown().strip()}\n\n{m[2]}", text)


def test_the_key_table_is_the_programs() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_keys(text) == text, "run: python -m tests.test_readme"


def test_every_command_and_no_other_is_listed() -> None:
    listed = set(re.findall(r"^\| `ontui (\w+)", README.read_text(encoding="utf-8"), re.M))
    assert listed == set(cli.list_commands(None))  # type: ignore[arg-type]


def test_every_metric_word_is_listed() -> None:
    text = README.read_text(encoding="utf-8")
    for source, words in METRICS.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{source}` |"))
        assert {w for w in words if f"`{w}`" not in row} == set(), source


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert pictures
    assert [p for p in pictures if not (README.parent / p).is_file()] == []


def test_the_smallest_config_works_as_it_is_written(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    smallest = next(block for block in blocks if block.startswith("version: 1"))
    actions = next(block for block in blocks if block.startswith("actions:"))
    read(tmp_path, smallest)
    database = "  database: {type: postgres, dsn: postgresql://localhost/app}\n"
    text = smallest.replace("slis:\n", database + "slis:\n  cache_hit: {source: database, metric: cache_hit_ratio}\n")
    assert set(read(tmp_path, text + actions).system.actions) == {"restart-redis", "end-idle-sessions"}


if __name__ == "__main__":
    README.write_text(with_keys(README.read_text(encoding="utf-8")), encoding="utf-8")
