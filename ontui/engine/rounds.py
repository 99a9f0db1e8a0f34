"""Keeps time: opens the sources and asks each of them again and again, also while the config changes under them."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import replace

from ontui.domain.sample import Sample
from ontui.domain.sli import Sli
from ontui.domain.source import Source
from ontui.engine.polling import PollLoop
from ontui.sources.opening import LOOKS_TWICE, open_source
from ontui.sources.poller import Poller

CLOSE_S = 0.25
"""The longest that leaving waits for the sources to close."""
HEAD_START_S = 0.5
"""The longest that opening one source waits for the answer of the one before."""
BREATH_S = 0.06
"""Between an answer and the next import, which slows everything: time to draw the answer."""
ALONE_S = 0.1
"""The longest that one wave is waited for before the next, where each is asked once."""
TIMED = ("latency", "duration")
"""Metrics that are times we take."""

Round = tuple[Source, tuple[Sli, ...]]


class Rounds:
    """The pollers of one engine."""

    def __init__(
        self, now: Callable[[], float], publish: Callable[[Sample], None],
        until_unused: Callable[[Poller], Awaitable[None]], chance: random.Random, *, one_shot: bool,
    ) -> None:  # fmt: skip
        """`until_unused`: waits until no repair is under way on a poller, which then may be closed."""
        self._now, self._publish, self._until_unused = now, publish, until_unused
        self._chance, self._one_shot = chance, one_shot
        self.pollers: dict[str, Poller] = {}
        self._wanted: dict[str, Round] = {}
        self._loops: dict[str, PollLoop] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._group: asyncio.TaskGroup | None = None

    def want(self, sources: Iterable[Source], slis: Iterable[Sli]) -> None:
        """Who is to be asked from now on: those that changed or are gone are closed, and new ones opened."""
        before, all_slis = self._wanted, list(slis)
        self._wanted = {s.id: (s, tuple(sli for sli in all_slis if sli.source == s.id)) for s in sources}
        for id_ in [id_ for id_, was in before.items() if not _is_same(was, self._wanted.get(id_))]:
            self._end(id_)
        if self._group is not None:
            for id_ in self._wanted:
                self._begin(id_, self._group)

    async def once(self, only: Collection[str] | None = None) -> None:
        """Ask each, or only these, a single time.

        Those that answered are folded first: what the others say of themselves is believed because of them.
        """
        twice, alone, rest = ([id_ for id_ in wave if only is None or id_ in only] for wave in self._waves())
        async with asyncio.TaskGroup() as group:
            polls = await self._ask(twice, group)
            for id_ in (*alone, *rest):   # what is imported while a time is taken would be in it
                self._loop(id_)
            for wave in (*([id_] for id_ in alone), rest):
                polls += await self._ask(wave, group)
        samples = [sample for poll in polls if (sample := poll.result())]
        began = min((sample.at for sample in samples), default=0.0)
        for sample in sorted(samples, key=lambda sample: sample.fault is not None):
            # All are asked at once: who answered first was heard since the others fell silent.
            self._publish(replace(sample, at=began) if sample.fault else sample)

    async def begin(self, group: asyncio.TaskGroup) -> None:
        """Ask each from now on, in tasks of the group; their client libraries are imported here, one after another."""
        opened: set[str] = set()
        last: PollLoop | None = None
        self._group = group
        for id_, (source, _) in list(self._wanted.items()):
            if source.type not in opened:
                if last is not None:
                    await self._hear(last)
                # In a thread, and thrown away: only for its imports, beside which the screen goes on.
                await asyncio.to_thread(open_source, source, (), self._now)
            opened.add(source.type)
            if id_ in self._wanted:   # else another config came meanwhile
                self._begin(id_, group)
                last = self._loops[id_]
        if last is not None:
            await self._hear(last)

    def ask_now(self, sources: Iterable[str]) -> None:
        """Ask these at once."""
        for id_ in sources:
            if loop := self._loops.get(id_):
                loop.poll_now()

    async def close(self) -> None:
        """Close everything, promptly."""
        self._group = None
        for task in self._leaving:
            task.cancel()
        closing = [*self._leaving, *(asyncio.create_task(p.close()) for p in self.pollers.values())]
        if closing:
            await asyncio.wait(closing, timeout=CLOSE_S)
        self.pollers.clear()
        self._loops.clear()
        self._tasks.clear()

    def _waves(self) -> tuple[list[str], list[str], list[str]]:
        """Who begins, who is asked alone, and the rest: what looks twice looks again when the others have been asked.

        Beside the beginnings of others, one whose time is taken would seem slow.
        """
        timed = {id_ for id_, (_, slis) in self._wanted.items() if any(sli.metric in TIMED for sli in slis)}
        twice = {id_ for id_, (source, _) in self._wanted.items() if isinstance(source, LOOKS_TWICE)}
        return (
            [id_ for id_ in self._wanted if id_ in twice - timed],
            sorted(timed, key=lambda id_: id_ not in twice),
            [id_ for id_ in self._wanted if id_ not in twice | timed],
        )

    async def _ask(self, ids: Iterable[str], group: asyncio.TaskGroup) -> list[asyncio.Task[Sample | None]]:
        """Ask these together, and give them a little time before others begin."""
        begun = [group.create_task(self._loop(id_).once(), name=f"poll {id_}") for id_ in ids]
        if begun:
            await asyncio.wait(begun, timeout=ALONE_S)
        return begun

    def _begin(self, id_: str, group: asyncio.TaskGroup) -> None:
        if id_ not in self._tasks:
            self._tasks[id_] = group.create_task(self._loop(id_).run(), name=f"poll {id_}")

    def _loop(self, id_: str) -> PollLoop:
        source, slis = self._wanted[id_]
        if id_ not in self._loops:
            self.pollers[id_] = open_source(source, slis, self._now, history_first=self._one_shot)
            self._loops[id_] = PollLoop(self.pollers[id_], self._now, self._publish, self._chance)
        return self._loops[id_]

    def _end(self, id_: str) -> None:
        self._loops.pop(id_, None)
        if task := self._tasks.pop(id_, None):
            task.cancel()
        if poller := self.pollers.pop(id_, None):
            leaving = asyncio.get_running_loop().create_task(self._retire(poller), name=f"close {id_}")
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def _retire(self, poller: Poller) -> None:
        try:
            await self._until_unused(poller)
        finally:
            await poller.close()

    async def _hear(self, loop: PollLoop) -> None:
        """Give a source the time to answer, and its answer to be drawn, before something is imported."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEAD_START_S):
                await loop.answered.wait()
                await asyncio.sleep(BREATH_S)


def _is_same(was: Round, now: Round | None) -> bool:
    """Whether a poller serves as it is: it looks at nothing that only says how an SLI is called, or what to do."""
    return now is not None and was[0] == now[0] and [*map(_asked, was[1])] == [*map(_asked, now[1])]


def _asked(sli: Sli) -> Sli:
    return replace(sli, title="", group="", runbook="", actions=(), links=())
