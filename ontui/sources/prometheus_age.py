"""How old the data behind a query is: Prometheus' answers always look fresh, whatever they are made of."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ontui.domain.condition import Kind
from ontui.domain.quantity import format_age
from ontui.domain.sample import Reading
from ontui.domain.sli import STALE_FLOOR_S, Sli
from ontui.domain.source import PrometheusSource
from ontui.domain.status import Status
from ontui.domain.text import one_line
from ontui.sources.prometheus_api import PrometheusApi, Rejected, ask
from ontui.sources.prometheus_feeding import STAMPS, Behind, Stamps, by_job, ending, feeding, within
from ontui.sources.promql import Reads, reads, seconds
from ontui.sources.web import Unanswered

LEAST_BACK_S = 3600.0
"""The least that is looked back for the end of a series."""
LOOKBACK_S = 300.0
"""How far back Prometheus goes for a current value; a target that fell silent since may still feed a query."""
ASSUMED_SCRAPE_S = 60.0
"""The scrape interval of what `/api/v1/targets` does not name: recorded, pushed, or not ours to see."""
_OWN = ("up", "scrape_", "ALERTS")
"""Series that the server itself writes, about a dead target too."""


@dataclass(slots=True)
class DataAge:
    """Asks, beside the values, for the age of what they are made of, and judges the readings by it."""

    source: PrometheusSource
    slis: Sequence[Sli]
    scrapes: Mapping[str, float] = field(default_factory=dict)
    """The longest scrape interval of each job, in seconds."""
    findings: tuple[str, ...] = ()
    """Why ages cannot be told, if so."""
    _reads: dict[str, Reads] = field(default_factory=dict)
    _windows: dict[str, float] = field(default_factory=dict)
    _behind: dict[str, Behind] = field(default_factory=dict)
    _form: dict[str, int] = field(default_factory=dict)
    _back: dict[str, float] = field(default_factory=dict)
    """How far back to look for the end of a series, once, where an alert is about the age of data."""
    _over: dict[str, float] = field(default_factory=dict)
    """How far back queries look on purpose, by selector: what ended within that is still in their values."""
    _endless: set[str] = field(default_factory=set)
    """Selectors of which the server does not tell when they ended."""
    _refused: dict[str, int] = field(default_factory=dict)
    """How many ways of asking for what feeds a selector the server has refused."""
    _blind: set[str] = field(default_factory=set)
    """Selectors of which the server cannot tell what feeds them."""

    def __post_init__(self) -> None:
        for sli in self.slis:
            found = reads(sli.query)
            if sli.freshness:
                found = replace(found, selectors=(sli.freshness,), about_absence=False, needs_current=True)
            if not sli.query or found.about_absence:
                continue
            self._reads[sli.id] = found
            back_s = max((2 * limit_s for limit_s in _limits_s(sli)), default=0.0)
            for selector in found.selectors:
                self._windows[selector] = max(LOOKBACK_S, found.window_s, self._windows.get(selector, 0.0))
                if _looks_back(sli):
                    self._over[selector] = max(found.window_s, self._over.get(selector, 0.0))
                if back_s:
                    self._back[selector] = max(LEAST_BACK_S, back_s, self._back.get(selector, 0.0))

    async def look(self, api: PrometheusApi, until: float) -> None:
        """Ask once about every selector; what is not answered keeps the age it had, and grows older."""
        if not self._windows:
            return
        counting = asyncio.ensure_future(self._down(api, until))
        try:
            await asyncio.gather(*(self._look(api, selector, counting, until) for selector in self._windows))
            down = await counting
        finally:
            counting.cancel()
        self.findings = self._found(down)

    def judged(self, sli: Sli, reading: Reading, server_at: float | None) -> Reading:
        """The reading with what the age of its data and the health of its targets say about it."""
        found = self._reads.get(sli.id)
        if found is None or server_at is None or reading.flaw is Status.UNKNOWN:
            return _ageless(sli, reading)
        behind = [self._behind.get(selector, Behind()) for selector in found.selectors]
        reading = _aged(sli, reading, behind, server_at)
        dead = max((b.targets for b in behind if 0 < b.targets == b.down), default=0)
        dead_words = "target down" if dead == 1 else f"all {dead} targets down"
        if reading.value is None:
            return replace(reading, reason=f"{reading.reason}: {dead_words}") if dead else reading
        if dead:
            return _stale(reading, dead_words)
        meant = sli.empty is not None and not reading.rows   # the config says what it means that there are none
        if found.needs_current and not meant and behind and all(b.stamps == () for b in behind):
            ended = "freshness finds no series" if sli.freshness else "no current data: its series have ended"
            return _stale(reading, ended)
        if _looks_back(sli) and behind and all(b.stamps == () for b in behind):
            behind = [replace(b, stamps=within(b.left, server_at - found.window_s)) for b in behind]
        caveats = [reading.caveat] if reading.caveat else []
        if sli.freshness and behind[0].stamps is None:
            caveats.append("its freshness cannot be checked")
        for b in behind:
            old = [server_at - at for job, at in b.stamps or () if server_at - at > self._limit_s(job)]
            if old and len(old) == len(b.stamps or ()):
                return _stale(reading, f"data is {format_age(min(old))} old")
            if old:
                caveats.append(f"{len(old)} of {len(b.stamps or ())} targets send no new data")
            if b.down:
                caveats.append(f"{b.down} of {b.targets} targets down")
            if _looks_back(sli) and b.stamps == ():   # beside a part that is current
                parts = [server_at - at for _, at in within(b.left, server_at - found.window_s)]
                caveats += [f"a part of its data is {format_age(min(parts))} old"] if parts else []
        return replace(reading, caveat="; ".join(dict.fromkeys(caveats)))

    def learn_targets(self, data: object) -> None:
        """Take the scrape intervals from the `data` of `/api/v1/targets`."""
        active = data.get("activeTargets") if isinstance(data, dict) else None
        longest: dict[str, float] = {}
        for target in active if isinstance(active, list) else []:
            labels = target.get("labels") if isinstance(target, dict) else None
            job = one_line(labels.get("job", "")) if isinstance(labels, dict) else ""
            interval_s = seconds(str(target.get("scrapeInterval", ""))) if isinstance(target, dict) else 0.0
            if interval_s > 0:
                longest[job] = max(interval_s, longest.get(job, 0.0))
        self.scrapes = longest or self.scrapes
        self._endless.clear()  # another server may stand there now
        self._refused.clear()
        self._blind.clear()

    def unlearn(self) -> None:
        """What was refused was so for no reason of its own: ask again in the best form."""
        self._form.clear()
        self._endless.clear()
        self._refused.clear()
        self._blind.clear()
        self.findings = ()

    def _limit_s(self, job: str) -> float:
        if self.source.stale_after_s is not None:
            return self.source.stale_after_s
        return max(3 * self.source.interval_s, 3 * self.scrapes.get(job, ASSUMED_SCRAPE_S), STALE_FLOOR_S)

    async def _down(self, api: PrometheusApi, until: float) -> int:
        """How many targets of the server are down; cheap, and nothing more is asked while it is none."""
        try:
            answer = await ask(api, "count(up == 0)", until)
        except (Unanswered, Rejected):
            return 0
        count = answer.series[0].value if answer.series else None
        return int(count) if count is not None and math.isfinite(count) else 0

    async def _look(self, api: PrometheusApi, selector: str, counting: "asyncio.Future[int]", until: float) -> None:
        known = self._behind.get(selector, Behind())
        stamps = await self._stamps(api, selector, until)
        targets, down = 0, 0
        if await counting and selector not in self._blind and not selector.startswith(_OWN):
            targets, down = await self._fed_by(api, selector, until) or (known.targets, known.down)
        newest = max((at for _, at in stamps), default=known.newest) if stamps is not None else known.newest
        left = known.left if stamps is None else () if stamps else await self._left(api, selector, known, until)
        newest = max((at for _, at in left), default=newest)
        if newest is None and stamps == () and (back_s := self._back.pop(selector, 0.0)):
            newest = max((at for _, at in await self._ended(api, selector, back_s, until) or ()), default=None)
        self._behind[selector] = Behind(known.stamps if stamps is None else stamps, left, newest, targets, down)

    async def _left(self, api: PrometheusApi, selector: str, known: Behind, until: float) -> Stamps:
        """When what a query still looks back on ended: asked until it is told, for it does not change."""
        if (known.stamps == () and known.left) or selector not in self._over:
            return known.left
        seen = known.left or known.stamps or ()
        if selector in self._endless:
            return seen
        told = await self._ended(api, selector, self._over[selector], until)
        if told is None:
            self._endless.add(selector)
        return max(told or (), seen, key=lambda stamps: max((at for _, at in stamps), default=0.0))

    async def _ended(self, api: PrometheusApi, selector: str, back_s: float, until: float) -> Stamps | None:
        """Job and newest sample of each series that has ended, if it did not end long ago; None: not told."""
        try:
            return by_job(await ask(api, ending(selector, back_s), until))
        except (Rejected, Unanswered):
            return None

    async def _stamps(self, api: PrometheusApi, selector: str, until: float) -> Stamps | None:
        form = self._form.get(selector, 0)
        while form < len(STAMPS):
            try:
                answer = await ask(api, STAMPS[form].format(selector), until)
            except Rejected:
                form = self._form[selector] = form + 1
            except Unanswered:
                return None
            else:
                return by_job(answer)
        return None

    async def _fed_by(self, api: PrometheusApi, selector: str, until: float) -> tuple[int, int] | None:
        """How many targets feed a selector, and how many of them are down; None when the server does not answer."""
        forms = feeding(selector, int(self._windows[selector]))
        for n in range(self._refused.get(selector, 0), len(forms)):
            try:
                answer = await ask(api, forms[n], until)
            except Rejected:
                self._refused[selector] = n + 1
            except Unanswered:
                return None
            else:
                return len(answer.series), sum(1 for s in answer.series if s.value == 0)
        self._blind.add(selector)
        return 0, 0

    def _found(self, down: int) -> tuple[str, ...]:
        refused = [selector for selector, form in self._form.items() if form >= len(STAMPS)]
        found = []
        if refused and len(refused) == len(self._windows):
            found.append("data age cannot be checked: the server lacks timestamp()")
        else:
            found += [f"the age of {one_line(selector, 60)} cannot be checked" for selector in refused[:3]]
        if down and self._blind:
            noun = "target is" if down == 1 else "targets are"
            of_all = len(self._blind) == len(self._windows)
            which = "which numbers they feed" if of_all else "whether they feed some numbers"
            found.append(f"{down} {noun} down, and the server cannot tell {which}")
        return tuple(found)


def _looks_back(sli: Sli) -> bool:
    """Its value is made of what may have ended meanwhile."""
    return "_over_time" in sli.query and not sli.freshness


def _limits_s(sli: Sli) -> list[float]:
    """The ages that alerts of an SLI are about."""
    return [rule.condition.limit for rule in sli.alerts if rule.condition.kind is Kind.OLDER]


def _aged(sli: Sli, reading: Reading, behind: Sequence[Behind], server_at: float) -> Reading:
    """With the age of its oldest part."""
    ages = [max(0.0, server_at - b.newest) for b in behind if b.newest is not None]
    return replace(reading, data_age_s=max(ages)) if ages else _ageless(sli, reading)


def _ageless(sli: Sli, reading: Reading) -> Reading:
    """An alert about age that cannot be judged is said."""
    if reading.flaw is not None or not _limits_s(sli):
        return reading
    return replace(reading, caveat="; ".join(filter(None, (reading.caveat, "the age of its data is not known"))))


def _stale(reading: Reading, reason: str) -> Reading:
    return replace(reading, flaw=Status.STALE, reason=reason)
