"""`ontui status`: poll everything once, print, leave."""

import os
import sys
from pathlib import Path

import click

from ontui.cli.options import chosen, config_option
from ontui.cli.reading import Reading

CANNOT_TELL = 3
"""The exit code where nothing is known, as that of a status nobody knows."""


class Misused(click.UsageError):
    """Nothing can be told."""

    exit_code = CANNOT_TELL


class Plugin(click.Command):
    """What a monitoring system calls: where it is called wrongly nothing is known, which is not critical."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As always, but for the exit code of a mistake."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise Misused(error.format_message(), ctx) from None


def _limit(_: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    """The seconds of --timeout."""
    if text is None:
        return None
    from ontui.domain.quantity import QuantityError, parse_duration

    try:
        limit_s = parse_duration(text)
    except QuantityError as error:
        raise click.BadParameter(str(error), param=parameter) from None
    if limit_s <= 0:
        raise click.BadParameter("expected more than 0 s", param=parameter)
    return limit_s


@click.command(cls=Plugin)
@config_option
@click.option("--json", "as_json", is_flag=True, help="For machines; the keys are a contract.")
@click.option("--timeout", "limit_s", metavar="S", callback=_limit, help="At most this long for each source, e.g. 3s.")
@click.pass_context
def status(ctx: click.Context, config_file: Path | None, as_json: bool, limit_s: float | None) -> None:
    """Poll every source once and print how things stand.

    Exit code: 0 ok, 1 warning, 2 critical; 3 unknown, stale or no data, and where the config cannot be used.
    """
    reading = Reading(chosen(ctx, config_file), os.environ)
    # What asks and what prints is imported while the config is read.
    from ontui.cli.once import look

    sys.exit(look(reading, as_json=as_json, limit_s=limit_s))
