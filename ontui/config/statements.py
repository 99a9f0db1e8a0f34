"""How many statements an SQL text holds, told without a server."""

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
    """Whether the first word begins or ends a transaction, which is ours to do."""
    at = 0
    while match := _PIECE.match(sql, at):
        at = _comment_end(sql, match.end()) if match["comment"] else match.end()
        if match["word"]:
            return match["word"].lower() in _TRANSACTION
    return False
