"""Which lines of a plan are not as they were shown: by what decides what runs, not by its wording."""

from ontui.domain.action import Plan


def _facts(plan: Plan) -> dict[str, object]:
    """By the label of the line that shows it, each part of the plan's digest."""
    return {
        "on": (plan.target, plan.identity, plan.system, plan.environment, plan.source),
        "runs": (plan.action, plan.means, plan.argv, plan.sql),
        "program": (plan.program, plan.program_id),
        "with": plan.parameters,
        "sees": plan.env,
        "in": plan.cwd,
        "hits": plan.targets.digest if plan.targets else "",
        "because": plan.basis,
        "limits": (plan.timeout_s, plan.on_disconnect),
    }


def moved(shown: Plan, again: Plan) -> frozenset[str]:
    """The labels of what changed; an age that went on is no change."""
    before, after = _facts(shown), _facts(again)
    return frozenset(label for label in after if after[label] != before[label])
