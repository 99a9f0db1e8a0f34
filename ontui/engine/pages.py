"""The runbook pages beside what is watched: read late, so that they hold up no number, and never needed to watch."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ontui.domain.alert import Alert
from ontui.domain.foreign import ForeignAlert
from ontui.domain.sli import Sli

if TYPE_CHECKING:  # the Markdown parser is imported when a page is first wanted
    from ontui.runbooks.library import Library
    from ontui.runbooks.place import Place


class Pages:
    """Reads the folder once, and finds the place for an alert or SLI."""

    def __init__(
        self, read: Callable[[], "Library | None"], named: Sequence[str], warn: Callable[[str], None]
    ) -> None:
        """`named`: the pages that the config names; `warn` is told what is not as it should be."""
        self._read, self._named, self._tell = read, named, warn
        self._is_open = False
        self.told: tuple[str, ...] = ()
        """What was not as it should be."""
        self._library: Library | None = None
        self._places: dict[tuple[str, ...], Place | None] = {}
        """Of alerts of others: looked up once, for there may be hundreds on the board."""

    @property
    def library(self) -> "Library | None":
        """The pages, read when first asked for; None where the config names none."""
        if not self._is_open:
            self.open()
        return self._library

    def instead_of(self, before: "Pages") -> None:
        """Take the place of other pages: as open as those were."""
        if before._is_open:
            self.open()

    def _warn(self, text: str) -> None:
        self.told = (*self.told, text)
        self._tell(text)

    def open(self) -> None:
        """Read the folder; what cannot be read, and what is named and not there, is told."""
        from ontui.runbooks.place import RunbookError

        self._is_open = True
        try:
            self._library = self._read()
        except RunbookError as error:
            self._warn(f"the runbooks cannot be read: {error}")
        if self._library is not None and (lost := [*self._library.lost(self._named).values()]):
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            self._warn(f"{lost[0]}{more}: ontui check says where")

    def place_for(self, *, alert: Alert | None, sli: Sli) -> "Place | None":
        """What the config names, else a page or heading named alike; None while nothing has been read."""
        if not self._is_open or self._library is None:
            return None
        from ontui.runbooks.place import RunbookError

        for ref in filter(None, (alert.rule.runbook if alert else "", sli.runbook, *(r.runbook for r in sli.alerts))):
            with contextlib.suppress(RunbookError):
                return self._library.find(ref)
        names = [alert.rule.name] if alert else [r.name for r in sli.alerts]
        for name in (*names, sli.title):
            if place := self._library.match(name, sli.title, sli.group):
                return place
        return None

    def place_of(self, alert: ForeignAlert) -> "Place | None":
        """What an alert of others names, as a page of ours or by the end of its address, else what is named alike."""
        if not self._is_open or self._library is None:
            return None
        question = (alert.name, *filter(None, map(alert.annotations.get, ("runbook", "runbook_url"))))
        if question not in self._places:
            self._places[question] = self._place_of(self._library, *question)
        return self._places[question]

    def _place_of(self, library: "Library", name: str, *named: str) -> "Place | None":
        from ontui.runbooks.place import RunbookError

        for ref in _refs(named):
            with contextlib.suppress(RunbookError):
                return library.find(ref)
        return next(filter(None, map(library.match, [name, *_refs(named)])), None)


def _refs(addresses: Sequence[str]) -> Iterator[str]:
    """`https://wiki/runbooks/latency.html#redis` → `latency#redis`, `latency`, `redis`."""
    for named in addresses:
        try:
            address = urlsplit(named)
        except ValueError:
            continue
        if not address.scheme:
            yield named
        page = unquote(address.path.rstrip("/").rpartition("/")[2]).removesuffix(".html")
        if page and address.fragment:
            yield f"{page}#{address.fragment}"
        yield from filter(None, (page, unquote(address.fragment)))
