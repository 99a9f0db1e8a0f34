"""What the pictures show: a desk, the keys pressed on it, and how much has to be waited for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from textual.pilot import Pilot
from textual.widgets import Input

from ontui.domain.action import Effect, Outcome, Run, Verdict
from ontui.domain.alert import Phase
from ontui.domain.flapping import Flaps
from ontui.domain.state import State
from ontui.ui.app import OntuiApp
from tests.ui import freight
from tests.ui.pilot import press, settled
from tests.ui.still import Still, StillExecution, ended, plan_of

SMALL, LARGE = (80, 24), (120, 40)
Size = tuple[int, int]


@dataclass(frozen=True)
class Scene:
    """One picture."""

    name: str
    desk: Callable[[], Still]
    size: Size = SMALL
    press: tuple[str, ...] = ()
    theme: str = "ontui-dark"
    is_ascii: bool = False

    def app(self) -> OntuiApp:
        """The cockpit, before anything was pressed."""
        return OntuiApp(self.desk(), theme=self.theme, is_ascii=self.is_ascii)

    @property
    def before(self) -> Callable[[Pilot[None]], Awaitable[None]]:
        """Press the keys, each when what the last one began is over."""

        async def play(pilot: Pilot[None]) -> None:
            await settled(pilot)
            for key in self.press:
                await press(pilot, key)
                for field in pilot.app.screen.query(Input):
                    field.cursor_blink = False   # whether the cursor is just lit is no part of the picture
            await settled(pilot)

        return play


def on(make: Callable[[], State], **how: object) -> Callable[[], Still]:
    """A desk with that picture."""
    return lambda: Still(make(), **how)  # type: ignore[arg-type]


def running() -> Still:
    """A repair twelve seconds into its run."""
    desk = Still(freight.burning())
    action = desk.state.system.actions["restart-redis"]
    plan = plan_of(desk.state, action, {}, "hit_rate", "hit_rate/CacheMissHigh", desk.at)
    run = Run("r1", plan.action, plan.title, "bob@bastion-1", desk.at - 12, timeout_s=plan.timeout_s)
    lines = ["Container freight-redis-1  Restarting", "Container freight-redis-1  Started"]
    execution = StillExecution(plan, run)
    execution.lines.extend(lines)
    execution.line_count = len(lines)
    desk.executions.append(execution)
    return desk


def watching() -> Still:
    """The same, ended well, its effect awaited."""
    desk = running()
    ended(desk.executions[0], Outcome.OK, "exit 0", 4.2)
    desk.executions[0].watching = True
    return desk


def recovered() -> Still:
    """The same, and it helped."""
    desk = watching()
    desk.executions[0].watching = False
    desk.executions[0].verdict = Verdict("r1", "hit_rate", Effect.RECOVERED, "31 %", "78 %", 42.0)
    return desk


def failed() -> Still:
    """It failed, and nothing got better."""
    desk = running()
    ended(desk.executions[0], Outcome.FAILED, "exit 1", 4.2)
    desk.executions[0].verdict = Verdict("r1", "hit_rate", Effect.NO_EFFECT, "31 %", "30 %", 300.0)
    return desk


def moved() -> Still:
    """Between the question and the answer another server took over."""
    desk = Still(freight.burning())
    action = desk.state.system.actions["end-idle-sessions"]
    plan = plan_of(desk.state, action, {}, "connections_used_ratio", "connections_used_ratio/PoolHigh", desk.at)
    desk.moved = replace(plan, target="db2.internal:5432/freight as ops · primary, PostgreSQL 16.4", identity="two")
    return desk


def staging() -> State:
    """Not production: a change is asked with y/N."""
    return freight.watched(burning=True, production=False)


def flapping() -> State:
    """An alert that cannot make up its mind, well just now, and a promise to respond that was broken."""
    state = freight.burning()
    alerts, at = dict(state.alerts), freight.NOW
    unsteady = alerts["p95/HighLatency"]
    changes = tuple(at - ago for ago in (1500.0, 1320.0, 900.0, 540.0, 330.0, 90.0))
    alerts["p95/HighLatency"] = replace(
        unsteady, flaps=Flaps(changes, at - 330, 88.0), streaks={}, seen_at=at - 2, holds=False, value=0.262
    )
    alerts["hit_rate/CacheMissHigh"] = replace(
        alerts["hit_rate/CacheMissHigh"], acknowledged=None, since=at - 1020, phase=Phase.FIRING
    )
    latency = state.indicators["p95"]
    assert latency.reading is not None
    well = replace(latency, reading=replace(latency.reading, value=0.262))
    return replace(state, alerts=alerts, indicators={**state.indicators, "p95": well})


TYPE_IT = ("f", "r", "e", "i", "g", "h", "t")
POOL = ("down", "down")
SCENES = [
    *(
        Scene(f"dashboard-{name}-{size[0]}x{size[1]}", on(make), size)
        for name, make in (
            ("calm", freight.watched), ("burning", freight.burning),
            ("down", freight.source_down), ("empty", freight.empty),
        )
        for size in (SMALL, LARGE)
    ),
    Scene("dashboard-200x60", on(freight.burning), (200, 60)),
    Scene("dashboard-50x12", on(freight.burning), (50, 12)),
    Scene("dashboard-light", on(freight.burning), LARGE, theme="ontui-light"),
    Scene("dashboard-16-colours", on(freight.burning), LARGE, theme="ontui-16"),
    Scene("dashboard-ascii", on(freight.burning), SMALL, is_ascii=True),
    Scene("dashboard-read-only",
          on(freight.burning, read_only=True, warnings=("the journal cannot be written: disk full",)), SMALL, ("f",)),
    Scene("dashboard-filter", on(freight.watched), SMALL, ("slash", *"data")),
    Scene("dashboard-busy", running, SMALL),
    Scene("dashboard-flapping", on(flapping, muted_until=freight.NOW + 3540), LARGE),
    Scene("dashboard-muted", on(flapping, muted_until=freight.NOW + 3540), SMALL),
    Scene("detail-flapping", on(flapping), LARGE, ("down", "enter")),
    Scene("detail-80x24", on(freight.burning), SMALL, ("enter",)),
    Scene("detail-120x40", on(freight.burning), LARGE, ("enter",)),
    Scene("detail-down", on(freight.source_down), LARGE, ("down", "down", "down", "enter", "t")),
    *(
        Scene(f"detail-{name}-{size[0]}x{size[1]}", on(make, remembers=freight.past), size, keys)
        for name, make, keys in (
            ("24h", freight.watched, ("enter", "t", "t", "t")),
            ("rows", freight.with_rows, ("down", "enter")),
        )
        for size in (SMALL, LARGE)
    ),
    Scene("detail-7d", on(freight.watched, remembers=freight.past), LARGE, ("enter", "t", "t", "t", "t")),
    Scene("detail-rows-filter", on(freight.with_rows), SMALL, ("down", "enter", "slash", *"tenant-01")),
    *(
        Scene(f"source-{name}-{size[0]}x{size[1]}", on(make), size, ("slash", *words, "enter", "S"))
        for name, make, words in (("troubled", freight.troubled, "pool"), ("down", freight.source_down, "certificate"))
        for size in (SMALL, LARGE)
    ),
    Scene("sources", on(freight.source_down), SMALL, ("S", "S")),
    Scene("runbook-80x24", on(freight.burning), SMALL, ("r",)),
    Scene("runbook-120x40", on(freight.burning), LARGE, ("r", "down")),
    Scene("runbook-search", on(freight.burning), SMALL, ("r", "slash", *"idle", "enter")),
    Scene("pages", on(freight.watched), SMALL, ("g", *"cache")),
    Scene("repairs", on(freight.burning), SMALL, ("x",)),
    Scene("repairs-read-only", on(freight.burning, read_only=True), SMALL, ("x", "enter")),
    Scene("form", on(freight.burning), SMALL, ("x", "down", "enter", "enter", "down", "enter", "enter")),
    Scene("confirm-80x24", on(freight.burning), SMALL, (*POOL, "x", "enter", "f", "r", "enter")),
    Scene("confirm-120x40", on(freight.burning), LARGE, (*POOL, "x", "enter")),
    Scene("confirm-preview", on(freight.burning), SMALL, (*POOL, "x", "enter", "p")),
    Scene("confirm-moved", moved, SMALL, (*POOL, "x", "enter", *TYPE_IT, "enter")),
    Scene("confirm-staging", on(staging), SMALL, ("down", "x", "enter", "enter")),
    Scene("run", running, SMALL, ("o",)),
    Scene("run-watching", watching, SMALL, ("o",)),
    Scene("run-recovered", recovered, LARGE, ("o",)),
    Scene("run-failed", failed, SMALL, ("o",)),
    Scene("leave", running, SMALL, ("q",)),
    Scene("findings", on(freight.burning, config_changed=True, findings=(
        "ontui.yaml:41:5: slis.api_p95.objectiv: unknown key, expected a key of an SLI; did you mean 'objective'?",
        "ontui.yaml:58:13: slis.pool.source: found 'databse', expected the id of a source: metrics, database or api; "
        "did you mean 'database'?",
    )), SMALL, ("L",)),
    Scene("help", on(freight.watched), LARGE, ("question_mark",)),
    Scene("palette", on(freight.watched), SMALL, ("ctrl+p", *"pool")),
]  # fmt: skip
COLOURLESS = [
    Scene("no-colour-dashboard", on(freight.burning), SMALL, theme="ontui-16"),
    Scene("no-colour-confirm", on(freight.burning), SMALL, (*POOL, "x", "enter"), theme="ontui-16"),
]
