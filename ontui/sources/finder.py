"""What the SLIs of one source look for in a text: dotted paths here, what may take for ever in a process of its own."""

from collections.abc import Iterable
from typing import cast

from ontui.domain.dotted import is_dotted
from ontui.domain.sli import Sli
from ontui.sources.apart import Apart, NoAnswer
from ontui.sources.extract import Ask, Found, in_document, plain

SHARE = 0.7
"""Of the time there is for a text that the patterns may take; the rest is for the way there and back."""


class Finder:
    """Looks into one text after another."""

    def __init__(self, slis: Iterable[Sli], what: str) -> None:
        """`what`: how the text is called, `output`."""
        asks = {
            sli.id: Ask(json=sli.json_path, regex=sli.regex, match=sli.match, rows=bool(sli.rows), what=what)
            for sli in slis if sli.json_path or sli.regex or sli.match
        }  # fmt: skip
        self._here = {id_: ask for id_, ask in asks.items() if ask["json"] and is_dotted(ask["json"])}
        self._there = {id_: ask for id_, ask in asks.items() if id_ not in self._here}
        self._what = what
        self._apart = Apart("ontui.sources.extract")

    async def begin(self, within_s: float) -> None:
        """Have the process ready by the time the text is there, where one is needed."""
        if self._there:
            await self._apart.begin(within_s)

    async def find(self, text: str, within_s: float) -> dict[str, Found]:
        """What is found, by SLI."""
        found = in_document(plain(text), self._here) if self._here else {}
        if not self._there:
            return found
        try:
            answer = await self._apart.ask((text, self._there, within_s * SHARE), within_s)
            return found | cast("dict[str, Found]", answer)
        except NoAnswer:
            return found | self.wrong(f"it takes too long to look into this {self._what}", self._there)

    def wrong(self, why: str, asks: Iterable[str] = ()) -> dict[str, Found]:
        """The same said of all, or of these."""
        return {id_: Found(wrong=why) for id_ in asks or (*self._here, *self._there)}

    async def close(self) -> None:
        """End the process."""
        await self._apart.close()
