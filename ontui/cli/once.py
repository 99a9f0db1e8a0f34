"""One look at everything, printed."""

import asyncio
import contextlib
import json
import re
import sys
from dataclasses import replace

import click

from ontui.cli.configuration import or_leave
from ontui.cli.reading import Reading
from ontui.cli.report import to_json, to_text
from ontui.cli.session import open_engine
from ontui.config import ConfigError
from ontui.domain.status import EXIT_CODES, Status
from ontui.sources.opening import MODULES, prepare
from ontui.ui.spelling import ascii_lines
from ontui.ui.terminal import given_environ, is_ascii_only

LOOKED_AT = 256 * 1024
"""Bytes of the config that are guessed from."""
_TYPE = re.compile(r"\btype:[ \t]*[\"']?([a-z]+)")


def look(reading: Reading, *, as_json: bool, limit_s: float | None) -> int:
    """Ask every source once, each for at most `limit_s` seconds, and print; the exit code."""
    _prepare_for(reading)
    config = or_leave(reading.result, EXIT_CODES[Status.UNKNOWN])
    if limit_s is not None:
        shorter = {k: replace(s, timeout_s=min(s.timeout_s, limit_s)) for k, s in config.sources.items()}
        config = replace(config, sources=shorter)
    engine = open_engine(config, one_shot=True, record=False)
    asyncio.run(engine.once())
    state, now = engine.state, engine.now()
    if as_json:
        text = json.dumps(to_json(state, now), ensure_ascii=False, allow_nan=False, indent=2)
    else:
        text = to_text(state, now)
        if is_ascii_only(given_environ(), sys.stdout):
            text = ascii_lines(text)
    with contextlib.suppress(BrokenPipeError):   # nobody wants to read it; how things stand is told all the same
        click.echo(config.secrets.mask(text))
    return EXIT_CODES[state.status(now)]


def _prepare_for(reading: Reading) -> None:
    """Import what will ask, as it seems, for as long as the config is being read."""
    named = likely_types(reading)
    for type_ in MODULES:
        if reading.is_there:
            return
        if type_ in named:
            prepare(type_)


def likely_types(reading: Reading) -> set[str]:
    """The types of sources that the config seems to name: a guess, which only decides what is imported early."""
    try:
        place = reading.place
        if not place.is_file():
            return set()
        with place.open("rb") as file:
            text = file.read(LOOKED_AT).decode("utf-8", "replace")
    except (ConfigError, OSError, ValueError):
        return set()   # the reader says it better
    return set(_TYPE.findall(text))
