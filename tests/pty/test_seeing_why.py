"""The installed program: another config while it runs, and the way from a number to its source."""

from pathlib import Path

from tests.pty.terminal import Terminal, ontui
from tests.servers.web import Web, json_reply

CONFIG = """\
version: 1
system: {{id: shop, environment: staging, production: false}}
sources:
  web: {{type: http, url: "{url}", every: 1s, timeout: 500ms, bearer: "s3cret-of-shop"}}
slis:
  queue: {{title: Queue, source: web, json: queue}}
"""


def write(path: Path, text: str) -> None:
    """As an editor does."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o600)
    new.rename(path)


def test_from_a_number_to_its_source_and_to_another_config(web: Web, tmp_path: Path) -> None:
    web.reply(json_reply({"queue": 41, "stock": 77}))
    tmp_path.chmod(0o700)
    path, state = tmp_path / "ontui.yaml", tmp_path / "state"
    text = CONFIG.format(url=web.url)
    write(path, text)
    with Terminal(ontui("-c", path), columns=120, rows=40, env={"XDG_STATE_HOME": str(state)}) as terminal:
        terminal.wait(r"Queue +41", 30)
        terminal.type("enter", "t", "t")
        terminal.wait(r"last 6 h · web keeps no history · seen from \d\d:\d\d")
        terminal.type("Y")
        terminal.wait("copied a command line that asks the same")
        copied = (state / "ontui" / "copied.txt").read_text()
        assert copied == f"curl -sS -i -H \"Authorization: Bearer $TOKEN\" {web.url}"
        terminal.type("S")
        terminal.wait(r"✓ \d\d:\d\d:\d\dZ +[\d.]+ ms  ok")
        terminal.wait(r"every 1 s, for 500 ms at most")
        terminal.type("escape", "escape")
        write(path, text.replace("  queue:", "  stock: {title: Stock, source: web, json: stock}\n  queue:"))
        terminal.wait("config changed: L loads it", 15)
        terminal.type("L")
        terminal.wait(r"Stock +77", 15)
        terminal.wait(r"Queue +41")
        write(path, text.replace("json: queue", "jsonn: queue"))
        terminal.wait("config changed: L loads it", 15)
        terminal.type("L")
        terminal.wait("The config was not loaded: the old one stays in force", 15)
        terminal.wait(r"ontui\.yaml:6:\d+: slis\.queue")
        terminal.type("q")
        terminal.wait(r"Stock +77")
        assert "s3cret" not in terminal.written
        terminal.type("q")
        assert terminal.exit_code(8) == 0
        assert terminal.restored == []
