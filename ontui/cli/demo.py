"""`ontui demo`: the embedded world, with or without the cockpit on it."""

import signal
import sys
import threading
from pathlib import Path

import click

from ontui.cli.session import fail


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
    from ontui.cli.cockpit import cockpit
    from ontui.demo import DemoUnavailable, open_world

    if not serve:
        from ontui.ui.terminal import no_terminal

        if reason := no_terminal():
            fail(reason)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: _leave(stop))
    try:
        if not serve:
            click.echo("starting PostgreSQL, Prometheus and the freight API …", err=True)
        with open_world(system, scenario=scenario, seed=seed, prometheus_bin=prometheus_bin) as world:
            if serve:
                click.echo(str(world.config_path))
                click.echo(f"try: ontui -c {world.config_path}   (ctrl+c ends the demo)", err=True)
                stop.wait()
                return
            code = cockpit(
                world.config_path, read_only=read_only, mouse=not no_mouse, theme=theme, folder=world.root / "state"
            )
        sys.exit(code)
    except (DemoUnavailable, ValueError) as error:
        fail(str(error))
    except Interrupted:
        sys.exit(130)


class Interrupted(Exception):
    """A signal came while the world was being started or closed."""


_serving = threading.Event()


def _leave(stop: threading.Event) -> None:
    """Wake the waiting server; the world's context manager does the rest."""
    if stop.is_set():
        raise Interrupted
    stop.set()
