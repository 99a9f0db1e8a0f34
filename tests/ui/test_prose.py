"""What a page says stands on the screen: above all what somebody will retype."""

import pytest

from ontui.ui.widgets.prose import render


def drawn(markdown: str) -> list[str]:
    """The lines, without what surrounds them."""
    return ["".join(text for text, _ in row.line).strip() for row in render(markdown, 70).rows]


@pytest.mark.parametrize(
    ("markdown", "line"),
    [
        ("ssh to <host> now", "ssh to <host> now"),
        ("<host> goes first", "<host> goes first"),
        ("<host>", "<host>"),
        ("**on <host>** and _<db-name>_", "on <host> and <db-name>"),
        ("call `restart <pod>` here", "call restart <pod> here"),
        ("- drain <node>", "• drain <node>"),
        ("> ask <owner>", "│ ask <owner>"),
        ("## Restart <service>", "Restart <service>"),
        ("[log of <pod>](logs.md)", "log of <pod>[1]"),
        ("```sh\nssh <host>\n```", "│ ssh <host>                                                       │"),
        ("<div>\nssh <host>\n</div>", "ssh <host>"),
        ("if a < b and c > d", "if a < b and c > d"),
    ],
)
def test_a_placeholder_stays(markdown: str, line: str) -> None:
    assert line in drawn(markdown)


def test_a_placeholder_stays_in_a_table() -> None:
    rows = drawn("| on | run |\n|---|---|\n| <host> | `kill <pid>` |\n")
    assert rows[-1].split("  ") == ["<host>", "kill <pid>"]


def test_the_lines_of_an_html_block_stay_apart() -> None:
    assert drawn("<pre>\nfirst command\nsecond <arg>\n</pre>") == ["first command", "second <arg>"]


def test_markup_and_comments_go() -> None:
    assert drawn("press <kbd>q</kbd><br>twice <!-- or not -->") == ["press q", "twice"]
