"""Rows 14 to 19: health endpoints that lie, drip, flood, or show a bad certificate."""

from tests.cli.config_folder import ConfigFolder
from tests.faults.conftest import Watching
from tests.faults.watch import status
from tests.servers.web import Reply, Web

CONFIG = """version: 1
system: {{id: shop, name: The Shop, environment: staging, production: false}}
sources:
  api: {{type: http, url: "{url}", every: 1s, timeout: 900ms, down_after: 1, expect: {{json: {{status: ok}}}}}}
slis:
  api_up: {{source: api, metric: up, objective: "== 1"}}
"""
LOGIN = Reply(200, b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html; charset=utf-8"})


def test_14_a_login_page_is_not_an_answer(place: ConfigFolder, watching: Watching, web: Web) -> None:
    place.write(CONFIG.format(url=web.url))
    web.reply(LOGIN)
    told = status(place)
    up, api = told.sli("api_up"), told.source("api")
    assert told.code == 1
    assert (up["status"], up["value"]) == ("warning", 0)
    assert (api["status"], api["error"]) == ("critical", "answered HTML instead of JSON (a login page?)")
    watch = watching(place)
    watch.shows(r"◆ up +down")
    watch.shows(r"api ▲ down.*answered HTML instead of JSON")
    watch.sli("api_up", status="warning", value=0)
