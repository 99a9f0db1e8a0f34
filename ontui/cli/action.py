"""`ontui action`: the same plan, guard, lock and audit as in the cockpit, from the plain terminal."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from ontui.actions import describe
from ontui.cli.configuration import read_config
from ontui.cli.options import READ_ONLY, chosen, config_option, fail
from ontui.cli.session import open_engine
from ontui.domain.action import Action, Asks, Outcome, Plan, Refused
from ontui.engine import Engine, Execution

REFUSED = 3
NO = ("", "n", "no")
"""Answers that mean a change of mind; anything else that is wrong is a slip, and refused."""


@click.group()
@config_option
@click.pass_context
def action(ctx: click.Context, config_file: Path | None) -> None:
    """List, show and run the actions of the config."""
    ctx.obj = chosen(ctx, config_file)


@action.command("list")
@config_option
@click.pass_context
def list_(ctx: click.Context, config_file: Path | None) -> None:
    """Every action: name, danger, title."""
    for item in read_config(config_file or ctx.obj).system.actions.values():
        click.echo(f"{item.id:<24} {item.danger:<8} {item.title}")


def _given(pairs: tuple[str, ...]) -> Mapping[str, str]:
    given = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"expected NAME=VALUE, found {pair!r}", param_hint="-p")
        if name in given:
            fail(f"input {name} is given twice; nothing was run", REFUSED)
        given[name] = value
    return given


def _known(engine: Engine, name: str) -> Action:
    from difflib import get_close_matches

    found = engine.system.actions.get(name)
    if found is None:
        near = get_close_matches(name, engine.system.actions, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(engine.system.actions) or 'none'}"
        fail(f"no action is named {name!r}{hint}", REFUSED)
    return found


def _print_plan(engine: Engine, plan: Plan) -> None:
    system, now = engine.system, engine.now()
    watched = system.slis[plan.verify.sli].title if plan.verify else ""
    where = "PRODUCTION" if plan.production else plan.environment
    click.echo(f"{plan.title} · {plan.danger} · {system.name} · {where}")
    for label, value in describe(plan, last_run=engine.state.runs.get(plan.action), now=now, watched=watched):
        lines = engine.config.secrets.mask(value).splitlines() or [""]
        click.echo(f"  {label:<10} {lines[0]}")
        for line in lines[1:]:
            click.echo(f"  {'':<10} {line}")


@action.command()
@config_option
@click.argument("name")
@click.option("-p", "pairs", multiple=True, metavar="NAME=VALUE", help="A value for an input.")
@click.pass_context
def show(ctx: click.Context, name: str, pairs: tuple[str, ...], config_file: Path | None) -> None:
    """Print exactly what would run, on what, and what confirms it. Runs nothing. Exit code 3 when it is refused."""
    engine = open_engine(read_config(config_file or ctx.obj), one_shot=True, record=False)

    action = _known(engine, name)

    async def plan() -> Plan:
        async with engine.polled_once(engine.repairs.rests_on(action)):
            return await engine.plan(name, _given(pairs), alert=None, sli=None)

    try:
        made = asyncio.run(plan())
    except Refused as error:
        fail(engine.config.secrets.mask(str(error)), REFUSED)
    _print_plan(engine, made)
    click.echo(f"  {'confirm':<10} {_wanted(made)}")


def _wanted(plan: Plan) -> str:
    match plan.asks:
        case Asks.NOTHING:
            return "nothing to confirm"
        case _:
            return f"--confirm {plan.type_text}"


@action.command()
@config_option
@click.argument("name")
@click.option("-p", "pairs", multiple=True, metavar="NAME=VALUE", help="A value for an input.")
@click.option("--confirm", metavar="TEXT", help="The very text the cockpit would ask for.")
@click.option("--read-only", is_flag=True, help="Refuse what changes anything.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Stay until `verify` has a verdict.")
@click.pass_context
def run(
    ctx: click.Context,
    name: str,
    pairs: tuple[str, ...],
    confirm: str | None,
    read_only: bool,
    wait: bool,
    config_file: Path | None,
) -> None:
    """Show the plan, confirm it, run it, print its output and whether it helped.

    Exit code: 0 ok; 1 failed, timed out or ended by a signal, the line says which; 3 refused, nothing was run.
    """
    read_only = read_only or ctx.meta[READ_ONLY]
    engine = open_engine(read_config(config_file or ctx.obj), read_only=read_only, one_shot=True)
    action = _known(engine, name)
    inputs = _given(pairs)
    came: list[int] = []
    try:
        execution = asyncio.run(_carry_out(engine, action, inputs, confirm, came, wait=wait))
    except Refused as error:
        fail(engine.config.secrets.mask(str(error)), REFUSED)
    except KeyboardInterrupt:
        sys.exit(130)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):  # after a hang-up there is nobody to tell
            for begun in engine.executions:
                _say_outcome(begun)
        sys.exit(128 + came[0])
    sys.exit({Outcome.OK: 0, Outcome.REFUSED: REFUSED}.get(execution.run.outcome, 1))


def _end_on_signals(came: list[int]) -> None:
    """From now on a signal ends what runs as its action says, and us after it; the first one is noted in `came`."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101 — we are called from one

    def end(number: int) -> None:
        if not came:
            came.append(number)
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end, number)


