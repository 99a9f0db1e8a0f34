"""`ontui journal`: the record of what happened."""

import sys
import time
from pathlib import Path

import click

from ontui.cli.configuration import read_config
from ontui.cli.options import chosen, config_option, fail
from ontui.cli.session import open_engine, state_folder
from ontui.journal import Journal, JournalError, format_line


@click.group()
def journal() -> None:
    """Read the journal."""


@journal.command()
@config_option
@click.option(
    "-n", "--lines", default=20, show_default=True, type=click.IntRange(1), help="How many of the newest events."
)
@click.option("-f", "--follow", is_flag=True, help="Stay and print what comes.")
@click.pass_context
def tail(ctx: click.Context, config_file: Path | None, lines: int, follow: bool) -> None:
    """One event a line, oldest first; with a config only those of its system."""
    wanted = chosen(ctx, config_file)
    system = _settled(wanted) if wanted else None
    path = state_folder() / "journal.db"
    if not _there(path):
        click.echo("ontui: nothing has been recorded yet", err=True)
        return
    try:
        with Journal.open(path) as record:
            events = record.tail(lines, system=system)
            for event in events:
                click.echo(format_line(event))
            seq = events[-1].seq if events else 0
            while follow:
                time.sleep(0.5)
                for event in record.after(seq, system=system):
                    click.echo(format_line(event))
                    seq = event.seq
    except JournalError as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(0)


def _settled(wanted: Path) -> str:
    """The system of a config, once the runs that died with their ontui are on record as lost."""
    config = read_config(wanted)
    if _there(state_folder() / "journal.db"):
        open_engine(config, one_shot=True)
    return config.system.id


def _there(path: Path) -> bool:
    """Whether there is a journal; where that cannot be told, out with the reason."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        fail(f"the journal cannot be read: {error.strerror}: {path}")
    return True
