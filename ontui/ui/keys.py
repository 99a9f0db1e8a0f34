"""The one key table: it feeds the bindings, the footer, the help screen, the palette and the README."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

DASHBOARD, DETAIL, RUNBOOK = "dashboard", "detail", "runbook"
ALERT = "alert"
SOURCE, ACTION, SILENCE, MENU, FORM, HELP = "source", "action", "silence", "menu", "form", "help"
SCREENS = (DASHBOARD, DETAIL, ALERT, RUNBOOK, SOURCE, ACTION, SILENCE, MENU, FORM, HELP)
_LOOKING = (DASHBOARD, DETAIL, ALERT, RUNBOOK)
_PLACES = {
    DASHBOARD: "the dashboard", DETAIL: "an indicator's page", ALERT: "the page of an alert of others",
    RUNBOOK: "a runbook page", SOURCE: "a source's page", ACTION: "a repair", SILENCE: "a silence", MENU: "a list",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """One thing a key does."""

    id: str
    """Names it in `keymap:` and is the screen's `action_<id>`."""
    keys: tuple[str, ...]
    """As the terminal library names them; the first is shown."""
    label: str
    """One or two words, for the footer."""
    description: str
    """A sentence, for the help screen and the README."""
    screens: tuple[str, ...]
    footer: tuple[str, ...] = ()
    """The screens whose footer shows it."""


KEYS = (
    Key("move_up", ("k", "up"), "up", "Move up.", SCREENS),
    Key("move_down", ("j", "down"), "down", "Move down.", SCREENS),
    Key("page_up", ("pageup",), "page up", "Move up by a screenful.", SCREENS),
    Key("page_down", ("pagedown",), "page down", "Move down by a screenful.", SCREENS),
    Key("first", ("home",), "first", "Go to the first line.", SCREENS),
    Key("last", ("end",), "last", "Go to the last line.", SCREENS),
    Key("open", ("enter",), "open", "Open what is selected: an indicator, a section, a link, an action.",
        (*_LOOKING, SOURCE, MENU), (DASHBOARD, SOURCE, MENU)),
    Key("back", ("escape",), "back", "Go back; where there is a filter, end it.", SCREENS,
        (DETAIL, ALERT, RUNBOOK, SOURCE, MENU, FORM, HELP)),
    Key("runbook", ("r",), "runbook", "Open the runbook page of the selected alert or indicator.",
        (DASHBOARD, DETAIL, ALERT), (DASHBOARD, DETAIL, ALERT)),
    Key("act", ("x",), "act", "List the repairs of the selected alert or indicator.",
        _LOOKING, (DASHBOARD, DETAIL, RUNBOOK)),
    Key("acknowledge", ("a",), "acknowledge", "Take the selected alert: others see that you have it.",
        _LOOKING, (DASHBOARD, DETAIL, ALERT)),
    Key("silence", ("s",), "silence",
        "Silence the selected alert in its Alertmanager, after a look at all that it hits; or end its silence.",
        _LOOKING, (ALERT,)),
    Key("filter", ("slash",), "filter",
        "Show only the lines that hold what you type; on an indicator's page, only such rows.",
        (DASHBOARD, DETAIL), (DASHBOARD,)),
    Key("search", ("slash",), "search", "Find words on the page; enter or ↓ goes to the next place.",
        (RUNBOOK,), (RUNBOOK,)),
    Key("only_wrong", ("f",), "only wrong", "Show only what is not ok, or everything again.",
        (DASHBOARD,), (DASHBOARD,)),
    Key("time_range", ("t",), "time range",
        "Change how far back charts reach: 15 minutes or an hour, and on an indicator's page also 6 h, 24 h and 7 d.",
        (DASHBOARD, DETAIL), (DETAIL,)),
    Key("copy", ("y",), "copy",
        "Copy the query of an indicator's page, the matchers of an alert, or the code in view in a runbook.",
        _LOOKING, (DETAIL, RUNBOOK)),
    Key("copy_command", ("Y",), "as command",
        "Copy a command line (curl, psql) that asks the same; secrets are $VARIABLES in it.",
        (DETAIL,), (DETAIL,)),
    Key("pages", ("g",), "all pages", "List every runbook page.", _LOOKING, (RUNBOOK,)),
    Key("sources", ("S",), "sources",
        "Open the page of an indicator's source: how it is, what it lacks, its last polls; from there, all sources.",
        (DASHBOARD, DETAIL, SOURCE), (SOURCE,)),
    Key("poll_now", ("R",), "ask now", "Ask every source now.", (*_LOOKING, SOURCE), (SOURCE,)),
    Key("load_config", ("L",), "load config",
        "Load the config anew, after it was changed on disk; with findings in it, the old one stays.",
        (*_LOOKING, SOURCE)),
    Key("pause", ("p",), "pause", "Hold the picture still; collecting goes on.", (*_LOOKING, SOURCE)),
    Key("mute", ("m",), "mute", "Ring nothing for an hour: no bell, no notification; or ring again.", _LOOKING),
    Key("latest_run", ("o",), "output", "Show the latest run and its output.", (*_LOOKING, MENU)),
    Key("preview", ("p",), "preview", "Show every row a repair would hit.", (ACTION,)),
    Key("stop", ("s",), "stop", "Stop the run: its whole process group, or the statement.", (ACTION,)),
    Key("help", ("question_mark",), "help", "Show the keys.", (*_LOOKING, SOURCE, ACTION, SILENCE, MENU),
        (*_LOOKING, SOURCE, MENU)),
    Key("palette", ("ctrl+p",), "palette", "Find any key, indicator, page, source or repair by typing.",
        (*_LOOKING, SOURCE), (DASHBOARD,)),
    Key("leave", ("q",), "quit", "Leave the cockpit; in the help, close it.",
        (*_LOOKING, SOURCE, ACTION, SILENCE, MENU, HELP), (DASHBOARD,)),
)  # fmt: skip
BY_ID = {key.id: key for key in KEYS}
_FIXED = {"ctrl+c": "always quits", "tab": "always moves to the next part of the screen"}
_SHOWN = {
    "slash": "/", "question_mark": "?", "escape": "esc", "pageup": "pgup", "pagedown": "pgdn", "up": "↑", "down": "↓",
    "minus": "-", "plus": "+", "space": "space", "comma": ",", "full_stop": ".", "colon": ":", "semicolon": ";",
}  # fmt: skip
_NAMED = {
    *_SHOWN, "enter", "home", "end", "left", "right", "insert", "delete", "backspace", "tab", "left_square_bracket",
    "right_square_bracket", "equals_sign", "exclamation_mark", "number_sign", "at", "asterisk", "underscore",
    *(f"f{n}" for n in range(1, 25)),
}  # fmt: skip


