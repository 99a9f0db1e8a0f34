"""Acts: from a plan to a run, and from a run to the verdict whether it helped."""

from ontui.actions.ended import Ended, OnLine
from ontui.actions.fill import Value, check_inputs
from ontui.actions.lock import Lock
from ontui.actions.plan import check_confirmation, check_program, describe, plan_action, preview_query
from ontui.actions.preview import preview
from ontui.actions.process import ProcessRun
from ontui.actions.report import as_ended, end_file, left_end
from ontui.actions.sql import Execute, run_sql
from ontui.actions.verify import Watch

__all__ = [
    "Ended",
    "Execute",
    "Lock",
    "OnLine",
    "ProcessRun",
    "Value",
    "Watch",
    "as_ended",
    "check_confirmation",
    "check_inputs",
    "check_program",
    "describe",
    "end_file",
    "left_end",
    "plan_action",
    "preview",
    "preview_query",
    "run_sql",
]
