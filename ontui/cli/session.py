"""What most commands begin with: the pages, the journal, the engine."""

from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_state_path

from ontui.cli.configuration import read_again
from ontui.cli.options import fail
from ontui.config import Config
from ontui.domain.text import one_line
from ontui.engine import Engine
from ontui.journal import Journal, JournalError

if TYPE_CHECKING:  # the Markdown parser is imported when a page is first wanted
    from ontui.runbooks.library import Library

def read_library(config: Config) -> "Library | None":
    """The runbook pages; None where the config names none."""
    from ontui.runbooks.place import RunbookError

    try:
        return _library(config)
    except RunbookError as error:
        fail(str(error))


def _library(config: Config) -> "Library | None":
    if config.runbooks is None:
        return None
    from ontui.runbooks.library import Library

    return Library.load(config.runbooks)


def state_folder() -> Path:
    """Where the journal and the locks live: 0700, ours alone."""
    return user_state_path("ontui", appauthor=False)


def open_journal(config: Config, folder: Path) -> Journal:
    """The journal in that folder; raises JournalError."""
    return Journal.open(folder / "journal.db", mask=config.secrets.mask)


def open_engine(
    config: Config, *, read_only: bool = False, one_shot: bool = False, folder: Path | None = None, record: bool = True
) -> Engine:
    """An engine on this config. Without a writable journal it watches, says so, and runs nothing."""
    journal, trouble = None, ""
    folder = folder or state_folder()
    if record:
        try:
            journal = open_journal(config, folder)
        except JournalError as error:
            trouble = one_line(f"nothing can be recorded, so nothing can be run: {error}")
    engine = Engine(
        config, pages=_library, read=lambda: read_again(config.path), journal=journal, read_only=read_only,
        one_shot=one_shot, folder=folder,
    )  # fmt: skip
    if trouble:
        engine.warnings = (trouble,)
    return engine
