"""Whatever the bytes are, there is a config or a ConfigError; and no secret in it."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ontui.config import ConfigError
from ontui.config.load import load
from tests.config.write import HEAD

SECRET = "zQ7-secret-9"
ENVIRON = {
    "SECRET": SECRET, "DATABASE_URL": f"postgresql://u:{SECRET}@h/d", "PROMETHEUS_TOKEN": SECRET,
    "OLD_METRICS_PASSWORD": SECRET,
}  # fmt: skip
EXAMPLE = (Path(__file__).parents[2] / "config.example.yaml").read_text()
WORDS = st.sampled_from(
    ["${SECRET}", "[", "]", "{", "}", ": ", "- ", "\n  ", "&a ", "*a", "<<: ", "!!str ", "'", '"', "| ", "> ",
     "null", "yes", "0x1F", ".inf", "1e999", "\t", "#", "%", "@", "{file: x}", "{command: [sh]}", "\x85", "é", "..."],
)  # fmt: skip
QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def _outcome(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    path.chmod(0o600)  # trusted, so that commands would run if the fuzz found one: there is no PATH to find it on
    try:
        load(path, ENVIRON, key_ids=["runbook"])
    except ConfigError as error:
        assert error.findings
        return str(error)
    return ""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ontui.yaml"


@QUIET
@given(data=st.binary(max_size=300))
def test_any_bytes(path: Path, data: bytes) -> None:
    _outcome(path, data)


@QUIET
@given(data=st.text(max_size=300))
def test_any_text(path: Path, data: str) -> None:
    _outcome(path, (HEAD + data).encode("utf-8", "surrogatepass"))


@QUIET
@given(st.data())
def test_an_example_with_something_else_in_it(path: Path, data: st.DataObject) -> None:
    text = EXAMPLE
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 30))
        text = text[:at] + data.draw(WORDS) + text[at + cut :]
    assert SECRET not in _outcome(path, text.encode())


KEYS = st.sampled_from(
    ["version", "system", "id", "sources", "slis", "actions", "type", "url", "dsn", "m", "query", "alerts", "when",
     "severity", "inputs", "run", "sql", "source", "runbooks", "path", "defaults", "every", "headers", "basic",
     "baseline", "keymap", "severities", "name", "expect", "json", "status", "verify", "links", "business_hours"],
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | KEYS
    | st.sampled_from(["prometheus", "postgres", "http", "${SECRET}", "< 5% of baseline", "5m", "http://h"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)  # fmt: skip


@QUIET
@given(value=st.dictionaries(KEYS, VALUES, max_size=8))
def test_any_shape(path: Path, value: dict[str, object]) -> None:
    assert SECRET not in _outcome(path, json.dumps(value).encode())
