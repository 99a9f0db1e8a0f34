"""Right after a rotation the last minute is counted in the file that had the name before, too."""

import gzip
import os
import time
from pathlib import Path

import pytest

from tests.sources.test_log import LINES, Watch, value, write

OLD_AGES, NEW_AGES = [300, 130, 100, 50, 40, 30, 20], [3, 2, 1]


def stamped(*ages: float) -> str:
    """Lines that say when they were written, and that know no midnight."""
    now = time.time()
    return "".join(f'{{"time": {(now - age) * 1000:.0f}, "msg": "GET /"}}\n' for age in ages)


def rotated(folder: Path, suffix: str, *, new: str | None = None) -> Path:
    """A log whose rotation was a few seconds ago."""
    path = folder / "app.log"
    path.write_text(stamped(*OLD_AGES))
    os.utime(path, (time.time() - 20,) * 2)
    path.rename(folder / f"app.log{suffix}")
    path.write_text(stamped(*NEW_AGES) if new is None else new)
    return path


async def first_look(path: Path) -> tuple[float | None, object, str]:
    watch = Watch(path, LINES)
    try:
        return value((await watch.readings())["lines"])
    finally:
        await watch.poller.close()


@pytest.mark.parametrize("suffix", [".1", "-20261121", ".2026-11-21", "-20261121-1530", ".0", ".old"])
async def test_the_minute_is_whole_right_after_a_rotation(tmp_path: Path, suffix: str) -> None:
    assert await first_look(rotated(tmp_path, suffix)) == (7, None, "")


async def test_nothing_was_written_to_the_new_file_yet(tmp_path: Path) -> None:
    assert await first_look(rotated(tmp_path, ".1", new="")) == (4, None, "")


async def test_a_copy_that_was_left_when_the_file_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(stamped(*OLD_AGES))
    (tmp_path / "app.log.1").write_bytes(path.read_bytes())
    with path.open("r+") as file:
        file.truncate(0)
    write(path, stamped(*NEW_AGES))
    assert await first_look(path) == (7, None, "")


@pytest.mark.parametrize("suffix", ["-errors", ".json", ".1.gz", "2", ".lock"])
async def test_other_files_are_not_taken_for_it(tmp_path: Path, suffix: str) -> None:
    path = rotated(tmp_path, suffix)
    if suffix.endswith("gz"):
        other = tmp_path / f"app.log{suffix}"
        other.write_bytes(gzip.compress(other.read_bytes()))
    count, _, said = await first_look(path)
    assert count == 3
    assert said.startswith("at least: the file begins ")


async def test_one_that_was_rotated_long_ago_or_is_no_file(tmp_path: Path) -> None:
    path = rotated(tmp_path, ".2")
    os.utime(tmp_path / "app.log.2", (time.time() - 100,) * 2)
    os.mkfifo(tmp_path / "app.log.1")
    (tmp_path / "app.log.3").symlink_to(tmp_path / "app.log.2")
    count, _, said = await first_look(path)
    assert count == 3
    assert said.startswith("at least: the file begins ")


async def test_the_newest_is_taken(tmp_path: Path) -> None:
    (tmp_path / "app.log.2").write_text(stamped(55))
    os.utime(tmp_path / "app.log.2", (time.time() - 55,) * 2)
    assert await first_look(rotated(tmp_path, ".1")) == (7, None, "")


async def test_who_has_not_noticed_writes_on(tmp_path: Path) -> None:
    path = rotated(tmp_path, ".1", new="")
    watch = Watch(path, LINES)
    try:
        assert (await watch.readings())["lines"].value == 4
        write(tmp_path / "app.log.1", stamped(0))
        write(path, stamped(0, 0))
        assert await watch.lines(60) == 3
    finally:
        await watch.poller.close()
