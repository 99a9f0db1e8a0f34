"""All that is known of an alert of others, or of many of one name."""

from collections.abc import Callable, Mapping

from ontui.domain.crowd import Crowd, Other
from ontui.domain.silence import Silence
from ontui.domain.state import State
from ontui.ui import fit, others, promise
from ontui.ui import format as words
from ontui.ui.widgets.lines import Line, Piece, Row
from ontui.ui.widgets.reading import Reading

_LABEL = 13
MOST_MEMBERS = 300
SHOWN_APART = ("summary", "description", "runbook", "runbook_url")
"""Annotations that have a line of their own."""


def facts(state: State, crowd: Crowd, now: float, page: str, room: int) -> list[Row]:
    """Line by line; what can be opened has a key."""
    return _Facts(room).of(state, crowd, now, page)


class _Facts:
    """Collects labelled lines for a width."""

    def __init__(self, room: int) -> None:
        self.room, self.rows = room, list[Row]()

    def of(self, state: State, crowd: Crowd, now: float, page: str) -> list[Row]:
        first, alert = crowd.first, crowd.first.alert
        one = len(crowd.members) == 1
        self.fact("state", others.life(first, now), others.style(first))
        if first.severity.name.casefold() != alert.severity_word.casefold():
            self.fact("severity", f"{first.severity.name}, said to be {alert.severity_word or 'of no severity'}")
        if one and alert.since is not None:
            self.fact("since", f"{words.clock(alert.since)} · {words.ago(min(alert.since, now), now)}")
        self.fact("told by", others.sources(crowd).removeprefix("from "))
        who, tone = promise.others_owner(state, crowd, now)
        taken = others.taken_words(state, crowd, now)
        self.fact("taken by", taken, "value")
        self.fact("promised", who if who != taken else "", tone)
        if one:
            self.fact("value", others.value(alert), "value")
        for text in ("summary", "description") if one else ():
            self.fact(text, alert.annotations.get(text, ""), "value", most=12)
        self.silence(first.silences)
        if first.alert.inhibited:
            self.fact("inhibited", "another alert keeps it quiet")
        self.fact("page", page, "accent", key="page:" if page else "")
        self.fact("runbook", alert.runbook if alert.runbook != page else "", "link", key=f"link:{alert.runbook}")
        common = {m.name: m.value for m in crowd.matchers}
        self.table("labels" if one else "all have", alert.labels if one else common)
        if one:
            rest = {k: v for k, v in alert.annotations.items() if k not in SHOWN_APART}
            self.table("notes", rest)
            self.fact("generator", alert.generator_url, "link", key=f"link:{alert.generator_url}")
        else:
            self.members(crowd.members, set(common), now)
        return self.rows

    def fact(self, label: str, text: str, style: str = "plain", *, key: str = "", most: int = 6) -> None:
        if not text:
            return
        for number, part in enumerate(fit.wrap(text, self.room - _LABEL - 3, most)):
            head: Piece = (" " + fit.left(label if number == 0 else "", _LABEL), "quiet")
            self.rows.append(Row((head, (part, style)), key))

    def table(self, label: str, pairs: Mapping[str, str]) -> None:
        """A name and a value a line."""
        wide = min(20, max(map(fit.width, pairs), default=0))
        for number, (name, value) in enumerate(pairs.items()):
            head: Line = ((" " + fit.left(label if number == 0 else "", _LABEL), "quiet"),
                          (fit.left(name, wide) + "  ", "quiet"))   # fmt: skip
            shown = fit.cut(value.replace("\n", " "), self.room - _LABEL - wide - 5)
            self.rows.append(Row((*head, (shown, "plain"))))

    def silence(self, silences: tuple[Silence, ...]) -> None:
        """Who silenced it, why, and until when."""
        for number, silence in enumerate(silences):
            text = f"until {others.until(silence)} by {silence.created_by}: {silence.comment}"
            self.fact("silenced" if number == 0 else "", text, most=3)

    def members(self, members: tuple[Other, ...], common: set[str], now: float) -> None:
        """Each of many by what only it has."""
        for number, member in enumerate(members[:MOST_MEMBERS]):
            alert = member.alert
            own = ", ".join(f"{name}={value}" for name, value in alert.labels.items() if name not in common)
            head: Piece = (" " + fit.left(f"{len(members)} alerts" if number == 0 else "", _LABEL), "quiet")
            life = others.life(member, now)
            text = fit.left(own or others.own_labels(alert), max(10, self.room - _LABEL - fit.width(life) - 6))
            self.rows.append(Row((head, (text, "plain"), ("  ", "plain"), (life, others.style(member))), alert.key))
        if (rest := len(members) - MOST_MEMBERS) > 0:
            self.rows.append(Row(((f" {' ' * _LABEL}and {rest} more", "quiet"),)))


class OtherSheet(Reading):
    """The facts, and what can be opened from them."""

    def __init__(self) -> None:
        super().__init__(id="sheet")
        self.draw: Callable[[int], list[Row]] | None = None

    def show(self, draw: Callable[[int], list[Row]]) -> None:
        """Draw what changed."""
        self.draw = draw
        self.paint()

    def rows(self, room: int) -> list[Row]:
        """For the width at hand."""
        return self.draw(room) if self.draw is not None else []
