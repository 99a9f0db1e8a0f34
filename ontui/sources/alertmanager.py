"""An Alertmanager: the alerts it was told of, whether anybody still tells it, and the silences in it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from ontui.domain.foreign import ForeignAlert, ForeignPhase
from ontui.domain.quantity import format_age
from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.silence import Hits, Matcher, Silence, SilenceFailed
from ontui.domain.sli import Sli
from ontui.domain.source import AlertmanagerSource
from ontui.domain.text import one_line
from ontui.sources.alertmanager_api import AlertmanagerApi, Refused, Reply
from ontui.sources.failed import failed_read
from ontui.sources.foreign_answer import passed_on, silence, silences
from ontui.sources.prometheus_answer import Malformed
from ontui.sources.web import Unanswered

SKEW_S = 5.0
"""Clocks may differ by this much before it is said."""
Outcome = Reply | Unanswered | Refused


class AlertmanagerPoller:
    """Polls one server; `hits`, `silence`, `silence_of` and `end_silence` are for silencing."""

    def __init__(self, source: AlertmanagerSource, slis: Sequence[Sli], now: Callable[[], float]) -> None:
        self.source = source
        self._slis = [sli for sli in slis if sli.source == source.id]
        self._now = now
        self._api = AlertmanagerApi(source)
        self._seen: dict[str, ForeignAlert] = {}
        self._gone: dict[str, ForeignAlert] = {}
        """Alerts that left because nobody renewed them."""

    @property
    def endpoint(self) -> str:
        """Where it is, without secrets."""
        return self.source.address

    async def poll(self) -> Sample:
        """Ask for alerts, silences and the server's own state at once, within one deadline."""
        sent = self._now()
        until = asyncio.get_running_loop().time() + self.source.timeout_s
        wanted = [("filter", text) for text in self.source.filter]
        apart = [("filter", Matcher("alertname", self.source.watchdog).words)]
        alerts, quiet, server, watchdog = await asyncio.gather(
            self._asked("/alerts", until, wanted), self._asked("/silences", until), self._asked("/status", until),
            self._asked("/alerts", until, apart) if self.source.watchdog else _nothing(),
        )  # fmt: skip
        latency_s = self._now() - sent
        if not isinstance(alerts, Reply):
            return failed_read(self.source, self._slis, sent, latency_s, _fault(alerts))
        try:
            listed = passed_on(alerts.document, self.source.id)
        except Malformed as malformed:
            return failed_read(self.source, self._slis, sent, latency_s, Fault(FaultKind.PROTOCOL, str(malformed)))
        skew_s = alerts.date - sent if alerts.date is not None else 0.0   # of a clock in whole seconds
        server_at = sent + (skew_s if abs(skew_s) > SKEW_S else 0.0)
        shown = [self._judged(a, server_at) for a in listed.alerts if a.name != self.source.watchdog]
        known, doubt = self._silences(quiet)
        findings = [
            *self._watched(watchdog, server_at), *self._late(shown, server_at), *_settling(server), *doubt,
            *([f"{listed.unread} alerts could not be read"] if listed.unread else []), *_clock(skew_s, latency_s),
        ]  # fmt: skip
        told = (*shown, *self._left_behind(shown))
        name = _version(server)
        return Sample(
            self.source.id, sent, latency_s, {s.id: _reading(s, shown, sent) for s in self._slis}, server=name,
            identity=name, findings=tuple(findings), foreign=told, silences=known,
        )  # fmt: skip

    async def close(self) -> None:
        """Drop the connections."""
        await self._api.close()

    # ── silencing ──

    async def hits(self, matchers: Sequence[Matcher]) -> Hits:
        """The alerts that the server itself finds for some matchers, silenced or not; raises SilenceFailed."""
        until = asyncio.get_running_loop().time() + self.source.timeout_s
        try:
            reply = await self._api.get("/alerts", until, [("filter", m.words) for m in matchers])
            listed = passed_on(reply.document, self.source.id)
        except (Refused, Unanswered, Malformed) as failure:
            raise _told(failure) from failure
        if listed.unread:
            raise SilenceFailed(f"{listed.unread} of the alerts it would hit could not be read")
        return Hits(listed.alerts, reply.date if reply.date is not None else self._now())

    async def silence(
        self, matchers: Sequence[Matcher], *, starts_at: float, ends_at: float, who: str, comment: str
    ) -> str:
        """Make one, and return its id as the server says it; raises SilenceFailed."""
        body = {
            "matchers": [
                {"name": m.name, "value": m.value, "isRegex": m.is_regex, "isEqual": m.is_equal} for m in matchers
            ],
            "startsAt": _rfc3339(starts_at), "endsAt": _rfc3339(ends_at), "createdBy": who, "comment": comment,
        }  # fmt: skip
        until = asyncio.get_running_loop().time() + self.source.timeout_s
        try:
            reply = await self._api.post("/silences", body, until)
        except (Refused, Unanswered) as failure:
            raise _told(failure, changes=True) from failure
        made = reply.document.get("silenceID") if isinstance(reply.document, dict) else None
        if not isinstance(made, str) or not made:
            raise SilenceFailed("the server named no silence: it may or may not have been made", lost=True)
        return one_line(made, 80)

    async def silence_of(self, id_: str) -> Silence:
        """One silence as the server keeps it now; raises SilenceFailed."""
        until = asyncio.get_running_loop().time() + self.source.timeout_s
        try:
            return silence((await self._api.get(f"/silence/{quote(id_, safe='')}", until)).document)
        except (Refused, Unanswered, Malformed) as failure:
            raise _told(failure) from failure

    async def end_silence(self, id_: str) -> None:
        """End one; raises SilenceFailed, with `ended` where it was over before: a server may end it once more."""
        if (await self.silence_of(id_)).state == "expired":
            raise SilenceFailed("it had already ended", ended=True)
        until = asyncio.get_running_loop().time() + self.source.timeout_s
        try:
            await self._api.delete(f"/silence/{quote(id_, safe='')}", until)
        except (Refused, Unanswered) as failure:
            raise _told(failure, changes=True) from failure

    # ── judging ──

    async def _asked(self, path: str, until: float, query: Sequence[tuple[str, str]] = ()) -> Outcome:
        try:
            return await self._api.get(path, until, query)
        except (Refused, Unanswered) as failure:
            return failure

    def _judged(self, alert: ForeignAlert, server_at: float) -> ForeignAlert:
        age_s = server_at - alert.updated_at if alert.updated_at is not None else 0.0
        return replace(alert, silent=age_s > self.source.silent_after_s)

    def _left_behind(self, shown: Sequence[ForeignAlert]) -> list[ForeignAlert]:
        """Alerts that nobody renewed until they were dropped, for as long as nobody else of their origin speaks."""
        now = {alert.key: alert for alert in shown}
        for key, alert in self._seen.items():
            if key not in now and alert.silent:
                self._gone[key] = replace(alert, phase=ForeignPhase.GONE, why_gone="nobody renewed it")
        spoke = {_origin(alert) for alert in shown if not alert.silent}
        self._gone = {k: a for k, a in self._gone.items() if k not in now and _origin(a) not in spoke}
        self._seen = now
        return list(self._gone.values())

    def _late(self, shown: Sequence[ForeignAlert], server_at: float) -> list[str]:
        late = [alert for alert in shown if alert.silent and alert.updated_at is not None]
        if not late:
            return []
        names = list(dict.fromkeys(alert.name for alert in late))
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        age_s = server_at - max(alert.updated_at or 0.0 for alert in late)
        return [f"source silent: nobody renewed {names[0]}{more} for {format_age(age_s)}"]

    def _watched(self, outcome: Outcome | None, server_at: float) -> list[str]:
        """Whether the alert that must always be there is, and is renewed."""
        name = self.source.watchdog
        if outcome is None:
            return []
        if not isinstance(outcome, Reply):
            return [f"watchdog {name} cannot be looked for: {_fault(outcome).text}"]
        try:
            found = passed_on(outcome.document, self.source.id).alerts
        except Malformed as malformed:
            return [f"watchdog {name} cannot be looked for: {malformed}"]
        if not found:
            return [f"watchdog {name} is missing: alerts may not arrive here"]
        judged = [self._judged(alert, server_at) for alert in found]
        if all(alert.silent for alert in judged):
            age_s = server_at - max(alert.updated_at or 0.0 for alert in judged)
            return [f"source silent: nobody renewed watchdog {name} for {format_age(age_s)}"]
        return []

    def _silences(self, outcome: Outcome) -> tuple[tuple[Silence, ...] | None, list[str]]:
        if not isinstance(outcome, Reply):
            return None, [f"silences cannot be read: {_fault(outcome).text}"]
        try:
            return silences(outcome.document), []
        except Malformed as malformed:
            return None, [f"silences cannot be read: {malformed}"]


