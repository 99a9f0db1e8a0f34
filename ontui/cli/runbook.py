"""`ontui runbook`: pages in the plain terminal."""

import shutil
import sys
from pathlib import Path

import click

from ontui.cli.configuration import read_config
from ontui.cli.options import chosen, config_option, fail
from ontui.cli.session import read_library
from ontui.config import Config
from ontui.runbooks.library import Library
from ontui.runbooks.place import RunbookError
from ontui.runbooks.plain import render_plain

WIDEST = 88


@click.group()
@config_option
@click.pass_context
def runbook(ctx: click.Context, config_file: Path | None) -> None:
    """List, show and search the runbook pages."""
    ctx.obj = chosen(ctx, config_file)


def _library(ctx: click.Context, config_file: Path | None) -> tuple[Config, Library]:
    config = read_config(config_file or ctx.obj)
    library = read_library(config)
    if library is None:
        fail(f"{config.path} names no runbooks: add `runbooks: {{path: ./runbooks}}`", 1)
    for problem in library.problems:
        click.echo(config.secrets.mask(f"ontui: {problem}"), err=True)
    return config, library


@runbook.command("list")
@config_option
@click.pass_context
def list_(ctx: click.Context, config_file: Path | None) -> None:
    """Every page with its sections."""
    config, library = _library(ctx, config_file)
    for page in library.pages:
        names = [f"{page.name}  {page.title}", *(f"    #{section.slug}" for section in page.sections)]
        click.echo(config.secrets.mask("\n".join(names)))


@runbook.command()
@config_option
@click.argument("ref", metavar="PAGE[#SECTION]")
@click.pass_context
def show(ctx: click.Context, ref: str, config_file: Path | None) -> None:
    """Print a page, or one section of it. Exit code 1 when there is none."""
    config, library = _library(ctx, config_file)
    try:
        place = library.find(ref)
    except RunbookError as error:
        fail(config.secrets.mask(str(error)), 1)
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    what = place.section if "#" in ref else place.page
    click.echo(config.secrets.mask(render_plain(what, width)))


@runbook.command()
@config_option
@click.argument("words", nargs=-1, required=True)
@click.pass_context
def search(ctx: click.Context, words: tuple[str, ...], config_file: Path | None) -> None:
    """Find pages that hold all the words. Exit code 1 when none does."""
    config, library = _library(ctx, config_file)
    hits = library.search(" ".join(words))
    for hit in hits:
        click.echo(config.secrets.mask(f"{hit.place.page.name}#{hit.place.section.slug}:{hit.line}: {hit.excerpt}"))
    if not hits:
        click.echo("ontui: no page holds all of these words", err=True)
        sys.exit(1)
