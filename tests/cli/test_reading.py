"""A config read in a process of its own is the same config, and the same findings."""

import subprocess
import sys
from pathlib import Path

import pytest

from ontui.cli.reading import Reading
from ontui.config import ConfigError
from ontui.config.load import load
from ontui.ui.keys import BY_ID
from tests.config.write import HEAD, written

SECRET = HEAD.replace("postgresql://localhost/app", "postgresql://app:hunter22@localhost/app") + (
    "slis:\n  up: {source: h, metric: up}\n  own: {source: d, sql: select 1, objective: '<= 5'}\n"
    "actions:\n  look: {run: [ls, '{where}'], danger: read, inputs: {where: {type: string, pattern: '[a-z]+'}}}\n"
    "keymap: {acknowledge: m}\n"
)


def test_it_is_the_same_config(tmp_path: Path) -> None:
    path = written(tmp_path, SECRET)
    apart, here = Reading(path, {}).result(), load(path, {}, key_ids=BY_ID)
    assert apart.system == here.system
    assert (apart.sources, apart.keymap, apart.sha256, apart.trusted) == (
        here.sources, here.keymap, here.sha256, here.trusted,
    )  # fmt: skip
    assert apart.secrets.mask("hunter22") == here.secrets.mask("hunter22") != "hunter22"


@pytest.mark.parametrize(
    ("text", "unreadable"), [(HEAD + "slas: {}\nkeymap: {akn: m}\n", False), ("a: [\n", False), (None, True)]
)
def test_they_are_the_same_findings(tmp_path: Path, text: str | None, unreadable: bool) -> None:
    path = written(tmp_path, text) if text is not None else tmp_path / "missing.yaml"
    with pytest.raises(ConfigError) as here:
        load(path, {}, key_ids=BY_ID)
    with pytest.raises(ConfigError) as apart:
        Reading(path, {}).result()
    assert apart.value.findings == here.value.findings
    assert apart.value.unreadable == here.value.unreadable == unreadable


def test_the_environment_is_the_one_given(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD.replace("{id: x}", "{id: x, name: '${NAME}'}"))
    assert Reading(path, {"NAME": "Shop"}).result().system.name == load(path, {"NAME": "Shop"}).system.name


def test_a_reader_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    reading = Reading(written(tmp_path, SECRET), {})
    assert reading.process is not None
    reading.process.kill()
    assert reading.result().system.id == "x"


def test_what_lies_in_the_folder_is_no_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "yaml.py").write_text("open('ran', 'w').close(); raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    assert Reading(written(tmp_path, SECRET), {}).result().system.id == "x"
    assert not (tmp_path / "ran").exists()


def test_neither_yaml_nor_the_checker_is_loaded_here(tmp_path: Path) -> None:
    path = written(tmp_path, SECRET)
    code = (
        "import os, sys; from pathlib import Path; import ontui.ui.app; from ontui.cli.session import open_engine;"
        "from ontui.cli.reading import Reading;"
        "open_engine(Reading(Path(sys.argv[1]), os.environ).result(), record=False);"
        "print([m for m in ('yaml', 'pydantic', 'httpx', 'psycopg') if m in sys.modules])"
    )
    argv = [sys.executable, "-c", code, str(path)]
    run = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "[]"
