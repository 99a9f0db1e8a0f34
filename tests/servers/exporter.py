"""A scrape target whose text the test writes."""

from tests.servers.background import Background
from tests.servers.web import Reply, Web

DEFAULT_TEXT = """\
# TYPE live_requests_total counter
live_requests_total{code="200"} 100
# TYPE live_temperature gauge
live_temperature 21.5
"""


class Exporter:
    """Answers `/metrics`; the `prometheus` fixture scrapes it every second."""

    def __init__(self, loop: Background) -> None:
        self._web = Web(loop)
        self.rest()

    @property
    def target(self) -> str:
        """host:port, as a scrape configuration names it."""
        return f"127.0.0.1:{self._web.port}"

    @property
    def scrapes(self) -> int:
        """How often it was asked so far."""
        return len(self._web.requests)

    def expose(self, text: str) -> None:
        """Show ``text`` (exposition format) from the next scrape on."""
        body = text if text.endswith("\n") else text + "\n"
        self._web.reply(Reply(body=body.encode(), headers={"Content-Type": "text/plain; version=0.0.4"}))

    def fail(self, status: int = 500) -> None:
        """Fail every scrape until `expose` or `rest`."""
        self._web.reply(Reply(status))

    def rest(self) -> None:
        """Show the default text again."""
        self.expose(DEFAULT_TEXT)

    def stop(self) -> None:
        """Stop listening."""
        self._web.stop()
