"""A run in words: how far it is, how it ended, and whether it helped."""

from ontui.domain.action import Danger, Effect, Outcome
from ontui.domain.quantity import format_age, format_duration
from ontui.domain.state import State
from ontui.ui import format as words
from ontui.ui.desk import Execution
from ontui.ui.widgets.frame import Said
from ontui.ui.widgets.lines import Line

_GLYPHS = {Outcome.OK: ("✓", "ok"), Outcome.KILLED: ("◆", "warning"), Outcome.SIGNALLED: ("◆", "warning")}
_EFFECTS = {Effect.RECOVERED: ("✓", "ok"), Effect.NO_EFFECT: ("▲", "critical"), Effect.CANNOT_TELL: ("?", "warning")}


def ended_line(execution: Execution) -> Line:
    """`✓ ok: exit 0, after 1.2 s`."""
    run = execution.run
    glyph, style = _GLYPHS.get(run.outcome, ("▲", "critical"))
    took = format_duration(run.ended_at - run.started_at) if run.ended_at is not None else ""
    detail = f": {run.detail}" if run.detail else ""
    return ((f"  {glyph} {run.outcome}", style), (detail, "value"), (f"  after {took}" if took else "", "quiet"))


def watch_line(execution: Execution, state: State, now: float) -> Line:
    """The value of the watched indicator while the verdict is not in."""
    verify = execution.plan.verify
    if verify is None or verify.sli not in state.indicators or execution.run.ended_at is None:
        return ()
    standing = state.standing(verify.sli, now)
    title = state.system.slis[verify.sli].title
    passed = f"{words.minutes(now - execution.run.ended_at)} of {words.minutes(verify.within_s)}"
    return (
        ("  ▸ ", "accent"), (f"watching {title}: ", "plain"),
        (words.value_words(standing), "strong" if standing.fresh else "stale"), (f"   {passed}", "quiet"),
    )  # fmt: skip


def progress(execution: Execution, state: State, now: float, *, note: str) -> Said:
    """The lower part of the frame from the start of a run on."""
    run, verdict = execution.run, execution.verdict
    back = ("esc", "leaves it running" if run.outcome is Outcome.RUNNING else "back")
    if run.outcome is Outcome.RUNNING:
        elapsed = f"{words.minutes(now - run.started_at)} of {words.minutes(run.timeout_s)}"
        going: Line = (("  ▸ running  ", "accent"), (elapsed, "strong"), (f"   {note}" if note else "", "warning"))
        return Said((going,), (("s", "stops it"), ("↑↓", "scroll"), back))
    lines = [ended_line(execution)]
    if verdict is not None:
        glyph, style = _EFFECTS[verdict.effect]
        title = state.system.slis[verdict.sli].title if verdict.sli in state.system.slis else verdict.sli
        lines.append(((f"  {glyph} ", style), (verdict.words(title), "strong" if style == "ok" else style)))
    elif execution.watching:
        lines.append(watch_line(execution, state, now))
    elif execution.plan.verify is None and execution.plan.danger is not Danger.READ:
        lines.append((("  nothing is configured to tell whether it helped (verify:)", "quiet"),))
    if run.ended_at is not None and now - run.ended_at > 60:
        lines[0] = (*lines[0], (f"  {format_age(now - run.ended_at)} ago", "quiet"))
    return Said(tuple(line for line in lines if line), (("↑↓", "scroll"), back))
