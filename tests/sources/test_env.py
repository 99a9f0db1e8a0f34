"""Environment variables: there or not, long enough or not, and never told."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontui.domain.condition import parse_condition
from ontui.domain.sample import FaultKind, Reading, Sample
from ontui.domain.sli import Indicator, Sli
from ontui.domain.source import EnvSource
from ontui.domain.status import Status
from ontui.sources.env import EnvPoller
from ontui.sources.env_file import parse_env

SECRET = "correct-horse-battery-staple-and-more"


def sli(variable: str, min_length: int = 1) -> Sli:
    return Sli(
        variable, variable, "", "keys", "present", 60.0, 5.0, variable=variable, min_length=min_length,
        objective=parse_condition("== 1", "present"),
    )  # fmt: skip


async def once(*slis: Sli, environ: Mapping[str, str] | None = None, file: Path | None = None) -> Sample:
    source = EnvSource(
        id="keys", type="env", interval_s=60.0, timeout_s=5.0, file=str(file or ""),
        address=file.name if file else "environment",
    )  # fmt: skip
    return await EnvPoller(source, slis, time.time, environ or {}).poll()


def stands(of: Sli, reading: Reading) -> tuple[Status, str, str]:
    standing = Indicator(of, reading).standing([], reading.at)
    return standing.status, standing.text, standing.reason


@pytest.mark.parametrize(
    ("value", "min_length", "status", "text", "reason"),
    [
        (SECRET, 33, Status.OK, "present", ""),
        (SECRET, len(SECRET), Status.OK, "present", ""),
        (SECRET, len(SECRET) + 1, Status.WARNING, "too short", f"shorter than {len(SECRET) + 1} characters"),
        (None, 1, Status.WARNING, "missing", "not set"),
        ("", 1, Status.WARNING, "missing", "empty"),
        ("   ", 1, Status.WARNING, "missing", "empty"),
        ("  ab  ", 3, Status.WARNING, "too short", "shorter than 3 characters"),
        ("äöü", 3, Status.OK, "present", ""),
    ],
)
async def test_a_variable_is_there_and_long_enough_or_not(
    value: str | None, min_length: int, status: Status, text: str, reason: str
) -> None:
    wanted = sli("JWT_SECRET", min_length)
    sample = await once(wanted, environ={"OTHER": "x"} | ({} if value is None else {"JWT_SECRET": value}))
    told = stands(wanted, sample.readings["JWT_SECRET"])
    assert told[:2] == (status, text)
    assert told[2] == (f"objective present missed · {reason}" if reason else "")
    assert (sample.fault, sample.findings) == (None, ())


async def test_it_is_our_own_environment_unless_a_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from ontui.sources.opening import open_source

    monkeypatch.setenv("ONTUI_TEST_VARIABLE", "here")
    source = EnvSource(id="keys", type="env", interval_s=60.0, timeout_s=5.0)
    poller = open_source(source, [sli("ONTUI_TEST_VARIABLE"), sli("NOWHERE_TO_BE_SEEN")], time.time)
    told = {id_: r.value for id_, r in (await poller.poll()).readings.items()}
    await poller.close()
    assert told == {"ONTUI_TEST_VARIABLE": 1, "NOWHERE_TO_BE_SEEN": 0}


DOTENV = """\
# COMMENTED=out
PLAIN=word
export EXPORTED = spaced   # a remark
SINGLE='one # two ${THREE}'
DOUBLE="say \\"hi\\"\\n"   # a remark
TICKS=`a'b"c`
EMPTY=
BLANK="   "
REMARK= # nothing
HASH=a#b
EQUALS=a=b==
KEY="-----BEGIN
middle
-----END"
TWICE=first
REFERS=prefix-${OTHER}
  INDENTED=yes
not a line
ALONE
TWICE='second'
"""


def test_a_dotenv_file_is_read_as_its_libraries_do() -> None:
    found = parse_env(DOTENV)
    assert {name: str(value) for name, value in found.values.items()} == {
        "PLAIN": "word", "EXPORTED": "spaced", "SINGLE": "one # two ${THREE}", "DOUBLE": 'say "hi"\n',
        "TICKS": "a'b\"c", "EMPTY": "", "BLANK": "   ", "REMARK": "", "HASH": "a#b", "EQUALS": "a=b==",
        "KEY": "-----BEGIN\nmiddle\n-----END", "TWICE": "second", "REFERS": "prefix-${OTHER}", "INDENTED": "yes",
    }  # fmt: skip
    assert found.references == {"REFERS"}
    assert found.unclosed == ()
    assert parse_env(DOTENV.replace("\n", "\r\n")).values == found.values


def test_a_quote_that_does_not_end_takes_nothing_else_along() -> None:
    found = parse_env('A="x\nB="y"\nC=\'z\nD=d\n')
    assert {name: str(value) for name, value in found.values.items()} == {"A": '"x', "B": "y", "C": "'z", "D": "d"}
    assert found.unclosed == (1, 3)


async def test_a_file_is_read_again_each_time_and_says_who_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "app.env"
    file.write_text(f"\ufeffJWT_SECRET={SECRET}\nREF=${{X}}-and-more\nOPEN='x\n")
    file.chmod(0o600)
    slis = sli("JWT_SECRET", 33), sli("REF"), sli("PATH")
    sample = await once(*slis, environ=os.environ, file=file)
    assert {id_: (r.value, r.caveat) for id_, r in sample.readings.items()} == {
        "JWT_SECRET": (1, ""), "REF": (1, ""), "PATH": (0, "not set")
    }  # fmt: skip
    assert sample.readings["REF"].note == "its value refers to something else, which is not followed"
    assert sample.findings == ("app.env, line 3: a quote is not closed",)
    file.write_text("JWT_SECRET=short\n")
    file.chmod(0o644)
    sample = await once(*slis, file=file)
    assert sample.readings["JWT_SECRET"].caveat == "shorter than 33 characters"
    assert sample.findings == ("app.env can be read by everybody (mode 644): chmod o-r",)


async def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    async def fault(path: Path) -> tuple[FaultKind, str]:
        sample = await once(sli("A"), file=path)
        assert sample.fault is not None
        assert sample.readings == {}
        return sample.fault.kind, sample.fault.text

    assert await fault(tmp_path / "none.env") == (FaultKind.CONFIG, "cannot read none.env: there is no such file")
    assert (await fault(tmp_path))[1].endswith("it is a folder")
    os.mkfifo(tmp_path / "pipe.env")
    assert await fault(tmp_path / "pipe.env") == (FaultKind.CONFIG, "cannot read pipe.env: it is no regular file")
    (tmp_path / "big.env").write_bytes(b"A=1\n" * 300_000)
    assert await fault(tmp_path / "big.env") == (FaultKind.CONFIG, "cannot read big.env: it is larger than 1 MiB")
    assert await fault(tmp_path / "a\0b.env") == (FaultKind.CONFIG, "cannot read a\ufffdb.env: its name is not valid")


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="AB=\"'`\\# \n\r\t$x{}export", max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = parse_env(text)
    assert SECRET not in repr(found)
    assert all(line <= text.count("\n") + 1 for line in found.unclosed)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.text(alphabet="abc \"'#$\\n", max_size=8)), max_size=6))
def test_what_was_written_in_double_quotes_is_read(pairs: list[tuple[str, str]]) -> None:
    escaped = [(name, value.replace("\\", "\\\\").replace('"', '\\"')) for name, value in pairs]
    found = parse_env("".join(f'{name}="{value}"\n' for name, value in escaped))
    assert found.values == dict(pairs)
