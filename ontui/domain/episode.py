"""What the record says was firing when ontui last looked: a restart is a gap, and a gap ends no alert."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ontui.domain.alert import Alert, Phase
from ontui.domain.event import Event, EventKind

TOLERATED_S = 3600.0
"""A longer time without a word is no gap: what fires then began then, as far as anybody knows. As in Prometheus."""


@dataclass(frozen=True, slots=True)
class Episodes:
    """Alerts that fire by the record, and until when it was kept."""

    firing: Mapping[str, float] = field(default_factory=dict)
    """Since when, by alert key."""
    kept_until: float = float("-inf")

    def after(self, event: Event) -> "Episodes":
        """With one more line of the record."""
        if event.kind is EventKind.STARTED:   # says nothing of the time before
            return self
        kept_until = max(self.kept_until, event.at)
        if event.kind is not EventKind.ALERT:
            return replace(self, kept_until=kept_until)
        firing = {key: since for key, since in self.firing.items() if key != event.subject}
        since = event.data.get("since")
        if event.data.get("phase") == Phase.FIRING and isinstance(since, int | float):
            firing[event.subject] = float(since)
        return Episodes(firing, kept_until)

    def carried_on(self, judged: Alert, before: Alert) -> Alert:
        """An alert that is bad when it is first looked at goes on firing, if the record left it so not long ago."""
        since = self.firing.get(judged.rule.key)
        if since is None or before.seen_at is not None or judged.seen_at is None or not judged.streaks:
            return judged
        if judged.seen_at - self.kept_until > TOLERATED_S or (judged.since is not None and judged.since < since):
            return judged
        streaks = {name: replace(streak, fired=True) for name, streak in judged.streaks.items()}
        return replace(judged, phase=Phase.FIRING, since=since, streaks=streaks)
