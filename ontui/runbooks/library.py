"""All pages of a folder, read once and kept: what is shown, matched or searched later is what was loaded."""

import os
import posixpath
import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from ontui.domain.text import one_line
from ontui.runbooks.decode import decode, is_binary
from ontui.runbooks.folder import Found, read_folder
from ontui.runbooks.match import Named, match, names_in
from ontui.runbooks.page import Heading, Page, parse_page
from ontui.runbooks.place import Place, RunbookError, place_of
from ontui.runbooks.search import Hit, search
from ontui.runbooks.slug import loose, slugify

__all__ = ["Hit", "Library", "Place", "RunbookError"]

_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_FRONT_PAGES = ("README.md", "index.md", "_index.md")


class Library:
    """The pages of one folder; each is cut into sections when first asked for, so that a large folder opens at once."""

    def __init__(self, pages: Iterable[Page | Found], problems: Iterable[str] = (), root: str = "") -> None:
        self._shelf: dict[str, Page | Found] = {page.name: page for page in pages}
        self.names = tuple(self._shelf)
        """Of all pages, sorted when loaded."""
        self.problems = tuple(problems)
        """What was left out or is doubtful, a line each."""
        self.root = root
        """Where it was read, for messages."""
        self._folded = {name.casefold(): name for name in reversed(self.names)}
        self._matched: dict[tuple[str, ...], Place | None] = {}

    @classmethod
    def load(cls, root: Path) -> "Library":
        """Read every page below a folder; a folder that is not there is an error, a bad file is a problem."""
        shown = one_line(root, 500)
        try:
            os.scandir(root).close()
        except OSError as error:
            reason = (error.strerror or "input/output error").lower()
            raise RunbookError(f"runbook folder {shown} cannot be read: {reason}") from error
        found, problems = read_folder(root)
        readable = [file for file in found if _is_readable(file, problems)]
        if not readable:
            problems.append(f"no Markdown page (*.md) in {shown}")
        return cls(readable, problems, shown)

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """All pages, cut into sections, in the order of their names."""
        return tuple(self._page(name) for name in self.names)

    def find(self, ref: str) -> Place:
        """The place of `page.md#section`, `page#section` or `page`; anchors as on GitHub, whatever the case."""
        name, _, anchor = ref.strip().partition("#")
        if _SCHEME.match(name):
            raise RunbookError(f'"{one_line(ref)}" is a web address, not a page of the runbook folder')
        if not name:
            raise RunbookError(f'"{one_line(ref)}" names no page: write page.md#section')
        return self._place(self._page_named(unquote(name)), unquote(anchor))

    def lost(self, refs: Iterable[str]) -> dict[str, str]:
        """Why a reference leads nowhere, of those that do not lead anywhere."""
        why = {}
        for ref in refs:
            try:
                self.find(ref)
            except RunbookError as error:
                why[ref] = str(error)
        return why

    def match(self, name: str, *also: str) -> Place | None:
        """The place named like an alert (`also`: its SLI's title and group), or None where none clearly is."""
        question = (name, *also)
        if question not in self._matched:
            self._matched[question] = match(self._named, self.pages, name, also)
        return self._matched[question]

    def search(self, words: str, page: Page | None = None) -> tuple[Hit, ...]:
        """Hits for all of the words, headings first; in one page, if given."""
        return search(self.pages if page is None else (page,), words)

    def link(self, page: Page, href: str) -> Place | str:
        """Where a link on a page leads: a place, or the text of an address outside of the library."""
        href = href.strip()
        if _SCHEME.match(href):
            return one_line(href, 2000)
        path, _, anchor = href.partition("#")
        path, anchor = unquote(path), unquote(anchor)
        if not path:
            if not anchor:
                raise RunbookError("the link is empty")
            return self._place(page, anchor)
        folder = "" if path.startswith("/") else posixpath.dirname(page.name)
        target = posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
        if target.split("/", 1)[0] == "..":
            raise RunbookError(f'"{one_line(href)}" leads out of the runbook folder')
        for name in (target, f"{target}.md", *(posixpath.normpath(f"{target}/{front}") for front in _FRONT_PAGES)):
            if found := self._known(name):
                return self._place(self._page(found), anchor)
        hint = self._near_page(target)
        raise RunbookError(f'{page.name} links to "{one_line(target)}", which is no page here{hint}')

    @cached_property
    def _named(self) -> tuple[Named, ...]:
        return names_in(self.pages)

    def _page(self, name: str) -> Page:
        entry = self._shelf[name]
        if isinstance(entry, Found):
            entry = self._shelf[name] = parse_page(name, entry.raw)
        return entry

    def _known(self, name: str) -> str | None:
        return name if name in self._shelf else self._folded.get(name.casefold())

    def _page_named(self, name: str) -> Page:
        path = posixpath.normpath(name.lstrip("/"))
        for guess in (path, f"{path}.md"):
            if found := self._known(guess):
                return self._page(found)
        wanted = PurePosixPath(path).name.casefold().removesuffix(".md")
        same = [known for known in self.names if "/" not in path and PurePosixPath(known).stem.casefold() == wanted]
        if len(same) == 1:
            return self._page(same[0])
        if same:
            raise RunbookError(f'"{one_line(name)}" could be ' + " or ".join(same[:4]))
        where = f" in {self.root}" if self.root else ""
        raise RunbookError(f'no page "{one_line(name)}"{where}' + self._near_page(path))

    def _near_page(self, name: str) -> str:
        known = {known.casefold().removesuffix(".md"): known for known in reversed(self.names)}
        by_stem = {PurePosixPath(known).stem.casefold(): known for known in reversed(self.names)}
        wanted = name.casefold().removesuffix(".md")
        near = get_close_matches(wanted, known, 1) or get_close_matches(PurePosixPath(wanted).name, by_stem, 1)
        return f'; did you mean "{(known | by_stem)[near[0]]}"?' if near else ""

    def _place(self, page: Page, anchor: str) -> Place:
        if not anchor:
            return place_of(page)
        if heading := _heading(page, anchor):
            return place_of(page, heading)
        slugs = [heading.slug for heading in page.headings[:1000]]
        near = get_close_matches(anchor.lower(), slugs, 1)
        near = near or get_close_matches(loose(anchor), [loose(slug) for slug in slugs], 1)
        hint = f'; did you mean "{page.name}#{near[0]}"?' if near else ""
        raise RunbookError(f'{page.name} has no section "{one_line(anchor)}"{hint}')


def _heading(page: Page, anchor: str) -> Heading | None:
    """By its anchor; else by its title, or past the remains of an emoji that was decoded wrongly."""
    slug = anchor.lower()
    forgiving = loose(slugify(anchor))
    return next((heading for heading in page.headings if heading.slug == slug), None) or next(
        (heading for heading in page.headings if forgiving and loose(heading.slug) == forgiving), None
    )


def _is_readable(file: Found, problems: list[str]) -> bool:
    if is_binary(file.raw):
        problems.append(f"{file.name}: not text but binary, left out")
        return False
    text, problem = decode(file.raw)
    if problem or not text.strip():
        problems.append(f"{file.name}: {problem or 'the page is empty'}")
    return True
