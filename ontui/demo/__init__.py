"""The embedded world: a small simulated system on real servers, its faults, and what ends it all again."""

from ontui.demo.freight_system import SCENARIOS
from ontui.demo.process import DemoUnavailable, StartFailed
from ontui.demo.world import SYSTEMS, World, open_world

__all__ = ["SCENARIOS", "SYSTEMS", "DemoUnavailable", "StartFailed", "World", "open_world"]
