"""Reading a page: where it opens, where its links lead, what is copied, what is found."""

import os
import stat
from pathlib import Path

import pytest

from ontui.domain.secret import MASK, Secrets
from ontui.runbooks.library import Library
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.screens.pages import PagesScreen
from ontui.ui.screens.runbook import RunbookScreen
from ontui.ui.widgets.page_view import PageView
from ontui.ui.widgets.section_list import EntryList
from ontui.ui.widgets.subject import Subject
from tests.ui import freight
from tests.ui.pilot import cockpit, everything, press, said, screen, text, tick
from tests.ui.still import Settings, Still


def copied() -> str:
    """What the file that backs the clipboard holds."""
    return (Path(os.environ["XDG_STATE_HOME"]) / "ontui" / "copied.txt").read_text(encoding="utf-8")


async def test_r_opens_the_page_of_the_alert_at_its_section_and_that_is_on_record() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, "r")
        room = screen(pilot, RunbookScreen)
        assert room.section is not None
        assert (room.ref, room.section.title) == ("latency.md#diagnosis", "Diagnosis")
        assert desk.opened == ["latency.md#diagnosis"]
        assert room.query_one("#contents", EntryList).current == "2"


async def test_the_alert_that_led_here_stays_in_view_with_its_live_value() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, "r")
        subject = pilot.app.screen.query_one(Subject)
        assert "SEV-2 HighLatency  API latency p95  1.24 s  > 800 ms   firing" in text(subject)
        desk.state = desk.state.after(
            freight.sample("metrics", desk.at, {**freight.USUAL, "p95": 0.9}, history=False, burning=False)
        )
        tick(pilot)
        assert "900 ms" in text(subject)


async def test_moving_in_the_contents_shows_the_section() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        await press(pilot, "r", "shift+tab", "down")
        room = screen(pilot, RunbookScreen)
        assert room.section is not None
        assert room.section.title == "Cache"
        assert "docker compose restart redis" in text(room.query_one(PageView))
        await press(pilot, "enter")
        assert room.query_one(PageView).has_focus


async def test_a_link_to_a_page_opens_it_here_and_esc_goes_back() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, "r")
        room = screen(pilot, RunbookScreen)
        view = room.query_one(PageView)
        view.choose(next(key for key, href in view.prose.links.items() if href == "database.md#pool"))
        await press(pilot, "enter")
        assert room.ref == "database.md#pool"
        assert desk.opened == ["latency.md#diagnosis", "database.md#pool"]
        await press(pilot, "escape")
        assert room.ref == "latency.md#diagnosis"
        await press(pilot, "escape")
        screen(pilot, Dashboard)


async def test_a_link_to_elsewhere_is_copied_and_never_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    async with cockpit(Still(freight.burning())) as pilot:
        monkeypatch.setattr(pilot.app, "open_url", lambda url, **_: opened.append(url))
        await press(pilot, "r")
        view = pilot.app.screen.query_one(PageView)
        view.choose("link:0")
        await press(pilot, "enter")
        assert opened == []
        assert copied() == "https://grafana.freight.example/d/api-overview"
        assert pilot.app.clipboard == copied()
        assert "is not opened from here: copied it" in said(pilot)


async def test_a_broken_link_says_so(tmp_path: Path) -> None:
    (tmp_path / "latency.md").write_text("# Latency\n\n## Diagnosis\n\n[gone](nowhere.md)\n", encoding="utf-8")
    async with cockpit(Still(freight.burning(), library=Library.load(tmp_path))) as pilot:
        await press(pilot, "r")
        pilot.app.screen.query_one(PageView).choose("link:0")
        await press(pilot, "enter")
        assert "no page here" in said(pilot)


async def test_y_copies_the_code_in_view_and_then_the_selected_one() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        await press(pilot, "r", "y")
        assert copied().startswith("docker compose exec redis")
        await press(pilot, "down", "down", "y")
        assert copied().startswith("select pid, application_name")
        assert not copied().endswith("\n")


async def test_the_copy_is_readable_by_its_owner_only_and_holds_no_secret(tmp_path: Path) -> None:
    page = "# L\n\n## Diagnosis\n\n```sh\ncurl -u ops:hunter22 x\n```\n"
    (tmp_path / "latency.md").write_text(page, encoding="utf-8")
    desk = Still(freight.burning(), library=Library.load(tmp_path), config=Settings(secrets=Secrets(["hunter22"])))
    async with cockpit(desk) as pilot:
        await press(pilot, "r", "y")
        assert copied() == f"curl -u ops:{MASK} x"
        path = Path(os.environ["XDG_STATE_HOME"]) / "ontui" / "copied.txt"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert "hunter22" not in everything(pilot)


async def test_search_goes_from_hit_to_hit_over_sections() -> None:
    async with cockpit(Still(freight.burning()), (80, 24)) as pilot:
        await press(pilot, "r", "slash", *"scale")
        room = screen(pilot, RunbookScreen)
        assert room.section is not None
        assert room.section.title == "Verify"
        assert any(style == "found" for row in room.query_one(PageView).painted for _, style in row.line)
        first = room.hit
        await press(pilot, "enter")
        assert room.hit != first or len(room.hits) == 1
        await press(pilot, "escape")
        assert not any(style == "found" for row in room.query_one(PageView).painted for _, style in row.line)
        screen(pilot, RunbookScreen)


async def test_search_that_finds_nothing_says_so() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        await press(pilot, "r", "slash", *"zebra")
        assert said(pilot) == "not found on this page"


async def test_all_pages_are_listed_and_searched() -> None:
    async with cockpit(Still()) as pilot:
        await press(pilot, "g")
        assert screen(pilot, PagesScreen).query_one("#pages", EntryList).keys == [
            "api-down.md", "database.md", "errors.md", "latency.md",
        ]  # fmt: skip
        await press(pilot, *"econnrefused", "enter")
        assert screen(pilot, RunbookScreen).ref == "errors.md#diagnosis"


async def test_prose_never_grows_wider_than_one_can_read() -> None:
    async with cockpit(Still(freight.burning()), (200, 60)) as pilot:
        await press(pilot, "r")
        lines = text(pilot.app.screen.query_one(PageView)).split("\n")
        assert 60 < max(map(len, lines)) <= 88


def long_page(folder: Path, sections: int) -> Library:
    """As many sections as that, each with the same word."""
    parts = [f"## Part {n}\n\nthe valve of part {n}\n" for n in range(sections)]
    (folder / "latency.md").write_text("# Long\n\n" + "\n".join(parts), encoding="utf-8")
    return Library.load(folder)


async def test_on_a_long_page_the_contents_follow_and_the_search_goes_on_from_where_one_reads(tmp_path: Path) -> None:
    desk = Still(freight.burning(), library=long_page(tmp_path, 250))
    async with cockpit(desk, (100, 30)) as pilot:
        room = RunbookScreen(desk, "latency.md#part-120")
        await pilot.app.push_screen(room)
        await pilot.pause()
        await pilot.pause()
        contents = room.query_one("#contents", EntryList)
        seen = text(contents).splitlines()[contents.scroll_offset.y :][: contents.size.height]
        assert any(line.startswith("▸") and "Part 120" in line for line in seen)
        await press(pilot, "slash", *"part")
        assert room.section is not None
        assert room.section.title == "Part 120"
        assert "of 200 of more" in said(pilot)
        await press(pilot, "enter", "enter", "enter")
        assert room.section.title != "Part 120"
        seen = text(contents).splitlines()[contents.scroll_offset.y :][: contents.size.height]
        assert any(line.startswith("▸") and room.section.title in line for line in seen)
