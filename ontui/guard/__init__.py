"""Ends what was started: a program runs under a small process that outlives us and leaves nothing of it behind."""

from ontui.guard.guard import Guard

__all__ = ["Guard"]
