"""Acts: from a plan to a run, and from a run to the verdict whether it helped."""

from ontui.actions.fill import Value, check_inputs
from ontui.actions.plan import check_confirmation, describe, plan_action, preview_query
from ontui.actions.preview import preview

__all__ = [
    "Value",
    "check_confirmation",
    "check_inputs",
    "describe",
    "plan_action",
    "preview",
    "preview_query",
]
