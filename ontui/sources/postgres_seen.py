"""What one poll of a server found out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from ontui.domain.status import Status
from ontui.sources.found import Flawed
from ontui.sources.postgres_asks import Activity, Ask, Follower
from ontui.sources.postgres_counters import CounterLog, Window
from ontui.sources.postgres_server import Server

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failed:
    """A question that was not answered."""

    text: str


@dataclass(frozen=True, slots=True)
class Followers:
    """All replicas as their primary sees them."""

    rows: tuple[Follower, ...]
    inactive_slots: int


@dataclass(slots=True)
class Seen:
    """Everything one poll found out; filled while the questions are answered."""

    at: float
    server: Server
    counters: CounterLog
    shut: str = ""
    """Why nobody else gets in, although our own session works."""
    answers: dict[Ask, object] = field(default_factory=dict)
    """A row or rows of the question's kind, or Failed."""
    size_age_s: float = 0.0

    def answer(self, ask: Ask, kind: type[T]) -> T:
        """The answer to a question; raises Flawed when there is none."""
        found = self.answers.get(ask)
        if isinstance(found, kind):
            return found
        raise Flawed(Status.UNKNOWN, found.text if isinstance(found, Failed) else "not asked")

    def all_sessions(self) -> Activity:
        """The session counts, if our role may see everybody's."""
        activity = self.answer(Ask.ACTIVITY, Activity)
        if not self.server.sees_all:
            raise self.no_permission()
        return activity

    def no_permission(self) -> Flawed:
        """What is missing, and how to give it."""
        return Flawed(Status.UNKNOWN, f"no permission: {self.server.cure}")

    def window(self, stretch: Callable[[CounterLog], Window | None] = CounterLog.latest) -> Window:
        """What the database did lately; raises Flawed while that is not known."""
        found = self.answers.get(Ask.COUNTERS)
        if isinstance(found, Failed):
            raise Flawed(Status.UNKNOWN, found.text)
        window = stretch(self.counters)
        if window is None:
            raise Flawed(Status.UNKNOWN, f"collecting: {self.counters.why}", early=True)
        return window
