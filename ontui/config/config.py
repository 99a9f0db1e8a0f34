"""What a config says, and where it lies. Light: whoever holds a config need not have read it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ontui.config.finding import ConfigError, Finding
from ontui.domain.notice import Notify
from ontui.domain.secret import Secrets
from ontui.domain.source import AnySource
from ontui.domain.state import System


@dataclass(frozen=True, slots=True)
class Config:
    """A config that holds together."""

    path: Path
    """Absolute."""
    system: System
    sources: Mapping[str, AnySource]
    """As in `system.sources`, with the types known."""
    runbooks: Path | None
    """The folder of pages; absolute."""
    run_fences: tuple[str, ...]
    """Languages of fences that may become runnable."""
    keymap: Mapping[str, str]
    secrets: Secrets
    """Every secret value met while reading; mask with it whatever leaves the program."""
    sha256: str
    """Of the file's bytes."""
    trusted: bool
    distrust: str
    """Why nothing may be run, and the remedy; empty when trusted."""
    theme: str
    notify: Notify = field(default_factory=Notify)
    """How alerts are told aloud."""
    unmasked: tuple[str, ...] = ()
    """Where secrets stand that are too short to be masked: `FILE:LINE:COLUMN: key`."""


def find_config(explicit: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """The config to use: the one named, $ONTUI_CONFIG, ./ontui.yaml, or the user's own; ConfigError when none."""
    if explicit is not None:
        return explicit
    if named := environ.get("ONTUI_CONFIG"):
        return Path(named)
    home = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME") or "~", ".config")  # noqa: PTH118
    places = [Path("ontui.yaml"), Path(os.path.expanduser(home)) / "ontui" / "ontui.yaml"]  # noqa: PTH111
    for place in places:
        if os.path.exists(place):  # noqa: PTH110 - a folder we may not look into has no config for us
            return place
    looked = " and ".join(str(p) for p in places)
    hint = "name one with -c FILE; 'ontui demo' needs none"
    raise ConfigError([Finding("ontui.yaml", 0, 0, "", f"no config: looked for {looked}", "", hint)], unreadable=True)
