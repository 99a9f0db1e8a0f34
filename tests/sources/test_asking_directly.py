"""The copied command lines of sources that are read directly, pasted into a real shell."""

import json
import time
from pathlib import Path

from ontui.domain.secret import Secret
from ontui.domain.sli import Sli
from ontui.domain.source import EnvSource, HttpAccess, MetricsSource, StatuspageSource
from ontui.sources.asking import as_command, question
from tests.servers.web import Web, json_reply, redirect
from tests.sources import metrics_setup
from tests.sources.statuspages import payments
from tests.sources.test_asking import pasted

TEXT = 'cache_hits_total{cache="menu"} 90\ncache_misses_total 10\ncache_hits_total_more 5\nother 7\n'


async def test_curl_and_grep_bring_the_lines_of_a_series(web: Web) -> None:
    web.reply(redirect("/metrics"), at="/")
    web.reply(metrics_setup.text(TEXT), at="/metrics")
    url = f"{web.url}/"
    source = MetricsSource(
        id="app", type="metrics", interval_s=5, timeout_s=2, url=url, address=url,
        access=HttpAccess(bearer=Secret("sesame-open")),
    )  # fmt: skip
    ratio = metrics_setup.sli("r", 'cache_hits_total{cache="menu"}', over="cache_misses_total")
    line = as_command(source, ratio)
    assert "sesame-open" not in line
    shown = pasted(line, TOKEN="sesame-open")
    assert shown == "".join(TEXT.splitlines(keepends=True)[:2])
    assert web.requests[-1].headers["authorization"] == "Bearer sesame-open"
    assert question(source, ratio) == f'GET {url}\ncache_hits_total{{cache="menu"}} / cache_misses_total'
    whole = as_command(source, metrics_setup.sli("r", '{__name__=~"cache_.*"}'))
    assert pasted(whole, TOKEN="") == TEXT
    assert question(source, metrics_setup.sli("up", metric="up")) == f"GET {url}"


def test_curl_brings_a_vendors_summary(web: Web) -> None:
    web.reply(json_reply(payments()), at="/page/api/v2/summary.json")
    url = f"{web.url}/page/"
    source = StatuspageSource(id="v", type="statuspage", interval_s=60, timeout_s=5, url=url, address=url)
    sli = Sli("c", "", "", "v", "vendor", 60, 5, component="API")
    assert json.loads(pasted(as_command(source, sli))) == payments()
    assert question(source, sli) == f"GET {web.url}/page/api/v2/summary.json\nAPI"


def test_a_shell_says_whether_a_variable_is_there_and_no_more(tmp_path: Path) -> None:
    secret = "correct-horse-battery-staple-and-more"
    sli = Sli("j", "", "", "keys", "present", 60, 5, variable="JWT_SECRET", min_length=33)
    own = EnvSource(id="keys", type="env", interval_s=60, timeout_s=5, address="environment")
    assert question(own, sli) == "JWT_SECRET, at least 33 characters (environment)"
    line = as_command(own, sli)
    assert [pasted(line, JWT_SECRET=secret), pasted(line, JWT_SECRET=secret[:32]), pasted(line)] == [
        "present\n", "missing\n", "missing\n"
    ]  # fmt: skip
    file = tmp_path / "it's app.env"
    of_file = EnvSource(id="keys", type="env", interval_s=60, timeout_s=5, address=file.name, file=str(file))
    line = as_command(of_file, sli)
    told = []
    for text in (f"export JWT_SECRET={secret}\n", f"OTHER_JWT_SECRET={secret}\n# JWT_SECRET={secret}\n"):
        file.write_text(text)
        told.append(pasted(line))
    assert told == ["set\n", "not set\n"]


async def test_the_shell_and_the_poller_agree(web: Web) -> None:
    web.reply(metrics_setup.text(TEXT))
    source = MetricsSource(id="app", type="metrics", interval_s=5, timeout_s=2, url=web.url, address=web.url)
    sli = metrics_setup.sli("other", "other")
    sample = await metrics_setup.once(source, sli, now=time.time)
    assert float(pasted(as_command(source, sli)).split()[1]) == sample.readings["other"].value
