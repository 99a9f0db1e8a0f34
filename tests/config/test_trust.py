"""Who else could write what is run. As root, a file is given to somebody; else we become somebody else."""

import os
from pathlib import Path

import pytest

from ontui.config.load import load
from ontui.config.trust import why_replaceable
from ontui.domain.source import CommandSource

CONFIG = """version: 1
system: {id: shop, environment: staging, production: false}
runbooks: {path: ./pages}
sources: {web: {type: http, url: "http://127.0.0.1:9/"}}
"""
NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A config, its pages and a program that only we can write."""
    tmp_path.chmod(0o700)
    (tmp_path / "ontui.yaml").write_text(CONFIG)
    (tmp_path / "ontui.yaml").chmod(0o600)
    for name in ("pages", "bin"):
        (tmp_path / name).mkdir(mode=0o700)
    (tmp_path / "bin" / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "tool").chmod(0o700)
    return tmp_path


def make_foreign(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        os.chown(path, NOBODY, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: NOBODY)


@pytest.mark.parametrize("place", ["ontui.yaml", "pages", "."])
def test_what_belongs_to_somebody_else_is_not_trusted(
    folder: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load(folder / "ontui.yaml", {}).trusted
    make_foreign(folder / place, monkeypatch)
    distrust = load(folder / "ontui.yaml", {}).distrust
    assert " belongs to " in distrust
    assert "neither to you nor to root: chown" in distrust


@pytest.mark.parametrize("place", ["bin/tool", "bin", "."])
def test_a_program_others_could_replace(folder: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = folder / "bin" / "tool"
    assert why_replaceable(tool) == ""
    for bits, who in ((0o020, "its group"), (0o002, "everybody")):
        (folder / place).chmod(0o700 | bits)
        at = (folder / place).resolve()
        assert why_replaceable(tool) == f"{at} can be written by {who}: chmod go-w '{at}'"
        (folder / place).chmod(0o700)
    make_foreign(folder / place, monkeypatch)
    assert "neither to you nor to root" in why_replaceable(tool)


def test_a_sticky_folder_is_safe_a_sticky_file_is_not(folder: Path) -> None:
    (folder / "bin").chmod(0o1777)
    assert why_replaceable(folder / "bin" / "tool") == ""
    (folder / "bin" / "tool").chmod(0o1777)
    assert "can be written" in why_replaceable(folder / "bin" / "tool")


def test_a_link_is_followed_and_its_own_folders_count(folder: Path) -> None:
    (folder / "open").mkdir()
    (folder / "open" / "link").symlink_to("../bin")
    (folder / "start").symlink_to("open/link/tool")
    (folder / "loop").symlink_to("loop")
    assert why_replaceable(folder / "start") == ""
    (folder / "open").chmod(0o777)
    assert str(folder / "open") in why_replaceable(folder / "start")
    (folder / "open").chmod(0o700)
    (folder / "bin").chmod(0o777)
    assert "bin can be written by everybody" in why_replaceable(folder / "start")
    assert why_replaceable(folder / "loop") == ""


def distrust_of(folder: Path, program: str) -> str:
    text = CONFIG.replace("sources: {", f"sources: {{look: {{type: command, run: [{program}]}}, ")
    (folder / "ontui.yaml").write_text(text)
    config = load(folder / "ontui.yaml", {})
    source = config.sources["look"]
    assert config.system.sources["look"] == source
    assert isinstance(source, CommandSource)
    return source.distrust


@pytest.mark.parametrize("place", ["ontui.yaml", "pages"])
def test_a_source_runs_no_program_where_others_write_the_config_or_its_pages(folder: Path, place: str) -> None:
    assert distrust_of(folder, "df") == ""
    (folder / place).chmod(0o770)
    assert distrust_of(folder, "df") == f"{folder / place} can be written by its group: chmod go-w '{folder / place}'"


def test_a_source_runs_no_program_that_others_could_replace(folder: Path) -> None:
    assert distrust_of(folder, "./bin/tool") == ""
    (folder / "bin").chmod(0o777)
    assert "bin can be written by everybody" in distrust_of(folder, "./bin/tool")
    assert "bin can be written by everybody" in distrust_of(folder, str(folder / "bin" / "tool"))
    assert distrust_of(folder, "tool") == ""


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_source_runs_no_program_that_others_could_write_but_its_arguments_are_its_own(
    folder: Path, mode: int
) -> None:
    (folder / "bin" / "tool").chmod(mode)
    assert "tool can be written by" in distrust_of(folder, "./bin/tool")
    assert distrust_of(folder, "sh, ./bin/tool") == ""


def test_a_program_nobody_can_look_for_is_no_bug(folder: Path) -> None:
    assert distrust_of(folder, "/proc/1/root/../" + "x" * 300) == ""
