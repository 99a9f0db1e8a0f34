"""Programs that are looked into and fail: what is seen of it, and that nothing of them stays."""

import re
import signal
import subprocess

import psutil
import pytest

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.conftest import Watching
from tests.faults.watch import Watch, status

CONFIG = """version: 1
system: {id: shop, name: The Shop, environment: staging, production: false}
sources:
  tool: {type: command, run: [./tool], every: 2s, timeout: 1800ms, env: [TOKEN]}
slis:
  works: {title: works, source: tool, metric: up, alerts: [{name: ToolDown, when: failing, severity: SEV-1}]}
  jobs: {title: jobs, source: tool, regex: '^jobs (\\S+)'}
  pods: {title: pods, source: tool, regex: '^pod (?P<name>\\S+) (?P<value>\\S+)', rows: pod, unit: cores,
         objective: "< 1"}
"""
GOOD = "echo jobs 7; echo pod api 250m; echo pod web 1500m"


def lines_with(text: str) -> list[str]:
    """The command lines of living processes that hold a text."""
    found = (" ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]))
    return [line for line in found if text in line]


def test_a_program_that_starts_to_fail(place: ConfigFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write(CONFIG)
    monkeypatch.setenv("TOKEN", "s3cret-token")
    place.program("tool", GOOD)
    told = status(place)
    assert told.code == 1   # the objective of a pod is missed
    assert (told.sli("jobs")["value"], told.sli("works")["value"]) == (7, 1)
    assert [(row["name"], row["value"]) for row in told.sli("pods")["rows"]] == [("web", 1.5), ("api", 0.25)]
    with Watch(place) as watch:
        watch.shows(r"✓ jobs +7")
        watch.shows(r"◆ pods +1\.5 cores")
        place.program("tool", f'{GOOD}; echo "no route to $TOKEN" >&2; exit 4')
        watch.source("tool", error="^exit 4: no route to ••••••$")
        watch.shows(r"▲ works +down")
        watch.sli("jobs", value=None, within_s=30)
        watch.shows(r"jobs .*stale.*exit 4: no r", within_s=20)
        place.program("tool", "sleep 60")
        watch.source("tool", error=r"it did not end within 1\.8\d* s, and was ended")
        place.program("tool", GOOD)
        watch.sli("jobs", value=7, within_s=30)
        watch.source("tool", error=None)
    eventually(lambda: not lines_with(str(place.folder / "tool")))


def test_what_others_can_change_is_not_run(place: ConfigFolder, watching: Watching) -> None:
    place.write(CONFIG)
    place.program("tool", f"touch {place.folder}/ran; {GOOD}").chmod(0o770)
    told = status(place)
    words = rf"^not run: {re.escape(str(place.folder))}/tool can be written by its group: chmod go-w"
    assert re.search(words, told.source("tool")["error"])
    assert (told.sli("works")["status"], told.sli("jobs")["status"]) == ("unknown", "unknown")
    (place.folder / "tool").chmod(0o700)
    place.config.chmod(0o660)
    assert "ontui.yaml can be written by its group" in status(place).source("tool")["error"]
    watching(place).shows(r"tool .*not run")
    assert not (place.folder / "ran").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_stays_when_ontui_is_ended(place: ConfigFolder, number: signal.Signals) -> None:
    place.write(CONFIG.replace("1800ms", "50s").replace("every: 2s", "every: 60s"))
    mark = f"{place.folder}/begun"
    stubborn = f"trap '' TERM HUP\nsetsid sh -c 'sleep 600; : {mark}' &\ntouch {mark}; sleep 600"
    place.program("tool", stubborn)
    with place.going("status") as ours:
        eventually((place.folder / "begun").exists, within_s=30)
        assert len(lines_with(str(place.folder))) >= 3
        ours.send_signal(number)
        try:
            ours.wait(30)
        except subprocess.TimeoutExpired:
            pytest.fail("ontui goes on")
    eventually(lambda: not lines_with(str(place.folder)), within_s=20)
