"""The keys of an action; the strings under the fields are the descriptions in the JSON Schema."""

from typing import Annotated, Literal

from pydantic import Field

from ontui.config.entry import Entry
from ontui.config.fields import Argument, Duration, InputName, Limit, Line, Pattern, Script, Text, Variable
from ontui.config.references import SliId, SourceId


class InputEntry(Entry):
    """A value asked for before an action is planned."""

    type: Literal["string", "integer", "number", "boolean", "choice"]
    """string, integer, number, boolean or choice."""
    title: Line = ""
    """What it is called; its name unless given."""
    pattern: Pattern = ""
    """What a whole string must match."""
    choices: tuple[Text, ...] = ()
    """What may be chosen."""
    min: float | None = None
    """The smallest number."""
    max: float | None = None
    """The largest number."""
    default: Text | None = None
    """Used unless another is given."""


class VerifyEntry(Entry):
    """How to tell whether an action helped."""

    sli: SliId
    """The SLI that is watched afterwards."""
    within: Duration = 300.0
    """How long to wait for it to be well."""


class ActionEntry(Entry):
    """A named repair; exactly one of `run`, `shell` and `sql`."""

    danger: Literal["read", "change", "destroy"]
    """read: no question. change: y/N, in production the system's id. destroy: always the system's id."""
    title: Line | None = None
    """What it does; made from the id unless given."""
    run: Annotated[tuple[Argument, ...], Field(min_length=1)] | None = None
    """Program and arguments, never a shell; `{input}` stands for the value of an input."""
    shell: Script | None = None
    """A script for sh; inputs arrive as $1, $2, …"""
    sql: Script | None = None
    """One statement for a postgres source; `%(input)s` stands for the value of an input."""
    preview_sql: Script | None = None
    """Shows what `sql` would hit, before it is confirmed."""
    source: SourceId | None = None
    """The postgres source `sql` runs on."""
    inputs: dict[InputName, InputEntry] = Field(default_factory=dict)
    """Values asked for first."""
    env: tuple[Variable, ...] = ()
    """Names of environment variables it may see, beside PATH, HOME, LANG and TERM."""
    cwd: Line | None = None
    """Folder it runs in, relative to this file; this file's folder unless given."""
    timeout: Limit = 60.0
    """How long it may run."""
    on_disconnect: Literal["kill", "detach"] = "kill"
    """What becomes of it when the terminal goes away."""
    verify: VerifyEntry | None = None
    """The SLI that tells whether it helped."""
