"""Reads the config in a process of its own: the cockpit loads its screens meanwhile, and never YAML or the checker.

On two processors that is a quarter of the start, and a tenth of the memory of a long watch. Nothing of ours is imported
at the top, so that the process begins first of all.
"""

import gc
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ontui.config import Config, Finding

_CHILD = "from ontui.cli.reading import main; main()"


class Reading:
    """A config that is being read."""

    def __init__(self, config_file: Path | None, environ: Mapping[str, str]) -> None:
        """The one named, or the one that is found."""
        self._file, self._environ = config_file, environ
        # -P: nothing in the folder of the person may stand in for a module.
        argv = [sys.executable, "-P", "-c", _CHILD, *([os.fspath(config_file)] if config_file else ())]
        self.process: subprocess.Popen[bytes] | None = None
        """The reader; None where it could not be started."""
        try:
            # The config may be what we were given open: `-c /dev/stdin < file`.
            self.process = subprocess.Popen(
                argv, env=dict(environ), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=False
            )
        except (OSError, ValueError):
            return

    @property
    def place(self) -> Path:
        """The file; raises ConfigError where there is none."""
        from ontui.config import find_config

        return find_config(self._file, self._environ)

    @property
    def is_there(self) -> bool:
        """The answer has begun to come: nothing is gained any more by doing something else meanwhile."""
        if self.process is None or self.process.stdout is None:
            return True
        return bool(select.select([self.process.stdout], [], [], 0)[0])

    def result(self) -> "Config":
        """The config, as `load` gives it without asking for pages; raises ConfigError."""
        if self.process is not None:
            with self.process as process:
                said, _ = process.communicate()
            if process.returncode == 0:
                return _understood(said)
        # It could not be started, or was ended from outside: read it here.
        return read(self._file, self._environ)


def read(config_file: Path | None, environ: Mapping[str, str]) -> "Config":
    """Find it, read it and check it, here; raises ConfigError."""
    from ontui.config import find_config
    from ontui.config.load import load
    from ontui.ui.keys import BY_ID

    return load(find_config(config_file, environ), environ, key_ids=BY_ID, pages_must_exist=False)


def _understood(said: bytes) -> "Config":
    import pickle

    from ontui.config import Config, ConfigError

    # Our own child, over a pipe nobody else holds: what it says is no foreign text.
    answer = pickle.loads(said)  # noqa: S301
    if isinstance(answer, Config):
        return answer
    findings, unreadable = cast("tuple[tuple[Finding, ...], bool]", answer)
    raise ConfigError(findings, unreadable=unreadable)


def main() -> None:
    """The child: a pickled Config, or (findings, unreadable), on standard output."""
    gc.disable()
    import pickle

    from ontui.config import Config, ConfigError

    answer: Config | tuple[tuple[Finding, ...], bool]
    try:
        answer = read(Path(sys.argv[1]) if sys.argv[1:] else None, os.environ)
    except ConfigError as error:
        answer = (error.findings, error.unreadable)
    sys.stdout.buffer.write(pickle.dumps(answer))
    sys.stdout.buffer.flush()
    os._exit(0)
