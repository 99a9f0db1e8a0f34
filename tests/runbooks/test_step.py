"""What a page tells one to do."""

import pytest

from ontui.runbooks.page import parse_page
from tests.runbooks import faulty

Row = tuple[int, str, str | None]


def steps(text: str) -> list[list[Row]]:
    return [
        [(step.number, step.text, step.fence.text if step.fence else None) for step in section.steps]
        for section in parse_page("p.md", text.encode()).sections
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. one\n2. two\n", [(1, "one", None), (2, "two", None)]),
        ("7) **Now**: `ls`\n   and more\n", [(1, "Now: ls", None)]),
        ("- plain\n- bullets\n", []),
        ("- [ ] open\n- [x] done\n- [y] no\n", [(1, "open", None), (2, "done", None)]),
        ("1. Look:\n   ```bash\n   ls\n   ```\n2. Go\n", [(1, "Look", "ls"), (2, "Go", None)]),
        ("1. a\n   1. inner\n   - [ ] inner\n2. b\n", [(1, "a", None), (2, "b", None)]),
        ("- Do:\n  1. one\n  2. two\n", [(1, "one", None), (2, "two", None)]),
        ("**Diagnosis:**\n\n```bash\nls\n```\n", [(1, "Diagnosis", "ls")]),
        ("### Restart\n```sh\nls\n```\n", [(1, "Restart", "ls")]),
        ("```sh\n\n# Say hello\necho\n```\n", [(1, "Say hello", "\n# Say hello\necho")]),
        ("- bullet\n\n```sql\nselect 1\n```\n", [(1, "select 1", "select 1")]),
        ("```\ntemplate\n```\n```yaml\na: b\n```\n    indented\n", []),
        ("1. a\n   ```sh\n   one\n   ```\n   then:\n   ```sh\n   two\n   ```\n", [(1, "a", "one"), (2, "then", "two")]),
        ("1.\n2. b\n", [(1, "", None), (2, "b", None)]),
        ("1. ```sh\n   ls\n   ```\n", [(1, "", "ls")]),
        ("1. a\n\ntext\n\n1. b\n", [(1, "a", None), (2, "b", None)]),
    ],
)
def test_steps_are_what_one_would_tick_off(text: str, expected: list[Row]) -> None:
    assert steps(text) == [expected]


def test_steps_count_from_one_in_each_section() -> None:
    assert steps("## A\n1. a\n2. b\n## B\n1. c\n") == [[(1, "a", None), (2, "b", None)], [(1, "c", None)]]


def test_steps_of_pages_with_the_faults_of_real_ones() -> None:
    assert steps(faulty.PAYMENTS)[0] == [
        (1, "Look at the depth", "# all queues\nrabbitctl depth \\\n  --all"),
        (2, "Find who fills it", None),
        (3, "Open Settings \u201a\u00c4\u00fa Webhooks", None),
    ]
    assert steps(faulty.CHECKLISTS)[1] == [(1, "Say that you have it", None), (2, "Open #incident-DATE", None)]
    assert steps(faulty.LORRIES)[0] == [
        (1, "Look at the graphs", None),
        (2, "Restart the cache: fly restart --app <name>", None),
    ]
