"""Repairs.

An action is named in the config, a plan is exactly what will run, a run is a plan carried out, a verdict says whether
it helped.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum


class Danger(StrEnum):
    """What an action may do; decides how it is confirmed."""

    READ = "read"
    CHANGE = "change"
    DESTROY = "destroy"


class Means(StrEnum):
    """How an action is carried out."""

    ARGV = "argv"
    SHELL = "shell"
    SQL = "sql"


class OnDisconnect(StrEnum):
    """What becomes of a run when the terminal goes away."""

    KILL = "kill"
    DETACH = "detach"


class Outcome(StrEnum):
    """The closed set of what can become of a plan."""

    PLANNED = "planned"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"
    SIGNALLED = "signalled"
    TIMED_OUT = "timed out"
    KILLED = "killed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Input:
    """A value a person gives before an action can be planned."""

    name: str
    type: str
    """`string`, `integer`, `number`, `boolean` or `choice`."""
    title: str = ""
    pattern: str = ""
    """A full-match pattern for strings."""
    choices: tuple[str, ...] = ()
    min: float | None = None
    max: float | None = None
    default: str | None = None
    """As text; None when the value must be given."""


@dataclass(frozen=True, slots=True)
class Verify:
    """How to tell whether an action helped."""

    sli: str
    within_s: float


@dataclass(frozen=True, slots=True)
class Action:
    """A named repair, as configured."""

    id: str
    title: str
    danger: Danger
    means: Means
    argv: tuple[str, ...] = ()
    """May hold `{input}` as a whole argument or inside one; values are never spliced into a script."""
    script: str = ""
    """For `shell:`; input values arrive as $1, $2 …"""
    sql: str = ""
    """May hold `%(input)s`; values are bound, never spliced."""
    preview_sql: str = ""
    source: str = ""
    """The PostgreSQL source it runs on."""
    inputs: tuple[Input, ...] = ()
    env: tuple[str, ...] = ()
    """Names of the environment variables it may see, beside PATH, HOME, LANG and TERM."""
    cwd: str = ""
    timeout_s: float = 60.0
    on_disconnect: OnDisconnect = OnDisconnect.KILL
    verify: Verify | None = None


class Asks(StrEnum):
    """How a plan is confirmed."""

    NOTHING = "nothing"
    YES_NO = "yes_no"
    TYPE = "type"


@dataclass(frozen=True, slots=True)
class Targets:
    """What a plan will hit, counted before it is confirmed."""

    count: int
    summary: str
    """`reports 9 · web 4 · cron 1`."""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """The first rows, cleaned, for the preview."""
    digest: str = ""
    """Changes when other rows would be hit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An action with its values filled in: exactly what is shown is exactly what runs."""

    action: str
    """The action's id."""
    title: str
    danger: Danger
    means: Means
    system: str
    environment: str
    production: bool
    argv: tuple[str, ...] = ()
    program: str = ""
    """Where argv[0] was found: this very file is started."""
    program_id: str = ""
    """What tells that file from any other: the hash of a file that the config names by its path."""
    sql: str = ""
    parameters: tuple[tuple[str, str | int | float | bool], ...] = ()
    """Bound parameters, by name."""
    env: tuple[str, ...] = ()
    cwd: str = ""
    source: str = ""
    target: str = ""
    """Where it runs: `this machine (bastion-1)`, or the server and database with its role; no secrets."""
    identity: str = ""
    """The server's identity when the plan was made."""
    targets: Targets | None = None
    because: tuple[str, ...] = ()
    """The facts it rests on, as lines: alert, value and age."""
    basis: tuple[str, ...] = ()
    """The same facts as keys that must still hold at confirmation: `HighLatency firing`."""
    stale_basis: bool = False
    """The justifying data was stale when the plan was made."""
    timeout_s: float = 60.0
    on_disconnect: OnDisconnect = OnDisconnect.KILL
    verify: Verify | None = None
    asks: Asks = Asks.TYPE
    type_text: str = ""
    """What has to be typed when `asks` is type."""

    @property
    def digest(self) -> str:
        """A hash over everything that decides what runs and on what; the journal holds it."""
        parts = [
            self.action, self.means, self.system, self.environment, list(self.argv), self.program,
            self.program_id, self.sql, [list(p) for p in self.parameters], list(self.env), self.cwd, self.source,
            self.target, self.identity, self.targets.digest if self.targets else "", list(self.basis),
            self.timeout_s, self.on_disconnect,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def confirmation(danger: Danger, *, production: bool, system: str) -> tuple[Asks, str]:
    """How a plan of this danger is confirmed, and the text to type (safety.md, rule 3)."""
    if danger is Danger.READ:
        return Asks.NOTHING, ""
    if danger is Danger.DESTROY or production:
        return Asks.TYPE, system
    return Asks.YES_NO, "y"


@dataclass(frozen=True, slots=True)
class Run:
    """A plan carried out, or under way."""

    id: str
    action: str
    title: str
    who: str
    started_at: float
    outcome: Outcome = Outcome.RUNNING
    ended_at: float | None = None
    detail: str = ""
    """`exit 0`, `signal 15`, `11 sessions`."""
    pid: int | None = None
    timeout_s: float = 0.0


class Effect(StrEnum):
    """Whether a repair helped."""

    RECOVERED = "recovered"
    NO_EFFECT = "no effect"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` saw after a run."""

    run: str
    sli: str
    effect: Effect
    before: str
    """The value when the plan was confirmed, as shown."""
    after: str
    took_s: float
    reason: str = ""

    def words(self, title: str) -> str:
        """`pool used 92 % → 48 % in 42 s. Recovered.`"""
        took = f"{self.took_s:.0f} s" if self.took_s < 120 else f"{self.took_s / 60:.0f} min"
        when = f"in {took}" if self.took_s >= 1 else "at once"
        change = f"{title} {self.before} → {self.after}"
        match self.effect:
            case Effect.RECOVERED:
                return f"{change} {when}. Recovered."
            case Effect.NO_EFFECT:
                if self.reason.startswith("better"):
                    return f"{change} in {took}: {self.reason}."
                return f"{change}: no effect after {took}."
            case Effect.CANNOT_TELL:
                return f"{title}: cannot tell: {self.reason}."


class Refused(Exception):
    """An action that will not be run; the message is one line that says why and what to do."""
