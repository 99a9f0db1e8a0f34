"""Reads the config in a process of its own: the cockpit loads its screens meanwhile, and never YAML or the checker.

On two processors that is a quarter of the start, and a tenth of the memory of a long watch.
"""

import gc
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import cast

from ontui.config.config import Config
from ontui.config.finding import ConfigError, Finding

_CHILD = "from ontui.config.apart import main; main()"


class Reading:
    """A config that is being read."""

    def __init__(self, path: Path, environ: Mapping[str, str], key_ids: Collection[str]) -> None:
        self._path, self._environ, self._key_ids = path, environ, key_ids
        # -P: nothing in the folder of the person may stand in for a module.
        argv = [sys.executable, "-P", "-c", _CHILD, os.fspath(path), json.dumps(sorted(key_ids))]
        self.process: subprocess.Popen[bytes] | None = None
        """The reader; None where it could not be started."""
        try:
            self.process = subprocess.Popen(
                argv, env=dict(environ), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except (OSError, ValueError):
            return

    def result(self) -> Config:
        """The config, as `load` gives it without asking for pages; raises ConfigError."""
        if self.process is not None:
            with self.process as process:
                said, _ = process.communicate()
            if process.returncode == 0:
                return _understood(said)
        # It could not be started, or was ended from outside: read it here.
        from ontui.config.load import load

        return load(self._path, self._environ, key_ids=self._key_ids, pages_must_exist=False)


def _understood(said: bytes) -> Config:
    # Our own child, over a pipe nobody else holds: what it says is no foreign text.
    answer = pickle.loads(said)  # noqa: S301
    if isinstance(answer, Config):
        return answer
    findings, unreadable = cast("tuple[tuple[Finding, ...], bool]", answer)
    raise ConfigError(findings, unreadable=unreadable)


def main() -> None:
    """The child: a pickled Config, or (findings, unreadable), on standard output."""
    gc.disable()
    from ontui.config.load import load

    path, key_ids = Path(sys.argv[1]), json.loads(sys.argv[2])
    answer: Config | tuple[tuple[Finding, ...], bool]
    try:
        answer = load(path, os.environ, key_ids=key_ids, pages_must_exist=False)
    except ConfigError as error:
        answer = (error.findings, error.unreadable)
    sys.stdout.buffer.write(pickle.dumps(answer))
    sys.stdout.buffer.flush()
    os._exit(0)
