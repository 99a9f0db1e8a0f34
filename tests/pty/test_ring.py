"""A ring in a real terminal: once, whole, and the picture goes on unharmed."""

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.pty.terminal import Terminal, ontui
from tests.servers.web import Web, json_reply

NOTIFY = 'notify: {desktop: osc777, command: [./told, "{name}", "{state}"]}\n'
TELLS = "\x1b]777;notify;shop;SEV-1 QueueLong firing: queue length 17\x1b\\\x07"
ENDS = "\x1b]777;notify;shop;SEV-1 QueueLong resolved: queue length 3\x1b\\"


def test_what_begins_while_one_watches_rings_once_and_what_was_so_does_not(place: ConfigFolder, web: Web) -> None:
    log = place.folder / "told.log"
    told = place.program("told", f'echo "$@" >>{log}')
    place.write(place.config.read_text() + NOTIFY.replace("./told", str(told)))
    with Terminal(ontui("-c", place.config), columns=80, rows=24, env=place.environ) as terminal:
        terminal.wait("QueueLong +17")
        web.reply(json_reply({"queue": 3}))
        terminal.wait("resolved")
        eventually(lambda: ENDS in terminal.written)
        assert TELLS not in terminal.written
        web.reply(json_reply({"queue": 17}))
        eventually(lambda: TELLS in terminal.written)
        terminal.wait("firing [2-9]s")
        assert terminal.written.count(TELLS) == 1
        eventually(lambda: log.read_text() == "QueueLong resolved\nQueueLong firing\n")
        terminal.type("m")
        terminal.wait("MUTED 60m")
        web.reply(json_reply({"queue": 3}))
        terminal.wait("resolved")
        terminal.type("m")
        terminal.wait(lambda text: "MUTED" not in text)
        terminal.type("q")
        assert terminal.exit_code() == 0
        assert terminal.written.count(ENDS) == 1
