"""A place in the library: what every look-up answers with."""

from dataclasses import dataclass

from ontui.runbooks.page import Heading, Page, Section


class RunbookError(Exception):
    """A page, section or folder that is not there, said in one line for people."""


@dataclass(frozen=True, slots=True)
class Place:
    page: Page
    section: Section
    """The piece of the page to show."""
    heading: Heading | None
    """Where in the section to stand; None for its beginning."""

    @property
    def ref(self) -> str:
        """The reference that `Library.find` takes back here."""
        piece = "" if self.section == self.page.sections[0] else self.section.slug
        anchor = self.heading.slug if self.heading else piece
        return f"{self.page.name}#{anchor}" if anchor else self.page.name


def place_of(page: Page, heading: Heading | None = None) -> Place:
    """The beginning of a page, or one of its headings in the section that holds it."""
    return Place(page, page.section_at(heading.line) if heading else page.sections[0], heading)