async def _carry_out(
    engine: Engine, action: Action, inputs: Mapping[str, str], confirm: str | None, came: list[int], *, wait: bool
) -> Execution:
    async with engine.polled_once(engine.repairs.rests_on(action)), contextlib.AsyncExitStack() as stack:
        plan = await engine.plan(action.id, inputs, alert=None, sli=None)
        _print_plan(engine, plan)
        typed = confirm if confirm is not None else _ask(engine, plan)
        _end_on_signals(came)
        again = await engine.recheck(plan)
        if again.digest != plan.digest:
            _print_plan(engine, again)
            why = "what it rests on moved meanwhile; the plan above is the new one: run it again"
            engine.repairs.refused(plan, why)
            raise Refused(why)
        execution = engine.start(plan, typed)
        polling = asyncio.create_task(engine.keep_polling())
        stack.callback(polling.cancel)
        await _print_output(execution)
        _say_outcome(execution)
        if wait and execution.watching and plan.verify:
            click.echo(f"watching {engine.system.slis[plan.verify.sli].title} …", err=True)
            await execution.wait()
            if execution.verdict:
                click.echo(execution.verdict.words(engine.system.slis[plan.verify.sli].title))
    return execution


def _say_outcome(execution: Execution) -> None:
    run = execution.run
    click.echo(f"{run.outcome}{': ' + run.detail if run.detail else ''}", err=True)


def _ask(engine: Engine, plan: Plan) -> str:
    """The confirmation from the keyboard; without a keyboard there is none."""
    if plan.asks is Asks.NOTHING:
        return ""
    if not sys.stdin.isatty():
        return ""
    wanted = "y/N" if plan.asks is Asks.YES_NO else f"type {plan.type_text} to run it"
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)  # the loop's own would wait for the answer
    try:
        answer: str = click.prompt(f"  {wanted}", default="", show_default=False)
    except click.Abort:
        engine.cancelled(plan)
        raise Refused("left without an answer; nothing was run") from None
    finally:
        signal.signal(signal.SIGINT, ours)
    if answer.strip().lower() in NO:
        engine.cancelled(plan)
        raise Refused("cancelled; nothing was run")
    return answer


async def _print_output(execution: Execution) -> None:
    printed = 0
    while True:
        over = not execution.running
        fresh = min(execution.line_count - printed, len(execution.lines))
        if skipped := execution.line_count - printed - fresh:
            click.echo(f"… {skipped} lines came too fast to be kept")
        for line in list(execution.lines)[len(execution.lines) - fresh :]:
            click.echo(line)
        printed = execution.line_count
        if over:
            return
        await asyncio.sleep(0.05)
