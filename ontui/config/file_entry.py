"""The keys at the top of the file and in its small sections; the strings under the fields are their descriptions."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ontui.config.action_entry import ActionEntry
from ontui.config.entry import Entry
from ontui.config.fields import ClockTime, Days, EndOfWork, Interval, Limit, Line, Patience, SystemId, Timezone
from ontui.config.notify_entry import NotifyEntry
from ontui.config.sli_entry import SliEntry
from ontui.config.source_entry import AnyEntry


class BusinessHours(Entry):
    """When `1 business day` counts."""

    days: Days = "mon-fri"
    """Days of work, such as mon-fri."""
    begins: ClockTime = Field("09:00", alias="from")
    """When a day of work begins, in the system's time zone."""
    ends: EndOfWork = Field("17:00", alias="to")
    """When it ends, on the same day."""


class SystemEntry(Entry):
    """The system this config is about."""

    id: SystemId
    """Short name, used in file names and locks, and typed to confirm what is dangerous."""
    name: Line | None = None
    """Name for people; the id unless given."""
    environment: Line = "unknown"
    """Free text: production, staging, …"""
    production: bool | None = None
    """Whether confirmations are strict. Unless given: true when `environment` begins with "prod" or is not given."""
    timezone: Timezone = "UTC"
    """For business days and papers; the screen shows UTC."""
    business_hours: BusinessHours | None = None
    """When `1 business day` counts; mon-fri from 09:00 to 17:00 unless given."""
    read_only: bool = False
    """Removes everything that changes anything."""


class RunbooksEntry(Entry):
    """The folder of Markdown pages."""

    path: Line
    """Folder, relative to this file."""
    run_fences: tuple[Line, ...] = ()
    """Languages of fences that may become runnable steps; none unless named."""


class DefaultsEntry(Entry):
    """What sources use unless they say otherwise."""

    every: Interval = 15.0
    """How often a source is asked."""
    timeout: Limit = 5.0
    """How long one poll may take; shorter than `every`."""


class SeverityEntry(Entry):
    """One rung of the severity ladder, worst first."""

    name: Line
    """The system's own name for it, such as SEV-1 or P0."""
    level: Literal["critical", "warning"]
    """`critical` pages and makes the SLI critical; `warning` makes it a warning."""
    respond_within: Patience = ""
    """Until when work on it must have begun: a duration, or `1 business day`."""
    acknowledge_within: Patience = ""
    """Until when somebody must have taken it: a duration, or `1 business day`."""
    update_every: Patience = ""
    """A duration."""


def _number(value: object) -> object:
    """Python takes `true` for 1; a version is no yes or no."""
    return str(value) if isinstance(value, bool) else value


class Head(Entry):
    """All keys but those whose entries have names of their own."""

    version: Annotated[Literal[1], BeforeValidator(_number)]
    """The version of this format."""
    system: SystemEntry
    """What this config is about."""
    runbooks: RunbooksEntry | None = None
    """The folder of Markdown pages."""
    defaults: DefaultsEntry = DefaultsEntry()
    """What sources use unless they say otherwise."""
    severities: Annotated[tuple[SeverityEntry, ...], Field(min_length=1)] | None = None
    """The severity ladder, worst first; SEV-1 and SEV-2 (critical) and SEV-3 (warning) unless given."""
    notify: NotifyEntry | None = None
    """How alerts are told aloud; by the terminal's bell, for what pages, unless given."""
    keymap: dict[str, Line] = Field(default_factory=dict)
    """Other keys for what the help screen lists."""
    theme: Line = ""
    """Name of a colour theme; the program's own unless given."""


class File(Head):
    """The config file of ontui."""

    sources: dict[str, AnyEntry]
    """Where numbers come from, by id."""
    slis: dict[str, SliEntry] = Field(default_factory=dict)
    """What is measured, by id, in the order of the screen."""
    actions: dict[str, ActionEntry] = Field(default_factory=dict)
    """Named repairs, by id."""
