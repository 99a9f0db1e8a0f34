"""A config in a folder of its own, with its pages and its own state, and the installed program run on it."""

import contextlib
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.pty.terminal import ontui

HEAD = """version: 1
system: {id: shop, name: The Shop, environment: staging, production: false}
runbooks: {path: ./runbooks}
sources: {health: {type: http, url: "http://127.0.0.1:9/"}}
"""
"""A config that can be loaded and watches nothing that answers; tests add sections to it."""
GROUPS = {"runbook", "action", "journal"}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command went."""

    code: int
    out: str
    err: str
    took_s: float

    @property
    def json(self) -> Any:  # noqa: ANN401 — that is what JSON is
        """What it printed, read as JSON."""
        return json.loads(self.out)


@dataclass(slots=True)
class ConfigFolder:
    """Only its owner can write it, so that it is trusted to run things."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    """Variables that every command sees."""

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.pages.mkdir(mode=0o700, exist_ok=True)
        self.environ["XDG_STATE_HOME"] = str(self.folder / "state")

    @property
    def config(self) -> Path:
        """The file."""
        return self.folder / "ontui.yaml"

    @property
    def pages(self) -> Path:
        """The runbooks."""
        return self.folder / "runbooks"

    @property
    def journal(self) -> Path:
        """What is remembered of this config's commands."""
        return self.folder / "state" / "ontui" / "journal.db"

    def write(self, text: str) -> Path:
        """The config, as YAML."""
        self.config.write_text(text)
        self.config.chmod(0o600)
        return self.config

    def page(self, name: str, text: str) -> Path:
        """A runbook page."""
        path = self.pages / name
        path.write_text(text)
        path.chmod(0o600)
        return path

    def program(self, name: str, script: str) -> Path:
        """A shell script that actions can run."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        return path

    def run(
        self, *arguments: str | Path, env: Mapping[str, str] | None = None, within_s: float = 30.0, stdin: str = ""
    ) -> Ended:
        """A command on this config, to its end, without a terminal."""
        words = 2 if arguments[0] in GROUPS else 1
        named = [*arguments[:words], "-c", self.config, *arguments[words:]]
        return run(*named, env=self.environ | dict(env or {}), within_s=within_s, stdin=stdin)

    @contextlib.contextmanager
    def going(self, *arguments: str | Path) -> "Iterator[subprocess.Popen[str]]":
        """The same, left running; ended by force when the block is over."""
        process = subprocess.Popen(
            [str(a) for a in ontui("-c", self.config, *arguments)],
            env=os.environ | self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def events(self) -> list[list[str]]:
        """The journal's lines, cut into their fields, oldest first: time, who, what, subject, result, words."""
        ended = self.run("journal", "tail", "-n", "500")
        assert ended.code == 0, ended
        return [re.split(r"  +", line) for line in ended.out.splitlines()]

    def results(self, subject: str) -> list[tuple[str, str]]:
        """What happened to an action, in order: (event, result word)."""
        return [(e[2], e[4]) for e in self.events() if e[3] == subject]


def run(*arguments: str | Path, env: Mapping[str, str] | None = None, within_s: float = 30.0, stdin: str = "") -> Ended:
    """Any command, to its end, without a terminal."""
    began = time.perf_counter()
    done = subprocess.run(
        [str(a) for a in ontui(*arguments)],
        input=stdin,
        env=os.environ | dict(env or {}),
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
    return Ended(done.returncode, done.stdout, done.stderr, time.perf_counter() - began)
