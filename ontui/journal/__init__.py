"""Remembers: events, appended once, chained by hash, durable when `append` returns."""

from ontui.journal.file import JournalError
from ontui.journal.line import format_line
from ontui.journal.store import Broken, Journal

__all__ = ["Broken", "Journal", "JournalError", "format_line"]
