"""Hostile text in what is ours to read: pages, plans, output of commands, the config; and text of every width."""

import re

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.pty.hostile import CHECK, MARK, bare, cockpit, evil, look_into_each, marked, obeyed, quoted, short
from tests.pty.terminal import Terminal
from tests.servers.web import Web, json_reply


def label(door: str) -> str:
    """For the text of a link."""
    return short(door).replace("[", "\\[").replace("]", "\\]")


PAGE = bare(f"""# {evil("title")}

{evil("text")}

- {evil("item")}

> {evil("quote")}

```{evil("language")}
{evil("fence")}
```

[{evil("link")}](http://x/{evil("target")}) <http://y/{evil("auto")}>

[{label("label")}](http://x/y) [{label("other")}](<page.md#{short("anchor")}> "{short("tip")}")

| a | {short("head")} |
|---|---|
| {short("cell")} | b |

## {evil("section")}

last
""")
ON_THE_PAGE = ("title", "text", "item", "quote", "fence", "link", "label", "other", "head", "cell", "section")


def test_the_look_itself_sees_every_trick() -> None:
    sequences = ["\x1b]52;c;x\x07", "\x1b]8;;x\x07", "\x9b31m", "\x1b[2J", "\x1bc", "\x1b[5i"]
    for trick in [*sequences, "\u202e", "\u200b", "\b", "\x00", "\x07", "\x7f"]:
        assert obeyed(f"\x1b[1;31mfine{trick}\x1b[?25h") != [], trick
    assert obeyed("\x1b[1;31mfine\x1b[?1049h漢字e\u0301\r\n\x1b]22;default\x07") == []


def test_pages_and_their_names(place: ConfigFolder, web: Web) -> None:
    web.reply(json_reply({}))
    place.write((CHECK + "slis: {thing: {source: h, metric: up, runbook: page.md}}\n").replace("WEB", web.url))
    place.page("page.md", PAGE)
    place.page(bare(evil("name")).replace("/", "-")[:60] + ".md", "# Page\n\nplain text\n")
    with cockpit(place, "thing") as terminal:
        terminal.type("r")
        terminal.wait("esc back")
        seen = terminal.text
        for _ in range(3):
            terminal.type("pagedown")
            seen += terminal.text
        assert [shown for shown in marked(*ON_THE_PAGE) if shown not in seen] == []
        terminal.type("/")
        terminal.type("[/foo]", "enter")
        terminal.type("escape")
        terminal.type("g")
        terminal.wait("name.-foo")
        terminal.type("up")
        terminal.type("enter")
        terminal.wait("plain text")
    told = place.run("journal", "tail")
    assert obeyed(told.out + told.err) == []
    assert re.search(r"page opened .*name\[-foo", told.out)


TOOL = """case $1 in
out) cat "$0.txt" ;;
err) cat "$0.txt" >&2; exit 1 ;;
long) head -c 300000 /dev/zero | tr '\\0' x; echo; echo "long[/foo]" ;;
esac"""
ACTIONS = f"""slis: {{thing: {{source: h, metric: up, actions: [out, err, long, argument, script]}}}}
actions:
  out: {{title: first, run: [./tool, out], danger: read}}
  err: {{title: second, run: [./tool, err], danger: read}}
  long: {{title: third, run: [./tool, long], danger: read}}
  argument: {{title: fourth, run: [echo, "argument{MARK}[@click=app.bell]go[/]"], danger: change}}
  script: {{title: "fifth{MARK}", shell: "echo script{MARK}", danger: change}}
"""


def test_plans_and_output_of_commands(place: ConfigFolder, web: Web) -> None:
    web.reply(json_reply({}))
    place.write((CHECK + ACTIONS).replace("WEB", web.url))
    place.program("tool", TOOL)
    (place.folder / "tool.txt").write_text(f"{evil('output')}\noutput{MARK}\nbegun\r50 %\r100 %\n")
    with cockpit(place, "thing") as terminal:
        for number, shown in enumerate(("output", "output", "long", "argument", "script")):
            terminal.type("x")
            terminal.wait("Repairs for")
            terminal.type(*["down"] * number)
            terminal.type("enter")
            terminal.wait(re.escape(f"{shown}{MARK}"))
            if shown == "output":
                terminal.wait("100 %")
                assert "50 %" not in terminal.text
            terminal.type("escape")
            terminal.type("escape")


WORDS = f"""system: {{id: shop, name: "name{MARK}", environment: "env{MARK}", production: false}}
runbooks: {{path: ./runbooks}}
defaults: {{every: 1s, timeout: 900ms}}
sources: {{h: {{type: http, url: "WEB/", down_after: 1}}}}
slis:
  thing:
    title: "title{MARK}"
    group: "group{MARK}"
    unit: "u{MARK}"
    source: h
    json: n
    objective: "<= 1"
    alerts: [{{name: "alert{MARK}", when: "> 1", severity: SEV-1, actions: [do]}}]
actions: {{do: {{title: "act{MARK}", run: [echo], danger: change}}}}
"""


def test_words_of_a_config_are_no_markup(place: ConfigFolder, web: Web) -> None:
    web.reply(json_reply({"n": 2}))
    place.write(f"version: 1\n{WORDS}".replace("WEB", web.url))
    with cockpit(place, "title") as terminal:
        for shown in marked("env", "title", "group", "u", "alert"):
            terminal.wait(re.escape(shown))
        terminal.type("x")
        terminal.wait(re.escape(f"act{MARK}"))
        terminal.type("enter")
        terminal.wait("RUN IN")
        terminal.wait(re.escape(f"act{MARK}"))
        terminal.type("escape")
        terminal.type("escape")
        look_into_each(terminal, marked("title"))


@pytest.mark.parametrize("word", ["name", "env", "title", "group", "u", "alert", "act"])
def test_escapes_in_a_config_are_refused_with_their_place(place: ConfigFolder, word: str) -> None:
    place.write(f"version: 1\n{WORDS}".replace(f'"{word}{MARK}"', quoted(evil(word))))
    refused = place.run("check")
    assert refused.code == 1
    assert re.search(r"ontui\.yaml:\d+:\d+: .*control characters", refused.out)
    assert obeyed(refused.out + refused.err) == []


def test_wide_and_combining_characters_move_nothing(place: ConfigFolder, web: Web) -> None:
    titles = ["漢字の題名", "e\u0301a\u0308o\u0302", "👩💻 emoji", "ﷺ wide", "plain", "한국어 제목"]
    web.reply(json_reply({}))
    slis = "".join(f"  s{n}: {{source: h, metric: up, title: '{t}'}}\n" for n, t in enumerate(titles))
    place.write((CHECK + f"slis:\n{slis}").replace("WEB", web.url))
    with cockpit(place, "plain") as terminal:
        bar = eventually(lambda: bars(terminal))
        assert len(bar) == 1, terminal.text


def bars(terminal: Terminal) -> set[int]:
    """In which columns the line between list and preview is."""
    with terminal.still() as screen:
        rows = [screen.buffer[y] for y in range(4, 30)]
        return {x for row in rows for x in range(120) if row[x].data == "│"}
