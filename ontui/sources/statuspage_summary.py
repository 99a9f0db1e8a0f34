"""A vendor's summary.json (Atlassian Statuspage, api/v2) → what it says; every field of it may be missing or odd."""

import difflib
import json
import operator
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ontui.domain.text import clean, one_line

SUMMARY = "/api/v2/summary.json"
INDICATORS = {"none": 0.0, "maintenance": 1.0, "minor": 2.0, "major": 3.0, "critical": 4.0}
"""How bad the page as a whole is, in the unit `vendor`."""
STATES = {
    "operational": 0.0, "under_maintenance": 1.0, "degraded_performance": 2.0, "partial_outage": 3.0,
    "major_outage": 4.0,
}  # fmt: skip
"""The same of a component."""
OVER = ("resolved", "postmortem", "completed")
NAME_CHARS = 120
MOST_LINES = 20
RAW_CHARS = 2000


class NotASummary(Exception):
    """An answer that is no summary; the message is for people."""


@dataclass(frozen=True, slots=True)
class Component:
    """One part of what the vendor runs; all texts are harmless lines."""

    name: str
    group: str
    said: str
    """Its state as the vendor writes it."""
    level: float | None
    """The same in the unit `vendor`; None for a word nobody knows."""
    raw: str

    @property
    def long_name(self) -> str:
        """With the group it belongs to."""
        return f"{self.group}: {self.name}" if self.group else self.name


@dataclass(frozen=True, slots=True)
class Summary:
    """What the page says of the vendor."""

    page: str
    said: str
    """The description, or else the indicator."""
    level: float | None
    """The indicator in the unit `vendor`; None where it is missing or unknown."""
    indicator: str
    components: tuple[Component, ...]
    """Without groups, which only sum up."""
    incidents: tuple[str, ...]
    """Those that are not over: what, how bad, and how far they are with it."""
    raw: str
    """Its status as it came."""
    raw_incidents: str
    """Every incident as it came, a line each."""

    def rows(self) -> list[tuple[str, Component]]:
        """Each component with a name of its own: with its group, and a number, where that is needed."""
        short, long = Counter(c.name for c in self.components), Counter(c.long_name for c in self.components)
        named, seen = [], Counter[str]()
        for component in self.components:
            name = component.name if short[component.name] == 1 else component.long_name
            seen[name] += 1
            named.append((name if long[component.long_name] == 1 else f"{name} ({seen[name]})", component))
        return named

    def find(self, wanted: str) -> Component | str:
        """The component of a name, exact or else whatever its case; where there is not just one, why."""
        asked = one_line(wanted, NAME_CHARS)
        for same in (str, str.casefold):
            for name_of in (operator.attrgetter("long_name"), operator.attrgetter("name")):
                found = [c for c in self.components if same(name_of(c)) == same(asked)]
                if len(found) == 1:
                    return found[0]
                if found:
                    apart = list(dict.fromkeys(c.long_name for c in found))
                    how = f": say {_quoted(apart)}" if len(apart) > 1 else ""
                    return f"{len(found)} components are called {asked!r}{how}"
        return f"the vendor has no component {asked!r}{self._near(asked)}"

    def _near(self, wanted: str) -> str:
        names = [c.name for c in self.components]
        holding = [name for name in names if wanted.casefold() in name.casefold()]
        close = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
        near = list(dict.fromkeys([*holding, *close]))[:3] or names[:3]
        return f"; it has {_quoted(near)}" if near else ""


def summary_url(url: str) -> str:
    """Where the summary is, given the address of the page."""
    parts = urlsplit(url)
    if parts.path.endswith(".json"):
        return url
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + SUMMARY))


def read_summary(body: bytes) -> Summary:
    """Take of a document what is there; raises NotASummary for what is no summary at all."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise NotASummary("answered HTML instead of JSON (a login page?)")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise NotASummary("answered no valid JSON") from None
    if not isinstance(document, dict) or not {"page", "status", "components"} & set(document):
        raise NotASummary("answered JSON that is no summary of a status page")
    status, incidents = _object(document.get("status")), _objects(document.get("incidents"))
    indicator = _text(status.get("indicator"))
    return Summary(
        page=_text(_object(document.get("page")).get("name")),
        said=_text(status.get("description")) or indicator,
        level=INDICATORS.get(indicator),
        indicator=indicator,
        components=tuple(_components(_objects(document.get("components")))),
        incidents=tuple(_incidents(incidents)),
        raw=_raw([status]),
        raw_incidents=_raw(incidents),
    )


def _components(found: Sequence[Mapping[str, object]]) -> Iterator[Component]:
    groups = {str(c.get("id")): _text(c.get("name")) for c in found if c.get("group") is True}
    for each in found:
        if each.get("group") is True:
            continue
        said, group = _text(each.get("status")), each.get("group_id")
        yield Component(
            name=_text(each.get("name")) or "(no name)",
            group=groups.get(group, "") if isinstance(group, str) else "",
            said=said.replace("_", " ") or "nothing",
            level=STATES.get(said),
            raw=_raw([each]),
        )


def _incidents(found: Sequence[Mapping[str, object]]) -> Iterator[str]:
    for each in found:
        state = _text(each.get("status"))
        if state not in OVER:
            told = ", ".join(filter(None, (_text(each.get("impact")), state)))
            yield (_text(each.get("name")) or "(no name)") + (f" ({told})" if told else "")


def _object(found: object) -> Mapping[str, object]:
    return found if isinstance(found, dict) else {}


def _objects(found: object) -> list[Mapping[str, object]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(found: object) -> str:
    return one_line(found, NAME_CHARS) if isinstance(found, str) else ""


def _raw(found: Sequence[Mapping[str, object]]) -> str:
    lines = [json.dumps(each, ensure_ascii=False) for each in found[:MOST_LINES]]
    return clean("\n".join(lines), RAW_CHARS)


def _quoted(names: Sequence[str]) -> str:
    return " or ".join(repr(name) for name in names[:3])
