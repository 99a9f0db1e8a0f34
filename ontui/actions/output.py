"""A program's output as lines for people: cleaned, masked, and bounded however much there is."""

from collections import deque
from collections.abc import Callable

from ontui.domain.text import clean, without_escapes

LINE_LIMIT = 2000
"""Longest line shown, in characters."""
RAW_LIMIT = 65_536
"""Most bytes of one line that are kept while its end is awaited."""
HELD_BYTES = 262_144
"""Most bytes held between two releases; older ones are counted and let go."""
LINES_AT_ONCE = 200
"""Most lines in one release; older ones are counted and let go."""
EDGE = 256
"""Characters left off where a line was cut while it was collected: half a secret may stand there."""


def readable(raw: bytes, mask: Callable[[str], str] = str, *, cut: bool = False) -> str:
    """One line as it would stand on a terminal after its last carriage return, harmless; `cut`: its end is missing."""
    parts = [p for p in raw.rstrip(b"\r").split(b"\r") if p]
    text = mask(without_escapes(parts[-1].decode(errors="replace")).expandtabs(8)) if parts else ""
    shown = mask(clean(text, LINE_LIMIT, keep_newlines=False))
    return shown[:-EDGE] + "…" if cut and len(text) <= LINE_LIMIT else shown


class Output:
    """Collects what streams bring and gives it back as lines; holds a bounded amount and counts what it lets go."""

    def __init__(self, mask: Callable[[str], str] = str) -> None:
        self._mask = mask
        self._chunks: deque[tuple[int, bytes]] = deque()
        self._held = 0
        self._partial: dict[int, bytes] = {}
        self._cut: set[int] = set()
        """Streams whose unfinished line is longer than is kept."""
        self._torn: set[int] = set()
        """Streams that lost the beginning of the line they are in."""
        self._left_out = 0

    def feed(self, stream: int, data: bytes) -> None:
        """Take what one stream brought, in the order of arrival."""
        self._chunks.append((stream, data))
        self._held += len(data)
        while self._held > HELD_BYTES and len(self._chunks) > 1:
            lost_stream, lost = self._chunks.popleft()
            self._held -= len(lost)
            self._left_out += lost.count(b"\n")
            self._partial.pop(lost_stream, None)
            self._cut.discard(lost_stream)
            if lost.endswith(b"\n"):
                self._torn.discard(lost_stream)
            else:
                self._torn.add(lost_stream)

    def release(self, *, final: bool = False) -> list[str]:
        """The lines that are complete, and at the end the unfinished ones too."""
        lines: list[tuple[bytes, bool]] = []
        while self._chunks:
            stream, data = self._chunks.popleft()
            lines += self._split(stream, data)
        self._held = 0
        if final:
            lines += [(raw, s in self._cut) for s, raw in self._partial.items() if raw and s not in self._torn]
            self._partial.clear()
        self._left_out += max(0, len(lines) - LINES_AT_ONCE)
        shown = [readable(raw, self._mask, cut=cut) for raw, cut in lines[-LINES_AT_ONCE:]]
        if self._left_out and shown:
            shown.insert(0, f"… {self._left_out} line{'' if self._left_out == 1 else 's'} not shown …")
            self._left_out = 0
        return shown

    def _split(self, stream: int, data: bytes) -> list[tuple[bytes, bool]]:
        if stream in self._torn:
            _, found, data = data.partition(b"\n")
            if not found:
                return []
            self._torn.discard(stream)
            self._left_out += 1
        first, *rest = data.split(b"\n", 1)
        begun = self._partial.get(stream, b"") + (b"" if stream in self._cut else first)
        if not rest:
            self._keep(stream, begun)
            return []
        lines = [(begun, stream in self._cut)]
        self._cut.discard(stream)
        whole = rest[0].rsplit(b"\n", LINES_AT_ONCE + 1)
        if len(whole) > LINES_AT_ONCE + 1:
            self._left_out += whole[0].count(b"\n") + 1
            whole = whole[1:]
        self._keep(stream, whole[-1])
        return lines + [(raw, False) for raw in whole[:-1]]

    def _keep(self, stream: int, raw: bytes) -> None:
        """Hold the unfinished line; of progress drawn over itself only the last state."""
        if len(raw) > RAW_LIMIT:
            raw = raw[raw.rfind(b"\r", 0, -1) + 1 :]
        if len(raw) > RAW_LIMIT:
            raw = raw[:RAW_LIMIT]
            self._cut.add(stream)
        self._partial[stream] = raw
