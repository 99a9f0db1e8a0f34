"""The page for an alert of others: by what it names, by the end of an address, by its name."""

from pathlib import Path

import pytest

from ontui.domain.foreign import ForeignAlert, ForeignPhase
from ontui.engine.pages import Pages
from ontui.runbooks.library import Library

LATENCY = "# Latency\n\n## Diagnosis\n\nlook\n\n## Redis is slow\n\nrestart\n"


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "latency.md").write_text(LATENCY)
    (tmp_path / "NodeDown.md").write_text("# A node is down\n")
    told: list[str] = []
    opened = Pages(lambda: Library.load(tmp_path), [], told.append)
    opened.open()
    return opened


@pytest.mark.parametrize(
    ("name", "annotations", "ref"),
    [
        ("X", {"runbook_url": "https://wiki.example/runbooks/latency.html"}, "latency.md"),
        ("X", {"runbook_url": "https://wiki.example/runbooks/latency.md#redis-is-slow"}, "latency.md#redis-is-slow"),
        ("X", {"runbook_url": "https://wiki.example/all#nodedown"}, "NodeDown.md"),
        ("X", {"runbook_url": "https://wiki.example/alerts/redis-is-slow/"}, "latency.md#redis-is-slow"),
        ("X", {"runbook": "latency.md#diagnosis"}, "latency.md#diagnosis"),
        ("X", {"runbook": "nowhere", "runbook_url": "http://h/latency"}, "latency.md"),
        ("NodeDown", {}, "NodeDown.md"),
        ("NodeDown", {"runbook_url": "https://wiki.example/runbooks/other"}, "NodeDown.md"),
        ("X", {"runbook_url": "https://wiki.example/"}, None),
        ("X", {"runbook_url": "http://[bad"}, None),
        ("X", {}, None),
    ],
)
def test_the_page_of_an_alert_of_others(pages: Pages, name: str, annotations: dict[str, str], ref: str | None) -> None:
    alert = ForeignAlert("am", name, {"alertname": name}, ForeignPhase.FIRING, annotations=annotations)
    for _ in range(2):  # the second time from memory
        place = pages.place_of(alert)
        assert (place.ref if place else None) == ref
