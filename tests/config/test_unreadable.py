"""Files that cannot be read are refused in plain words and at once."""

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ontui.config import ConfigError, find_config
from ontui.config.load import load
from tests.config.write import HEAD, findings, written


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 8)


def _latin(path: Path) -> None:
    path.write_bytes(b"version: 1\nsystem: {id: x, name: M\xfcnchen}\n")


def _wide(path: Path) -> None:
    path.write_bytes("version: 1\n".encode("utf-16"))


def _huge(path: Path) -> None:
    path.write_bytes(b"#" * (1024 * 1024 + 1))


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda _: None, "there is no such file"),
        (_folder, "it is a folder"),
        (_pipe, "it is no regular file"),
        (_binary, "binary file"),
        (_latin, "line 2 is not UTF-8"),
        (_wide, "not UTF-8"),
        (_huge, "larger than 1 MiB"),
        (_loop, "symbolic links"),
    ],
)
def test_what_is_no_config_at_all_is_unreadable(tmp_path: Path, make: Callable[[Path], None], words: str) -> None:
    path = tmp_path / "ontui.yaml"
    make(path)
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert caught.value.unreadable
    assert [f.line for f in caught.value.findings] == [0]
    assert str(caught.value).startswith(f"{path}: cannot read the config: ")
    assert words in str(caught.value)


def test_a_refused_file_is_not_kept_open(tmp_path: Path) -> None:
    def descriptors() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    before = descriptors()
    for _ in range(3):
        with pytest.raises(ConfigError):
            load(tmp_path, {})
    assert descriptors() == before


def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD)
    path.chmod(0)
    if os.access(path, os.R_OK):  # root reads everything: then it must be read
        assert load(path, {}).system.id == "x"
        return
    with pytest.raises(ConfigError, match="no permission to read it") as caught:
        load(path, {})
    assert caught.value.unreadable


def test_what_can_be_read_but_is_wrong_is_not_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, "version: ["), {})
    assert not caught.value.unreadable


def test_aliases_cannot_blow_up_the_config(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 3000))
    for text in (bomb, chain):
        started = time.monotonic()
        assert "aliases that make the config too large" in str(findings(tmp_path, text)[0])
        assert time.monotonic() - started < 20


def test_a_config_is_looked_for_in_its_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "home" / "ontui" / "ontui.yaml"
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}
    with pytest.raises(ConfigError, match=r"no config: looked for ontui\.yaml and .*home/ontui/ontui.yaml") as caught:
        find_config(None, environ)
    assert caught.value.unreadable
    own.parent.mkdir(parents=True)
    own.touch()
    assert find_config(None, environ) == own
    Path("ontui.yaml").touch()
    assert find_config(None, environ) == Path("ontui.yaml")
    assert find_config(None, environ | {"ONTUI_CONFIG": "gone.yaml"}) == Path("gone.yaml")
    assert find_config(Path("a.yaml"), environ | {"ONTUI_CONFIG": "gone.yaml"}) == Path("a.yaml")


@pytest.mark.parametrize(
    ("mode", "place", "words"),
    [
        (0o664, "ontui.yaml", "can be written by its group: chmod go-w"),
        (0o602, "ontui.yaml", "can be written by everybody"),
        (0o770, ".", "can be written by its group"),
        (0o777, "pages", "can be written by everybody"),
        (0o1777, "pages", "can be written by everybody"),
    ],
)
def test_a_config_others_can_write_is_read_but_not_trusted(tmp_path: Path, mode: int, place: str, words: str) -> None:
    (tmp_path / "pages").mkdir(mode=0o755)
    path = written(tmp_path, HEAD + "runbooks: {path: pages}\n")
    assert load(path, {}).trusted
    (tmp_path / place).chmod(mode)
    config = load(path, {})
    assert not config.trusted
    assert words in config.distrust
    assert str((tmp_path / place).resolve()) in config.distrust


def test_a_sticky_folder_such_as_tmp_is_fine_and_links_are_followed(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD)
    tmp_path.chmod(0o777 | stat.S_ISVTX)
    assert load(path, {}).trusted
    tmp_path.chmod(0o700)
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    link = tmp_path / "link.yaml"
    real = shared / "real.yaml"
    real.write_text(HEAD)
    real.chmod(0o600)
    link.symlink_to(real)
    assert str(shared) in load(link, {}).distrust


def test_a_config_others_can_write_runs_no_command_for_a_secret(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    path = written(tmp_path, HEAD + f"  x: {{type: http, url: {{command: [touch, '{touched}']}}}}\n")
    path.chmod(0o666)
    with pytest.raises(ConfigError, match=r"this command is not run.*chmod go-w"):
        load(path, {})
    assert not touched.exists()
