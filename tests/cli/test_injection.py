"""Hostile text through every door into the commands: nothing of it is obeyed by the terminal that shows it."""

from pathlib import Path

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.pty.hostile import HEAD, MARK, bare, evil, obeyed, short
from tests.servers.web import Reply, Web, json_reply

CONFIG = f"""sources:
  good: {{type: http, url: "WEB/good"}}
  bad: {{type: http, url: "WEB/bad", down_after: 1, expect: {{json: {{status: ok}}}}}}
slis:
  number: {{source: good, json: n, title: "title{MARK}", runbook: page.md}}
  wrong: {{source: bad, json: n}}
actions:
  out: {{title: "act{MARK}", run: [./tool], danger: read}}
  say: {{run: [echo, "{{word}}"], danger: read, inputs: {{word: {{type: string, pattern: ".*"}}}}}}
"""
COMMANDS = [
    ["status"],
    ["status", "--json"],
    ["check"],
    ["action", "list"],
    ["action", "show", "out"],
    ["action", "show", evil("unknown").replace("\x00", "")],
    ["action", "run", "out"],
    ["action", "run", "say", "-p", f"word={bare(evil('word'))}"],
    ["runbook", "list"],
    ["runbook", "show", "page.md"],
    ["runbook", "show", bare(evil("unknown"))],
    ["runbook", "search", "foo"],
    ["journal", "tail"],
]


@pytest.fixture
def hostile(place: ConfigFolder, web: Web) -> ConfigFolder:
    """Everything a command reads is out to steer the terminal."""
    web.reply(json_reply({"n": evil("value"), "status": "ok"}), at="/good")
    web.reply(Reply(502, evil("body").encode()), at="/bad")
    place.write((HEAD + CONFIG).replace("WEB", web.url))
    place.program("tool", 'cat "$0.txt"; cat "$0.txt" >&2; exit 3')
    (place.folder / "tool.txt").write_text(f"{evil('output')}\noutput{MARK}\n")
    fence = f"```{short('language')}\n{evil('fence')}\n```"
    place.page("page.md", bare(f"# {short('title')}\n\n{evil('text')}\n\n## {short('section')}\n\n{fence}\n"))
    place.page(bare(evil("name")).replace("/", "-")[:60] + ".md", "# Page\n\nfoo\n")
    return place


def test_no_command_lets_anything_through(hostile: ConfigFolder) -> None:
    said = {}
    for command in COMMANDS:
        ended = hostile.run(*command)
        said[" ".join(command[:2])] = ended.out + ended.err
        assert obeyed(ended.out + ended.err) == [], command
    for name, shown in [
        ("status", "title"), ("action list", "act"), ("action run", "word"), ("runbook list", "title"),
        ("runbook show", "unknown"), ("runbook search", "section"),
    ]:  # fmt: skip
        assert f"{shown}{MARK}" in said[name], name
    assert "run ended  out  failed" in said["journal tail"]


def test_a_folder_with_escapes_in_its_name(tmp_path: Path) -> None:
    folder = ConfigFolder(tmp_path / short("folder").replace("/", "-"))
    folder.write("version: 1\nsystm: {id: x}\n")
    for command in (["check"], ["status"], ["runbook", "list"]):
        ended = folder.run(*command)
        assert ended.code != 0
        assert obeyed(ended.out + ended.err) == [], command
