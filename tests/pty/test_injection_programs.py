"""Hostile text in what programs print and logs hold: it is shown as it is, it steers nothing, and it ends nothing."""

import json
from pathlib import Path

from tests.cli.config_folder import ConfigFolder
from tests.pty.hostile import HEAD, MARK, bare, cockpit, evil, look_into_each, marked, quoted, short

PRINTED = {
    "number": (evil("number"), "metric: number"),
    "long": ("long" + MARK + "\x1b]52;c;long" * 20_000, "metric: number"),
    "value": (json.dumps({"a": evil("value")}), "json: a"),
    "function": (json.dumps({"a": evil("function")}), "json: abs(a)"),
    "rows": (json.dumps([{"n": evil("rows"), "v": 1}, {"n": "b", "v": evil("v")}]), "json: '@', rows: n"),
    "group": (evil("group"), "regex: '(?s)(.+)'"),
    "names": (f"{short('names')}=1\n", "regex: '(?P<name>.+)=(?P<value>1)', rows: n"),
}
SAYS = {"complaint": short("complaint"), "flood": short("flood") * 10_000}


def test_what_programs_print(place: ConfigFolder) -> None:
    sources, slis = "", ""
    for door, (text, way) in PRINTED.items():
        (place.folder / door).write_text(text, newline="")
        sources += f"  {door}: {{type: command, run: [cat, {door}], every: 3s, timeout: 2900ms}}\n"
        slis += f"  {door}: {{source: {door}, {way}}}\n"
    for door, text in SAYS.items():
        (place.folder / door).write_text(text, newline="")
        place.program(f"{door}.sh", f"cat {door} >&2; exit 3")
        sources += f"  {door}: {{type: command, run: [./{door}.sh], every: 3s, timeout: 2900ms}}\n"
        slis += f"  {door}: {{source: {door}, metric: up}}\n"
    place.write(f"{HEAD}sources:\n{sources}slis:\n{slis}")
    with cockpit(place, "number") as terminal:
        look_into_each(terminal, [*marked(*PRINTED), *marked(*SAYS)])


def test_what_stands_in_a_log(place: ConfigFolder) -> None:
    name = bare(evil("path")).replace("/", "").replace("\r", "")[:60]
    log = Path(place.folder / name)
    log.write_text("")
    place.write(
        f"{HEAD}sources:\n"
        f"  l: {{type: log, path: app.log}}\n"
        f"  target: {{type: log, path: link.log}}\n"
        "slis:\n  lines: {source: l, match: 'foo'}\n  size: {source: target, metric: size}\n"
    )
    (place.folder / "link.log").symlink_to(log)
    (place.folder / "app.log").write_text("")
    with cockpit(place, "lines") as terminal:
        terminal.wait("0 lines in")
        with (place.folder / "app.log").open("a", newline="") as growing:
            growing.write("".join(f"{line}\n" for line in (evil("lines"), short("other"), MARK * 30_000)))
        look_into_each(terminal, [f"lines{MARK}", "path"])


def test_what_a_config_runs(place: ConfigFolder) -> None:
    argument = bare(short("argument")).replace("\x1b", "").replace("\x07", "").replace("\x9b", "").replace("\u202e", "")
    place.write(
        f"{HEAD}sources: {{c: {{type: command, run: [./none, {quoted(argument)}]}}}}\n"
        "slis: {thing: {source: c, metric: up}}\n"
    )
    with cockpit(place, "thing") as terminal:
        look_into_each(terminal, ["there is no program ./none"])
