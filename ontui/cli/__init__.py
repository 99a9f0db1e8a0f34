"""The command line: the only place where all rooms meet. Every command imports what it needs when it runs."""

import contextlib
import errno
import gc
import os
import sys
from pathlib import Path
from typing import ClassVar, NoReturn

import click

from ontui import __version__
from ontui.cli.options import READ_ONLY, config_option

INTERRUPTED = 130
"""The exit code of what Ctrl-C ended, as a shell says it."""
CANNOT_SAY = 3
"""The exit code where the output cannot be written: for a monitoring system that is "unknown"."""
UNWRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EPIPE)


class Commands(click.Group):
    """Loads a command's module when the command is used, so that `--version` and `check` stay light."""

    MODULES: ClassVar[dict[str, tuple[str, str]]] = {
        "action": ("ontui.cli.action", "action"),
        "check": ("ontui.cli.check", "check"),
        "demo": ("ontui.cli.demo", "demo"),
        "journal": ("ontui.cli.journal", "journal"),
        "runbook": ("ontui.cli.runbook", "runbook"),
        "status": ("ontui.cli.status", "status"),
    }

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 — click's signature
        return sorted(self.MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self.MODULES:
            return None
        from importlib import import_module

        module, name = self.MODULES[cmd_name]
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 — the table above is ours
        return command


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@config_option
@click.option("--read-only", is_flag=True, help="Nothing that changes anything can be run.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.option("--theme", help="ontui-dark, ontui-light, ansi-dark, ansi-light, or any theme of Textual.")
@click.version_option(__version__, prog_name="ontui")
@click.pass_context
def cli(ctx: click.Context, config_file: Path | None, read_only: bool, no_mouse: bool, theme: str | None) -> None:
    """The on-call cockpit in one terminal. Without a command: the cockpit."""
    ctx.obj = config_file
    ctx.meta[READ_ONLY] = read_only
    if ctx.invoked_subcommand is None:
        from ontui.cli.cockpit import cockpit

        sys.exit(cockpit(config_file, read_only=read_only, mouse=not no_mouse, theme=theme))


def main() -> NoReturn:
    """The installed program."""
    # Importing makes no garbage, and looking for it takes a sixth of the start; the engine switches it on again.
    gc.disable()
    _open_streams()
    code: object
    try:
        code = cli.main(prog_name="ontui", standalone_mode=False)
    except SystemExit as left:
        code = left.code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort as aborted:
        click.echo("Aborted!", err=True)
        code = INTERRUPTED if isinstance(aborted.__cause__, KeyboardInterrupt) else 1
    except OSError as error:
        if error.errno not in UNWRITTEN:
            raise
        code = CANNOT_SAY
        if error.errno != errno.EPIPE:
            with contextlib.suppress(OSError):
                click.echo(f"ontui: what there is to say cannot be written: {error.strerror}", err=True)
    _leave(code)


def _open_streams() -> None:
    """Where who started us closed one, the next file that is opened would get its number, and be written to."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123 - for as long as we live


def _leave(code: object) -> NoReturn:
    """Be gone: taking the interpreter down would wait for every thread, and one may be looking up a name."""
    if not isinstance(code, int):
        if code is not None:
            sys.stderr.write(f"{code}\n")
        code = 0 if code is None else 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # the reader has gone: `ontui journal tail | head`
            stream.flush()
    os._exit(code)
