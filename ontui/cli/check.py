"""`ontui check`: is the config right, and does everything it names exist?"""

import json
import os
import sys
from pathlib import Path

import click

from ontui.cli.configuration import presentation_problems
from ontui.cli.options import chosen, config_option
from ontui.config import Config, ConfigError, find_config
from ontui.config.load import load
from ontui.config.schema import schema
from ontui.domain.secret import SHORTEST
from ontui.domain.source import AlertmanagerSource
from ontui.runbooks.library import Library
from ontui.runbooks.place import RunbookError
from ontui.ui.keys import BY_ID


@click.command()
@config_option
@click.option("--schema", "show_schema", is_flag=True, help="Print the JSON Schema of the config and leave.")
@click.pass_context
def check(ctx: click.Context, config_file: Path | None, show_schema: bool) -> None:
    """Validate the config, its keymap and its runbook links.

    Exit code: 0 nothing to mend, 1 findings, 2 the config cannot be read.
    """
    if show_schema:
        click.echo(json.dumps(schema(), indent=2))
        return
    try:
        config = load(find_config(chosen(ctx, config_file), os.environ), os.environ, key_ids=BY_ID)
    except ConfigError as error:
        for finding in error.findings:
            click.echo(str(finding))
        sys.exit(2 if error.unreadable else 1)
    try:
        library = Library.load(config.runbooks) if config.runbooks else None
    except RunbookError as error:
        click.echo(config.secrets.mask(f"{config.path}:1:1: runbooks: {error}"))
        sys.exit(1)
    findings = presentation_problems(config) + (broken_links(config, library) if library else [])
    for line in findings:
        click.echo(config.secrets.mask(line))
    if findings:
        sys.exit(1)
    system = config.system
    alerts = sum(len(s.alerts) for s in system.slis.values())
    found = (len(config.sources), len(system.slis), alerts, len(system.actions))
    counts = zip(("source", "SLI", "alert", "action"), found, strict=True)
    click.echo(f"{config.path}: ok: " + ", ".join(f"{count} {noun}{'s' * (count != 1)}" for noun, count in counts))
    for problem in library.problems if library else ():
        click.echo(config.secrets.mask(f"note: runbooks: {problem}"), err=True)
    for place in config.unmasked:
        short = f"a secret of fewer than {SHORTEST} characters: it cannot be masked where a server says it"
        click.echo(f"note: {place}: {short}", err=True)
    for source in config.sources.values():
        if isinstance(source, AlertmanagerSource) and not source.watchdog:
            lack = "has no 'watchdog:': without one, a look cannot tell no alerts from nobody who evaluates any"
            click.echo(f"note: {config.path}: sources.{source.id} {lack}", err=True)
    if config.distrust:
        click.echo(f"note: nothing may be run from it: {config.distrust}", err=True)


def broken_links(config: Config, library: Library) -> list[str]:
    """Runbook references that lead nowhere, each with its place in the config."""
    lost = library.lost(config.system.pages)
    return [f"{place}: runbook: {why}" for ref, why in lost.items() for place in _places(config, ref)]


def _places(config: Config, ref: str) -> list[str]:
    """Where the config names a page, as `file:line:column`."""
    lines = config.path.read_text(encoding="utf-8").splitlines()
    return [f"{config.path}:{n}:{text.index(ref) + 1}" for n, text in enumerate(lines, 1) if ref in text]
