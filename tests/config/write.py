"""Writing small configs for the tests."""

from collections.abc import Mapping
from pathlib import Path

from ontui.config import Config, ConfigError, Finding
from ontui.config.load import load

HEAD = """version: 1
system: {id: x}
sources:
  m: {type: prometheus, url: "http://localhost:9090"}
  d: {type: postgres, dsn: "postgresql://localhost/app"}
  h: {type: http, url: "http://localhost/health"}
"""
"""Six lines that are a config; tests add sections from line 7 on."""


def written(folder: Path, text: str) -> Path:
    """A config only its owner can write."""
    folder.chmod(0o700)
    path = folder / "ontui.yaml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def read(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Config:
    """Load a text; raises its findings."""
    return load(written(folder, text), environ or {})


def findings(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> list[Finding]:
    """What is wrong with a text; fails when nothing is."""
    try:
        read(folder, text, environ)
    except ConfigError as error:
        return list(error.findings)
    raise AssertionError("it was read without a finding")
