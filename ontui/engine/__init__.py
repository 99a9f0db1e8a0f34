"""Keeps time: polls sources, folds samples and events into the state, carries plans out."""

from ontui.engine.clock import SteadyClock
from ontui.engine.engine import Engine
from ontui.engine.execution import Execution

__all__ = ["Engine", "Execution", "SteadyClock"]