def keys_of(key: Key, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """The keys in force, after remapping."""
    wanted = keymap.get(key.id)
    return key.keys if wanted is None else tuple(k.strip() for k in wanted.split(",") if k.strip())


def shown(key: str) -> str:
    """A key as people write it: `slash` is `/`."""
    return _SHOWN.get(key, key)


def acts(pressed: str, screen: str, keymap: Mapping[str, str]) -> bool:
    """A key of the table does something on this screen."""
    return any(screen in key.screens and pressed in keys_of(key, keymap) for key in KEYS)


def elsewhere(pressed: str, keymap: Mapping[str, str]) -> str:
    """Where a key of the table acts that does nothing in view; empty for one of no use anywhere."""
    for key in KEYS:
        if pressed in keys_of(key, keymap):
            places = [_PLACES[screen] for screen in key.screens if screen in _PLACES]
            return f"{shown(pressed)} ({key.label}) acts on {' and '.join(places[:2])}, not here"
    return ""


def footer(screen: str, keymap: Mapping[str, str], without: Collection[str] = ()) -> list[tuple[str, str]]:
    """(key, label) of what a screen's footer shows, in the order of the table; `without` what cannot be done."""
    fitting = [key for key in KEYS if screen in key.footer and key.id not in without]
    return [(shown(keys[0]), key.label) for key in fitting if (keys := keys_of(key, keymap))]


def keymap_findings(keymap: Mapping[str, str]) -> list[str]:
    """What is wrong with a keymap: names no key knows, keys no terminal sends, two things on one key of a screen."""
    findings = []
    for name, wanted in keymap.items():
        if name not in BY_ID:
            close = get_close_matches(name, BY_ID, 1)
            findings.append(f"keymap.{name}: no such key name" + (f"; did you mean {close[0]}?" if close else ""))
            continue
        given = [k.strip() for k in wanted.split(",")]
        if not any(given):
            findings.append(f"keymap.{name}: names no key")
        for key in filter(None, given):
            if key in _FIXED:
                findings.append(f"keymap.{name}: {key} {_FIXED[key]} and cannot be remapped")
            elif not _is_key(key):
                findings.append(f"keymap.{name}: {key!r} is no key; write a letter, ctrl+x, f2, enter or slash")
    return findings + _clashes(keymap)


def _is_key(key: str) -> bool:
    bare = key
    for modifier in ("ctrl+", "alt+", "shift+"):
        bare = bare.removeprefix(modifier)
    return bare in _NAMED or (len(bare) == 1 and bare.isalnum())


def _clashes(keymap: Mapping[str, str]) -> list[str]:
    findings = {}
    for screen in SCREENS:
        owners: dict[str, Key] = {}
        for key in (k for k in KEYS if screen in k.screens):
            for pressed in keys_of(key, keymap):
                other = owners.setdefault(pressed, key)
                if other is not key:
                    findings[pressed, key.id, other.id] = (
                        f"keymap: {shown(pressed)} would both {other.label!r} ({other.id}) and {key.label!r} ({key.id})"
                    )
    return list(findings.values())


def markdown() -> str:
    """The key table of the README."""
    rows = ["| key | does | where | name in `keymap:` |", "|---|---|---|---|"]
    for key in KEYS:
        where = "everywhere" if key.screens == SCREENS else ", ".join(key.screens)
        rows.append(f"| {' '.join(f'`{shown(k)}`' for k in key.keys)} | {key.description} | {where} | `{key.id}` |")
    return "\n".join(rows) + "\n"
