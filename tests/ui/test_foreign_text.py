"""Foreign text is drawn as it is: never as markup, never as a command to the program."""

from dataclasses import replace
from pathlib import Path

from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.state import State
from ontui.runbooks.library import Library
from ontui.ui.palette import Everything
from ontui.ui.widgets.page_view import PageView
from tests.ui import freight
from tests.ui.pilot import cockpit, everything, press, screen, text
from tests.ui.scenes import running
from tests.ui.still import Still

EVIL = "[/foo] [@click=app.bell]x[/] [red]$(id)"


def poisoned() -> State:
    """Every text that comes from elsewhere holds markup."""
    state = freight.burning()
    slis = {
        name: replace(sli, title=f"{sli.title} {EVIL}", group=f"{sli.group}{EVIL}", alerts=tuple(
            replace(rule, name=f"{rule.name}{EVIL}") for rule in sli.alerts
        ))
        for name, sli in state.system.slis.items()
    }  # fmt: skip
    actions = {name: replace(action, title=f"{action.title}{EVIL}") for name, action in state.system.actions.items()}
    system = replace(state.system, slis=slis, actions=actions, name=EVIL, environment=EVIL)
    dirty = State.empty(system)
    values = {name: freight.value(name, 0.0, burning=True) for name in slis}
    for source in ("metrics", "database"):
        for ago in (400, 40, 2):
            sample = freight.sample(source, freight.NOW - ago, values, history=False, burning=True)
            readings = {n: replace(r, note=EVIL, raw=EVIL, caveat=EVIL) for n, r in sample.readings.items()}
            dirty = dirty.after(replace(sample, readings=readings, server=EVIL, findings=(EVIL,)))
    dirty = dirty.after(Sample("database", freight.NOW, 0.1, {"failed_jobs": Reading.unknown(freight.NOW, EVIL)}))
    return dirty.after(Sample("api", freight.NOW, 0.1, fault=Fault(FaultKind.PROTOCOL, EVIL)))


async def test_markup_in_names_reasons_and_answers_is_only_text(tmp_path: Path) -> None:
    page = f"# {EVIL}\n\n## Diagnosis\n\n{EVIL}\n\n```sh\n{EVIL}\n```\n"
    (tmp_path / "latency.md").write_text(page, encoding="utf-8")
    desk = Still(poisoned(), library=Library.load(tmp_path), warnings=(EVIL,))
    async with cockpit(desk, (200, 60)) as pilot:
        assert EVIL in everything(pilot)
        for keys in (("enter",), ("x",), ("r",), ("g",), ("question_mark",), ("x", "enter")):
            await press(pilot, *keys)
            assert "[/foo]" in everything(pilot), keys
            for _ in range(4):
                if len(pilot.app.screen_stack) > 1:
                    await press(pilot, "escape")
        await press(pilot, "a")
        await press(pilot, "slash", *"[/foo]")
    assert pilot.app.return_code in (None, 0)


async def test_markup_in_the_palette_is_only_text() -> None:
    async with cockpit(Still(poisoned())) as pilot:
        await press(pilot, "ctrl+p", *"latency")
        await pilot.pause(0.5)
        await press(pilot, "escape")
        provider = Everything(pilot.app.screen)
        hits = [hit async for hit in provider.discover()]
        assert any("[/foo]" in str(hit.prompt) for hit in hits)
    assert pilot.app.return_code in (None, 0)


async def test_markup_in_output_is_only_text() -> None:
    desk = running()
    desk.executions[0].lines.append(EVIL)
    desk.executions[0].line_count += 1
    async with cockpit(desk) as pilot:
        await press(pilot, "o")
        assert EVIL in everything(pilot)


async def test_html_and_images_of_a_page_are_text_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "latency.md").write_text(
        "# L\n\n## Diagnosis\n\n<script>alert(1)</script>\n\n![graph](https://x.example/a.png) <b>big</b> <!-- x -->\n",
        encoding="utf-8",
    )
    async with cockpit(Still(freight.burning(), library=Library.load(tmp_path))) as pilot:
        await press(pilot, "r")
        shown = text(pilot.app.screen.query_one(PageView))
        assert "(image: graph)" in shown
        assert "<script>alert(1)</script>" in shown   # text like any other
        assert shown.rstrip().endswith("(image: graph) big")


async def test_the_palette_finds_indicators_pages_repairs_and_keys_and_opens_them() -> None:
    from ontui.ui.screens.detail import DetailScreen
    from ontui.ui.screens.runbook import RunbookScreen

    async with cockpit(Still()) as pilot:
        await press(pilot, "ctrl+p", *"replica lag")
        await pilot.pause(0.5)
        await press(pilot, "enter")
        await pilot.pause(0.2)
        assert screen(pilot, DetailScreen).sli_id == "replication_lag"
        await press(pilot, "ctrl+p", *"high api")
        await pilot.pause(0.5)
        await press(pilot, "enter")
        await pilot.pause(0.2)
        assert screen(pilot, RunbookScreen).ref == "latency.md"
