"""`ontui demo`: the embedded world, with or without the cockpit on it."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click

from ontui.cli.options import READ_ONLY, fail

Handler = Callable[[int, FrameType | None], None] | signal.Handlers


@click.command()
@click.argument("system", default="freight")
@click.option("--scenario", default="story", show_default=True, help="`story` goes wrong by itself; `calm` stays calm.")
@click.option("--seed", default=0, show_default=True, help="The same seed tells the same story.")
@click.option("--serve", is_flag=True, help="No cockpit: print the path of a ready config and stay until interrupted.")
@click.option("--prometheus-bin", type=click.Path(path_type=Path), help="Use this Prometheus.")
@click.option("--read-only", is_flag=True, help="Nothing that changes anything can be run.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.option("--theme", help="As for the cockpit.")
def demo(
    system: str,
    scenario: str,
    seed: int,
    serve: bool,
    prometheus_bin: Path | None,
    read_only: bool,
    no_mouse: bool,
    theme: str | None,
) -> None:
    """A small real system to try ontui on: PostgreSQL, an API with /metrics, Prometheus. It leaves nothing behind."""
    from ontui.cli.cockpit import cockpit, refuse_without_terminal
    from ontui.demo import DemoUnavailable, StartFailed, open_world

    if not serve:
        refuse_without_terminal()
    read_only = read_only or click.get_current_context().meta[READ_ONLY]
    _on_signals(_leave)
    try:
        if not serve:
            click.echo("starting PostgreSQL, Prometheus and the freight API …", err=True)
        with open_world(system, scenario=scenario, seed=seed, prometheus_bin=prometheus_bin) as world:
            if serve:
                _serve(world.config_path)
            else:
                folder = world.root / "state"
                path = world.config_path
                code = cockpit(path, read_only=read_only, mouse=not no_mouse, theme=theme, folder=folder)
                _on_signals(signal.SIG_IGN)
    except (DemoUnavailable, StartFailed, ValueError) as error:
        fail(str(error))
    except Interrupted as interrupted:
        sys.exit(0 if serve else 128 + interrupted.number)
    sys.exit(0 if serve else code)


class Interrupted(Exception):
    """A signal that ends the demo came."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _serve(config_path: Path) -> None:
    """Say where the config is, and stay until a signal comes."""
    click.echo(str(config_path))
    sys.stdout.flush()
    click.echo(f"try: ontui -c {config_path}   (ctrl+c ends the demo)", err=True)
    while True:
        signal.pause()


def _on_signals(handler: Handler) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> None:
    """Unwind through the world's context manager; more signals do not disturb it."""
    _on_signals(signal.SIG_IGN)
    raise Interrupted(number)
