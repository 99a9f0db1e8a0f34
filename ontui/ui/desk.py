"""What screens may ask and do: the engine satisfies it, and so does a still picture in a test."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from ontui.domain.action import Action, Plan, Run, Verdict
from ontui.domain.alert import Alert
from ontui.domain.foreign import ForeignAlert
from ontui.domain.notice import Notify, Ring
from ontui.domain.past import Past
from ontui.domain.secret import Secrets
from ontui.domain.silence import Matcher, Silence, SilencePlan, SilenceResult
from ontui.domain.sli import Sli
from ontui.domain.state import State

if TYPE_CHECKING:  # the Markdown parser is imported when a page is first wanted
    from ontui.runbooks.library import Library
    from ontui.runbooks.place import Place


class Settings(Protocol):
    """The part of the config that decides how things look and what may be shown."""

    @property
    def keymap(self) -> Mapping[str, str]:
        """Key ids and the keys wanted for them."""

    @property
    def secrets(self) -> Secrets:
        """What must be masked in every text."""

    @property
    def notify(self) -> Notify:
        """How alerts are told aloud."""


class Execution(Protocol):
    """A plan being carried out."""

    @property
    def plan(self) -> Plan:
        """What runs."""

    @property
    def run(self) -> Run:
        """Replaced as it proceeds."""

    @property
    def lines(self) -> deque[str]:
        """The newest output, cleaned and masked."""

    @property
    def line_count(self) -> int:
        """All lines so far, also those no longer kept."""

    @property
    def verdict(self) -> Verdict | None:
        """Whether it helped, once known."""

    @property
    def watching(self) -> bool:
        """Ended, and `verify` still looks."""

    def stop(self) -> None:
        """End it."""


class Silencing(Protocol):
    """Making and ending silences; what cannot be is raised as SilenceRefused or SilenceFailed."""

    @property
    def why_not(self) -> str:
        """Why nothing can be silenced; empty where it can."""

    async def plan(
        self, matchers: Sequence[Matcher], duration_s: float, comment: str, *, source: str = ""
    ) -> SilencePlan: ...
    async def plan_end(self, silence: Silence, source: str) -> SilencePlan: ...
    async def again(self, plan: SilencePlan) -> SilencePlan: ...
    async def carry_out(self, plan: SilencePlan, typed: str) -> SilenceResult: ...


class Desk(Protocol):
    """Everything behind the screens."""

    @property
    def config(self) -> Settings:
        """Keys and secrets."""

    @property
    def library(self) -> "Library | None":
        """The runbook pages."""

    @property
    def state(self) -> State:
        """The picture as it is; replaced on every change."""

    @property
    def read_only(self) -> bool:
        """Nothing can be run."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the cockpit itself."""

    @property
    def config_changed(self) -> bool:
        """The config on disk is another one than that in force."""

    @property
    def started_at(self) -> float:
        """Since when it watches."""

    @property
    def execution(self) -> Execution | None:
        """The latest run of this session."""

    @property
    def executions(self) -> Sequence[Execution]:
        """All of them, oldest first."""

    @property
    def silences(self) -> Silencing:
        """Of the Alertmanagers that are configured."""

    @property
    def muted_until(self) -> float | None:
        """Until when nothing is told aloud, because somebody wanted silence."""

    def mute(self) -> None: ...
    def ring_with(self, aloud: Callable[[Ring], None]) -> None: ...
    def now(self) -> float: ...
    async def run(self) -> None: ...
    def poll_now(self) -> None: ...
    async def load_config(self) -> tuple[str, ...]: ...
    def acknowledge(self, alert_key: str) -> None: ...
    def question(self, sli: str) -> str: ...
    def as_command(self, sli: str) -> str: ...
    async def history(self, sli: str, span_s: float) -> Past: ...
    def page_opened(self, ref: str) -> None: ...
    def place_for(self, *, alert: Alert | None, sli: Sli) -> "Place | None": ...
    def place_of(self, alert: ForeignAlert) -> "Place | None": ...
    def actions_for(self, *, alert: Alert | None, sli: Sli) -> list[Action]: ...
    async def plan(
        self, action_id: str, inputs: Mapping[str, str], *, alert: str | None = None, sli: str | None = None
    ) -> Plan: ...
    async def recheck(self, plan: Plan) -> Plan: ...
    def start(self, plan: Plan, typed: str) -> Execution: ...
    def cancelled(self, plan: Plan) -> None: ...
