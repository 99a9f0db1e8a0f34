"""How many statements an SQL text holds, and what kind of statement it is, told without a server."""

import re

_PIECE = re.compile(
    r"""
    (?P<skip>\s+|--[^\n]*)
  | (?P<comment>/\*)
  | (?P<quoted>[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
  | (?P<end>;)
  | (?P<word>\w[\w$]*|.)
    """,
    re.X | re.S,
)

_TRANSACTION = {"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "prepare"}
_ROWLESS = _TRANSACTION | {
    "alter", "analyze", "checkpoint", "close", "cluster", "comment", "copy", "create", "deallocate", "declare",
    "discard", "do", "drop", "grant", "import", "listen", "load", "lock", "move", "notify", "refresh", "reindex",
    "reset", "revoke", "set", "truncate", "unlisten", "vacuum",
}  # fmt: skip
"""What answers a question with no rows; a COPY answers in a way of its own."""
_COMMENT_MARK = re.compile(r"/\*|\*/")


def second_statement(sql: str) -> bool:
    """Whether something follows the first statement: it would run in a transaction of its own, guarded by nothing."""
    at, ended = 0, False
    while match := _PIECE.match(sql, at):
        at = match.end()
        if match["comment"]:
            at = _comment_end(sql, at)
        elif match["end"]:
            ended = True
        elif ended and match["skip"] is None:
            return True
    return False


def _comment_end(sql: str, at: int) -> int:
    """Comments of SQL nest."""
    depth = 1
    for match in _COMMENT_MARK.finditer(sql, at):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(sql)


def steers_transaction(sql: str) -> bool:
    """Whether it begins or ends a transaction, which is ours to do."""
    return _first_word(sql) in _TRANSACTION


def answers_nothing(sql: str) -> bool:
    """Whether it is no question: it has no rows to answer with, whatever it finds."""
    return _first_word(sql) in _ROWLESS


def _first_word(sql: str) -> str:
    at = 0
    while match := _PIECE.match(sql, at):
        at = _comment_end(sql, match.end()) if match["comment"] else match.end()
        if match["word"]:
            return match["word"].lower()
    return ""