async def _nothing() -> None:
    """For what is not asked."""


def _reading(sli: Sli, shown: Sequence[ForeignAlert], at: float) -> Reading:
    match sli.metric:
        case "up":
            return Reading(1.0, at)
        case "alerts":
            return Reading(float(sum(a.phase is ForeignPhase.FIRING for a in shown)), at)
        case "silenced":
            return Reading(float(sum(bool(a.silenced_by) for a in shown)), at)
    return Reading.unknown(at, f"an alertmanager source has no metric {one_line(sli.metric, 40)!r}")


def _fault(failure: Unanswered | Refused) -> Fault:
    """A refusal is about what was asked: the config's filter."""
    return failure.fault if isinstance(failure, Unanswered) else Fault(FaultKind.CONFIG, one_line(str(failure)))


def _told(failure: Refused | Unanswered | Malformed, *, changes: bool = False) -> SilenceFailed:
    """What stands against a silence, for people; one that is not found was over before."""
    if isinstance(failure, Refused):
        ended = failure.status in (404, 500) and "not found" in str(failure).lower()
        return SilenceFailed(str(failure), ended=ended)
    if isinstance(failure, Unanswered):
        lost = changes and failure.fault.kind in (FaultKind.TIMEOUT, FaultKind.LOST)
        return SilenceFailed(failure.fault.text + (": it may or may not have been done" if lost else ""), lost=lost)
    return SilenceFailed(str(failure))


def _settling(outcome: Outcome) -> list[str]:
    document = outcome.document if isinstance(outcome, Reply) else None
    cluster = document.get("cluster") if isinstance(document, dict) else None
    settling = isinstance(cluster, dict) and cluster.get("status") == "settling"
    return ["the cluster is settling: alerts and silences may be missing"] if settling else []


def _version(outcome: Outcome) -> str:
    if not isinstance(outcome, Reply) or not isinstance(outcome.document, dict):
        return ""
    info = outcome.document.get("versionInfo")
    version = one_line(info.get("version", ""), 40) if isinstance(info, dict) else ""
    return f"Alertmanager {version}".strip()


def _clock(skew_s: float, latency_s: float) -> list[str]:
    if abs(skew_s) - latency_s <= SKEW_S:
        return []
    return [f"clock differs by {format_age(abs(skew_s))}: the server is {'ahead' if skew_s > 0 else 'behind'}"]


def _origin(alert: ForeignAlert) -> str:
    """Who evaluates it, as far as its link tells."""
    try:
        return urlsplit(alert.generator_url).netloc
    except ValueError:
        return ""


def _rfc3339(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
