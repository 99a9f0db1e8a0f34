"""What a database answered to an action or its preview."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of a statement that worked."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """The first rows as the server writes them, cleaned and cut; NULL is an empty text."""
    total: int
    """All rows returned or changed."""
    status: str
    """The server's own word: `SELECT 14`."""
    notices: tuple[str, ...] = ()
    """What the server remarked, and how it was reached when that was unusual."""
    truthy: int = 0
    """Rows whose only boolean column is true: sessions that `pg_terminate_backend` signalled."""


class SqlFailed(Exception):
    """A statement that did not work, in one clean line for people."""

    def __init__(
        self, text: str, sqlstate: str = "", *, timed_out: bool = False, lost: bool = False, refused: bool = False
    ) -> None:
        super().__init__(text)
        self.text = text
        self.sqlstate = sqlstate
        """The server's five characters; empty when it did not say."""
        self.timed_out = timed_out
        """Ended by its time limit."""
        self.lost = lost
        """Contact broke while it ran: it may or may not have been carried out."""
        self.refused = refused
        """It was not begun."""

    def saying(self, text: str) -> "SqlFailed":
        """The same failure in other words."""
        return SqlFailed(text, self.sqlstate, timed_out=self.timed_out, lost=self.lost, refused=self.refused)
