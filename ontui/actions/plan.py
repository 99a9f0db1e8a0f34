"""From an action and its values to the plan: the very thing that is shown, confirmed and run."""

import re
import shlex
from collections.abc import Mapping

from ontui.actions.fill import Value, as_text, bind, check_inputs, fill_argv
from ontui.actions.program import Unsafe, find_program, identity
from ontui.domain.action import (
    Action,
    Asks,
    Danger,
    Means,
    OnDisconnect,
    Outcome,
    Plan,
    Refused,
    Run,
    Targets,
    confirmation,
)
from ontui.domain.quantity import format_age, format_duration
from ontui.domain.state import System
from ontui.domain.text import clean

SHELL = "/bin/sh"


def preview_query(action: Action, given: Mapping[str, str]) -> tuple[str, dict[str, Value]]:
    """The question that counts what an SQL action will hit, and its parameters; to be asked read-only."""
    return action.preview_sql, bind(action.preview_sql, check_inputs(action.inputs, given))


def plan_action(
    action: Action,
    given: Mapping[str, str],
    *,
    system: System,
    target: str,
    environ: Mapping[str, str],
    identity: str = "",
    targets: Targets | None = None,
    because: tuple[str, ...] = (),
    basis: tuple[str, ...] = (),
    stale_basis: bool = False,
    read_only: bool = False,
    distrust: str = "",
    unsafe: Unsafe = lambda _: "",
) -> Plan:
    """The plan, or Refused; `environ` is searched for the program, `distrust` is why the config may run nothing.

    `unsafe` says why a program that the config names by its path may not be started.
    """
    if distrust:
        raise Refused(f"nothing may be run: {distrust}")
    if (read_only or system.read_only) and action.danger is not Danger.READ:
        raise Refused(f"{action.id} may change something, and this is read-only")
    values = check_inputs(action.inputs, given)
    argv = _argv(action, values)
    program, program_id = find_program(argv[0], action.cwd, environ, unsafe) if argv else ("", "")
    asks, type_text = confirmation(action.danger, production=system.production, system=system.id)
    return Plan(
        action=action.id,
        title=action.title,
        danger=action.danger,
        means=action.means,
        system=system.id,
        environment=system.environment,
        production=system.production,
        argv=argv,
        program=program,
        program_id=program_id,
        sql=action.sql if action.means is Means.SQL else "",
        parameters=tuple(bind(action.sql, values).items()) if action.means is Means.SQL else (),
        env=() if action.means is Means.SQL else action.env,
        cwd="" if action.means is Means.SQL else action.cwd,
        source=action.source,
        target=target,
        identity=identity,
        targets=targets,
        because=because,
        basis=basis,
        stale_basis=stale_basis,
        timeout_s=action.timeout_s,
        on_disconnect=action.on_disconnect,
        verify=action.verify,
        asks=asks,
        type_text=type_text,
    )


def check_program(plan: Plan) -> None:
    """Refused unless the file that is about to be started is the one that was shown."""
    if not plan.program_id:
        return
    if identity(plan.program, by_path="/" in plan.argv[0]) != plan.program_id:
        raise Refused(f"{plan.program} changed since it was shown; nothing was run")


def check_confirmation(plan: Plan, typed: str) -> None:
    """Refused, with the exact text that is wanted, unless exactly that was given."""
    if plan.asks is Asks.NOTHING or typed == plan.type_text:
        return
    where = " in production" if plan.production else ""
    wrong = "" if not typed else f", not {clean(typed, 60, keep_newlines=False)!r}"
    raise Refused(f"not confirmed: {plan.danger}{where} wants the text {plan.type_text}{wrong}; nothing was run")


def describe(
    plan: Plan, *, last_run: Run | None = None, now: float | None = None, watched: str = ""
) -> tuple[tuple[str, str], ...]:
    """Labels and values as the dialog and `action show` print them; a value may have several lines.

    `watched` is the title of the SLI that `verify` watches; the age of the last run needs `now`.
    """
    rows = [("on", plan.target), ("runs", _runs(plan))]
    if plan.program_id.startswith("sha256 "):
        rows.append(("program", f"{plan.program} · {plan.program_id[:19]}"))
    elif plan.program and plan.program != plan.argv[0]:
        rows.append(("program", plan.program))
    if plan.parameters:
        rows.append(("with", "\n".join(f"{name} = {as_text(value)}" for name, value in plan.parameters)))
    if plan.env:
        rows.append(("sees", f"{' '.join(plan.env)} (environment)"))
    if plan.cwd:
        rows.append(("in", plan.cwd))
    if plan.targets is not None:
        rows.append(("hits", f"{plan.targets.count} now   {plan.targets.summary}".rstrip()))
    stale = ("the data this rests on is stale",) if plan.stale_basis else ()
    if plan.because or stale:
        rows.append(("because", "\n".join((*plan.because, *stale))))
    rows.append(("limits", _limits(plan)))
    if last_run is not None:
        rows.append(("last run", _last(last_run, now)))
    if plan.verify is not None:
        rows.append(("then", f'watches "{watched or plan.verify.sli}" for {format_duration(plan.verify.within_s)}'))
    return tuple((label, clean(value)) for label, value in rows)


def _argv(action: Action, values: Mapping[str, Value]) -> tuple[str, ...]:
    match action.means:
        case Means.SQL:
            return ()
        case Means.SHELL:
            return (SHELL, "-c", action.script, action.id, *(as_text(v) for v in values.values()))
        case Means.ARGV:
            filled = fill_argv(action.argv, values)
            if not filled:
                raise Refused(f"{action.id} has nothing to run")
            if filled[0] != action.argv[0]:
                raise Refused("the program itself may not come from an input")
            return filled


def _runs(plan: Plan) -> str:
    match plan.means:
        case Means.SQL:
            return re.sub(r"\s*\n\s*", "\n", plan.sql.strip())
        case Means.ARGV:
            return shlex.join(plan.argv)
        case Means.SHELL:
            given = [f"${n} = {shlex.quote(value)}" for n, value in enumerate(plan.argv[4:], 1)]
            return "\n".join([f"{SHELL} script:", plan.argv[2].rstrip(), *given])


def _limits(plan: Plan) -> str:
    word = "cancelled" if plan.means is Means.SQL else "stopped"
    goes_on = plan.on_disconnect is OnDisconnect.DETACH and plan.means is not Means.SQL
    return f"{format_duration(plan.timeout_s)}, then {word} · if the line drops: {'it goes on' if goes_on else word}"


def _last(run: Run, now: float | None) -> str:
    at = run.ended_at if run.ended_at is not None else run.started_at
    ago = f"{format_age(now - at)} ago " if now is not None else ""
    again = " — again?" if now is not None and run.outcome is Outcome.OK and now - at < 600 else ""
    return f"{ago}by {run.who}: {run.outcome}" + (f", {run.detail}" if run.detail else "") + again
