"""Rows 32 and 33: half of a /metrics page, counters that begin again, and the first look at them."""

from dataclasses import dataclass

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.faults.conftest import Watching
from tests.faults.watch import status
from tests.servers.web import Reply, Request, Web

CONFIG = """version: 1
system: {{id: shop, name: The Shop, environment: staging, production: false}}
sources:
  app: {{type: metrics, url: "{url}/metrics", every: {every}, timeout: {timeout}}}
slis:
  answers: {{title: answers, source: app, metric: up, objective: "== 1"}}
  queue:
    title: queue
    source: app
    series: queue_length{{of="mail"}}
    objective: "<= 20000"
    alerts: [{{name: QueueShort, when: "< 1000", severity: SEV-1}}]
  sales:
    title: sales
    source: app
    series: sales_total
    rate: true
    unit: per_second
    alerts: [{{name: SalesBurst, when: "> 1000", severity: SEV-1}}]
  share: {{title: share, source: app, series: hits_total, over: '{{__name__=~"(hits|misses)_total"}}', combine: sum,
          rate: true, objective: ">= 50%"}}
"""
TEXT = {"Content-Type": "text/plain; version=0.0.4"}


def configure(place: ConfigFolder, url: str, every: str = "1s", timeout: str = "900ms") -> None:
    place.write(CONFIG.format(url=url, every=every, timeout=timeout))


@dataclass(slots=True)
class Shop:
    """A program that counts: each answer counts ten sales more."""

    sales: float = 1_000_000
    step: float = 10

    def __call__(self, _: Request) -> Reply:
        self.sales += self.step
        lines = [
            f"sales_total {self.sales:.0f}", f"hits_total {self.sales * 3:.0f}", f"misses_total {self.sales:.0f}",
            'queue_length{of="mail"} 12345',
        ]  # fmt: skip
        return Reply(200, ("\n".join(lines) + "\n").encode(), TEXT)


def halves() -> dict[str, tuple[Reply, str]]:
    """Ways in which `queue_length 12345` may come as `queue_length 123`, and what is said of each."""
    whole = Shop()(Request("GET", "/metrics", "", {}, b"")).body
    cut = whole[:-3]
    assert cut.endswith(b"} 123")
    return {
        "the connection": (Reply(200, whole, TEXT, cut_after=len(cut)), "the answer was cut short"),
        "the program": (Reply(200, cut, TEXT), "truncated: the last line has no end"),
        "openmetrics": (
            Reply(200, cut, {"Content-Type": "application/openmetrics-text; version=1.0.0"}),
            "truncated: '# EOF' is missing at the end",
        ),
    }


@pytest.mark.parametrize("where", ["the connection", "the program", "openmetrics"])
def test_32_half_a_page_is_an_error_and_no_number(
    place: ConfigFolder, watching: Watching, web: Web, where: str
) -> None:
    half, words = halves()[where]
    configure(place, web.url)
    web.reply(half)
    told = status(place)
    assert told.source("app")["error"] == words
    for sli in ("queue", "sales", "share"):
        assert (told.sli(sli)["status"], told.sli(sli)["value"], told.sli(sli)["reason"]) == ("unknown", None, words)
    assert (told.sli("answers")["value"], told.sli("answers")["status"]) == (0, "warning")
    web.reply(Shop())
    watch = watching(place)
    watch.sli("queue", within_s=20, status="ok", value=12345)
    web.reply(half)
    watch.source("app", within_s=20, error=words)
    watch.shows(rf"app ▲ down.*{words}")
    gone = watch.sli("queue", within_s=60, status="stale", value=None)   # never 123
    assert gone["text"] == "12.3k"
    assert watch.json["alerts"] == []
    web.reply(Shop())
    watch.sli("queue", within_s=60, status="ok", value=12345)
    assert [event for event in watch.events() if event[2] == "alert"] == []


def test_33_the_first_look_collects_and_a_second_one_counts(place: ConfigFolder, web: Web) -> None:
    configure(place, web.url)   # no time for a second look
    web.reply(Shop())
    told = status(place)
    assert told.sli("queue")["value"] == 12345
    for sli in ("sales", "share"):
        seen = told.sli(sli)
        assert (seen["status"], seen["value"]) == ("unknown", None)
        assert seen["reason"] == "collecting: needs a second answer"
    configure(place, web.url, "20s", "10s")
    told = status(place)
    sales = told.sli("sales")
    assert sales["status"] == "ok"
    assert 0 < sales["value"] <= 10
    assert told.sli("share")["value"] == pytest.approx(0.75)


def test_33_two_programs_behind_one_address_make_no_spike(
    place: ConfigFolder, watching: Watching, web: Web
) -> None:
    shops = [Shop(1000), Shop(5_000_000)]

    def either(request: Request) -> Reply:
        shops.reverse()
        return shops[0](request)

    web.reply(either)
    configure(place, web.url, "20s", "10s")
    said = "collecting: several processes answer in turn"
    seen = status(place).sli("sales")
    assert (seen["status"], seen["value"], seen["reason"]) == ("unknown", None, said)
    configure(place, web.url)
    watch = watching(place)
    watch.sli("sales", within_s=30, status="unknown", value=None, reason=said)
    assert watch.json["alerts"] == []
    assert [event for event in watch.events() if event[2] == "alert"] == []


def test_33_a_reset_and_a_restart_make_no_spike(place: ConfigFolder, watching: Watching, web: Web) -> None:
    configure(place, web.url)
    shop, answered = Shop(), []

    def first(request: Request) -> Reply:
        answered.append(request)
        return shop(request) if len(answered) == 1 else Reply(500)

    web.reply(first)
    watch = watching(place)
    watch.sli("sales", within_s=20, status="unknown", value=None, reason="collecting: needs a second answer")
    watch.shows(r"\? sales +unknown +collecting: needs a")
    web.reply(shop)
    seen = watch.sli("sales", within_s=60, status="ok")
    assert 0 < seen["value"] < 50
    watch.shows(r"✓ sales +\d")
    assert watch.sli("share", status="ok")["value"] == pytest.approx(0.75)
    shop.sales = 0   # the program was restarted and counts from the beginning
    reset = watch.sli("sales", within_s=20, status="unknown")
    assert (reset["value"], reset["reason"]) == (None, "collecting: the counter was reset, needs a second answer")
    again = watch.sli("sales", within_s=20, status="ok")
    assert 0 < again["value"] < 50
    assert watch.sli("share", within_s=20, status="ok")["value"] == pytest.approx(0.75)
    assert watch.json["alerts"] == []
    assert [event for event in watch.events() if event[2] == "alert"] == []
