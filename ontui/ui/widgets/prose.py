"""Markdown as styled lines: a whole section in a few milliseconds, safe text only, nothing that opens by itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ontui.runbooks.inline import without_tags
from ontui.ui.fit import width
from ontui.ui.widgets.lines import Line, Piece, Row, cells
from ontui.ui.widgets.wrapping import flow

_BOX = re.compile(r"\[([ xX])\]\s+")


@dataclass(frozen=True, slots=True)
class Prose:
    """A section, drawn."""

    rows: tuple[Row, ...]
    """Rows of a fence share its key, rows of the list of links have one each."""
    lines: tuple[int, ...]
    """For each row the line of the file it comes from."""
    fences: dict[str, str] = field(default_factory=dict)
    """Key → code."""
    links: dict[str, str] = field(default_factory=dict)
    """Key → where it leads."""


@lru_cache(1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def render(markdown: str, room: int, first_line: int = 1) -> Prose:
    """A section of a page in so many columns; `first_line` is where it stands in its file."""
    writer = _Writer(room, first_line)
    writer.blocks(_parser().parse(markdown))
    writer.list_links()
    return Prose(tuple(writer.rows), tuple(writer.lines), writer.fences, writer.links)


class _Writer:
    def __init__(self, room: int, first_line: int) -> None:
        self.room, self.first_line = max(20, room), first_line
        self.rows: list[Row] = []
        self.lines: list[int] = []
        self.fences: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.prefixes: list[tuple[str, str, str]] = []
        """What stands before a line: on the first line of an item, on its other lines, and the style."""
        self.counters: list[int | None] = []
        self.at = first_line

    # ── lines ──

    def put(self, line: Line, key: str = "") -> None:
        """One line, behind what the lists and quotations around it put in front."""
        front: list[Piece] = [(" ", "plain")]
        for index, (first, rest, style) in enumerate(self.prefixes):
            front.append((first, style))
            self.prefixes[index] = (rest, rest, style)
        self.rows.append(Row((*front, *line), key))
        self.lines.append(self.at)

    def gap(self) -> None:
        """A blank line between blocks, never two."""
        bars = tuple((rest, style) for _, rest, style in self.prefixes if rest.strip())
        if self.rows and any(text.strip() for text, _ in self.rows[-1].line if text != "│ "):
            self.rows.append(Row(((" ", "plain"), *bars) if bars else ()))
            self.lines.append(self.at)

    @property
    def inner(self) -> int:
        """The columns left for text."""
        return max(10, self.room - 2 - sum(width(rest) for _, rest, _ in self.prefixes))

    # ── blocks ──

    def blocks(self, tokens: Sequence[Token]) -> None:
        """Every block, in order."""
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.map:
                self.at = self.first_line + token.map[0]
            match token.type:
                case "heading_open":
                    self.heading(tokens[index + 1], int(token.tag[1]))
                    index += 2
                case "inline":
                    self.paragraph(token, is_tight=bool(index and tokens[index - 1].hidden))
                case "fence" | "code_block":
                    self.fence(token)
                case "table_open":
                    end = next(n for n in range(index, len(tokens)) if tokens[n].type == "table_close")
                    self.table(tokens[index:end])
                    index = end
                case "html_block":
                    self.html(token.content)
                case "hr":
                    self.gap()
                    self.put((("─" * self.inner, "rule"),))
                case _:
                    self.containers(token)
            index += 1

    def containers(self, token: Token) -> None:
        """Lists, their items, and quotations."""
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                if not self.prefixes:
                    self.gap()
                start = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
                self.counters.append(start)
            case "bullet_list_close" | "ordered_list_close":
                self.counters.pop()
            case "list_item_open":
                mark = "• "
                if (number := self.counters[-1]) is not None:
                    mark, self.counters[-1] = f"{number}. ", number + 1
                self.prefixes.append((mark, " " * len(mark), "accent" if number is not None else "quiet"))
            case "blockquote_open":
                self.gap()
                self.prefixes.append(("│ ", "│ ", "quiet"))
            case "list_item_close" | "blockquote_close":
                self.prefixes.pop()

    def heading(self, inline: Token, level: int) -> None:
        """Large ones with a rule."""
        self.gap()
        for line in flow(self.pieces(inline, "title"), self.inner):
            self.put(line)
        if level <= 2:
            self.put((("─" * self.inner, "rule"),))

    def paragraph(self, inline: Token, *, is_tight: bool) -> None:
        """Text; a check-list item starts with its box."""
        if not is_tight and not (self.prefixes and self.prefixes[-1][0] != self.prefixes[-1][1]):
            self.gap()
        pieces = self.pieces(inline, "plain")
        if pieces and self.counters and (box := _BOX.match(pieces[0][0])):
            mark = ("✓ ", "ok") if box[1] in "xX" else ("○ ", "accent")
            pieces = [mark, (pieces[0][0][box.end() :], pieces[0][1]), *pieces[1:]]
        for line in flow(pieces, self.inner):
            self.put(line)

    def fence(self, token: Token) -> None:
        """A frame with its language."""
        key = f"fence:{len(self.fences)}"
        code = token.content.removesuffix("\n")
        self.fences[key] = code
        self.gap()
        inner, language = self.inner, (token.info.split() or ["text"])[0].strip("{}.")[:20]
        label = f" {language} "
        self.put((("╭─", "rule"), (label, "quiet"), ("─" * max(0, inner - 3 - len(label)), "rule"), ("╮", "rule")), key)
        for number, text in enumerate(code.split("\n")):
            self.at = self.first_line + (token.map[0] if token.map else 0) + number + (token.type == "fence")
            style = "quiet" if text.lstrip().startswith(("# ", "-- ", "// ")) else "value"
            for part in _chopped(text.expandtabs(4), inner - 4):
                pad = " " * (inner - 4 - width(part))
                self.put((("│ ", "rule"), (part, style), (pad + " │", "rule")), key)
        self.put((("╰" + "─" * (inner - 2) + "╯", "rule"),), key)

    def html(self, content: str) -> None:
        """Only the text in it, line by line; a `<placeholder>` is text."""
        texts = [" ".join(text.split()) for text in without_tags(content).split("\n")]
        if any(texts):
            self.gap()
        for text in filter(None, texts):
            for line in flow([(text, "plain")], self.inner):
                self.put(line)

    def table(self, tokens: Sequence[Token]) -> None:
        """Columns as wide as they need, the widest giving way; long cells flow."""
        body: list[list[list[Piece]]] = []
        for token in tokens:
            if token.type == "tr_open":
                body.append([])
            elif token.type == "inline":
                body[-1].append(self.pieces(token, "title" if len(body) == 1 else "plain"))
        widths = _shares([[cells(tuple(cell)) for cell in row] for row in body], self.inner)
        self.gap()
        for number, row in enumerate(body):
            flowing = [list(flow(cell, wide)) or [()] for cell, wide in zip(row, widths, strict=False)]
            for depth in range(max(map(len, flowing), default=0)):
                line: list[Piece] = []
                for part, wide in zip(flowing, widths, strict=False):
                    text = part[depth] if depth < len(part) else ()
                    line += [*text, (" " * (wide - cells(text) + 2), "plain")]
                self.put(tuple(line[:-1]))
            if number == 0:
                self.put((("─" * min(self.inner, sum(widths) + 2 * len(widths) - 2), "rule"),))

    # ── inside of a line ──

    def pieces(self, inline: Token, base: str) -> list[Piece]:
        """Styled text; links get a number, and their target stands at the end of the section."""
        pieces: list[Piece] = []
        styles = [base]
        hrefs: list[str] = []
        for token in inline.children or ():
            match token.type:
                case "text":
                    pieces.append((token.content, styles[-1]))
                case "code_inline":
                    pieces.append((token.content, "inline"))
                case "softbreak":
                    pieces.append((" ", styles[-1]))
                case "hardbreak":
                    pieces.append(("\n", styles[-1]))
                case "strong_open" | "em_open" | "s_open":
                    own = {"strong": "strong", "em": "emphasis"}.get(token.tag, "quiet")
                    styles.append(own if base == "plain" else base)
                case "link_open":
                    hrefs.append(str(token.attrs.get("href", "")))
                    styles.append("link")
                case "link_close":
                    styles.pop()
                    pieces.append((f"[{self.link(hrefs.pop())}]", "quiet"))
                case "strong_close" | "em_close" | "s_close":
                    styles.pop()
                case "image":
                    pieces.append((f"(image: {token.content or token.attrs.get('src', '')})", "quiet"))
                case "html_inline":
                    is_break = token.content.lower().startswith("<br")
                    pieces.append(("\n" if is_break else without_tags(token.content), styles[-1]))
        return [piece for piece in pieces if piece[0]]

    def link(self, href: str) -> int:
        """The number of a link; the same target has the same number."""
        for number, known in enumerate(self.links.values(), 1):
            if known == href:
                return number
        self.links[f"link:{len(self.links)}"] = href
        return len(self.links)

    def list_links(self) -> None:
        """Where the links of the section lead: each can be selected."""
        if not self.links:
            return
        self.prefixes.clear()
        self.gap()
        for number, (key, href) in enumerate(self.links.items(), 1):
            for index, part in enumerate(_chopped(href, self.inner - 6)):
                self.put(((f"{f'[{number}]' if not index else '':>5} ", "quiet"), (part, "link")), key)


def _chopped(text: str, room: int) -> Iterator[str]:
    """Pieces of exactly so many cells but the last; code is never re-flowed."""
    rest = text
    while width(rest) > room:
        end = room
        while width(rest[:end]) > room:
            end -= 1
        yield rest[:end]
        rest = rest[end:]
    yield rest


def _shares(wanted: Sequence[Sequence[int]], room: int) -> list[int]:
    """Column widths that fit."""
    count = max(map(len, wanted), default=0)
    widths = [max([row[n] for row in wanted if n < len(row)] + [1]) for n in range(count)]
    while count and sum(widths) + 2 * (count - 1) > room and max(widths) > 6:
        widths[widths.index(max(widths))] -= 1
    return widths
