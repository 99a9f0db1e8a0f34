"""The value of a watched variable, and how long it is, is in no output: screen, JSON, journal, copies, files."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.faults.watch import Watch, status

OWN = "correct-horse-battery-staple-and-more"
FILED = "sk_live_a1b2c3d4e5f6-of-the-file"
UNUSED = "unrelated-password-in-the-same-file"
REJECTED = "tooshort-s3cret"
CONFIG = """version: 1
system: {id: shop, name: The Shop, environment: staging, production: false}
sources:
  keys: {type: env, every: 1s, timeout: 900ms}
  dotenv: {type: env, file: ./app.env, every: 1s, timeout: 900ms}
slis:
  jwt: {title: jwt, source: keys, variable: JWT_SECRET, min_length: 33}
  rejected: {title: rejected, source: keys, variable: REJECTED, min_length: 33,
             alerts: [{name: SecretTooShort, when: failing, severity: SEV-2}]}
  stripe: {title: stripe, source: dotenv, variable: STRIPE_KEY, min_length: 20}
  lost: {title: lost, source: dotenv, variable: LOST}
"""


@pytest.fixture
def shop(place: ConfigFolder, monkeypatch: pytest.MonkeyPatch) -> ConfigFolder:
    for name, value in (("JWT_SECRET", OWN), ("REJECTED", REJECTED)):
        monkeypatch.setenv(name, value)
    file = place.folder / "app.env"
    file.write_text(f'STRIPE_KEY="{FILED}"\nPASSWORD={UNUSED}\nOPEN="{UNUSED}\n')
    file.chmod(0o600)
    place.write(CONFIG)
    return place


@pytest.fixture
def place(tmp_path: Path) -> ConfigFolder:
    return ConfigFolder(tmp_path / "place")


def assert_untold(text: str) -> None:
    for secret in (OWN, FILED, UNUSED, REJECTED):
        for part in (secret, secret[:8], secret[-8:]):
            assert part not in text, f"{part!r} in {text}"


def test_no_output_of_a_command_tells_it(shop: ConfigFolder) -> None:
    told = status(shop)
    assert {s["id"]: s["value"] for s in told.json["slis"]} == {"jwt": 1, "rejected": 0.5, "stripe": 1, "lost": 0}
    assert told.sli("rejected")["reason"] == "SecretTooShort firing · shorter than 33 characters"
    assert told.source("dotenv")["error"] == "./app.env, line 3: a quote is not closed"
    for words in (("status",), ("status", "--json"), ("check",), ("journal", "tail")):
        ended = shop.run(*words)
        assert_untold(ended.out + ended.err)


def test_no_screen_copy_journal_or_file_tells_it(shop: ConfigFolder) -> None:
    with Watch(shop) as watch:
        watch.sli("jwt", within_s=20, status="ok")
        watch.sli("rejected", within_s=20, status="critical")
        assert_untold(watch.text)
        for keys in (["enter"], ["y"], ["Y"], ["escape"], ["j", "enter"], ["Y"], ["escape"], ["j", "enter"], ["Y"]):
            watch.press(*keys)
            assert_untold(watch.text)
        watch.shows("JWT_SECRET|REJECTED|STRIPE_KEY")
        assert_untold(json.dumps(watch.json))
        assert [event for event in watch.events() if "SecretTooShort" in " ".join(event)]
        assert_untold(str(watch.events()))
        assert_untold(repr(watch.engine.state))
    state = shop.folder / "state"
    files = [path for path in state.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert_untold(path.read_bytes().decode("latin-1"))


def steady(found: object) -> Any:  # noqa: ANN401 — that is what JSON is
    """Without what differs from one look to the next."""
    if isinstance(found, dict):
        return {k: steady(v) for k, v in found.items() if k not in ("at", "age_s", "latency_s", "since")}
    return [steady(each) for each in found] if isinstance(found, list) else found


def test_not_even_the_length_is_told(shop: ConfigFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> Iterator[object]:
        for value in (OWN, OWN + "x", OWN * 9):
            monkeypatch.setenv("JWT_SECRET", value)
            monkeypatch.setenv("REJECTED", value[:32] if value != OWN else value[:7])
            yield steady(status(shop).json), re.sub(r"\d{4}-.*Z|[\d.]+ ?m?s|\s+", " ", shop.run("status").out)

    first, *others = told()
    assert others == [first, first]
