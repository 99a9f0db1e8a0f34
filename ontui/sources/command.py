"""A program that is run once a poll, and whose output is looked into."""

import math
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from ontui.domain.masking import masked
from ontui.domain.quantity import format_number
from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.secret import Secrets
from ontui.domain.sli import Sli
from ontui.domain.source import CommandSource
from ontui.domain.text import clean, one_line, without_escapes
from ontui.sources.command_run import KEPT_BYTES, Failed, Ran, Runner
from ontui.sources.extract import Found
from ontui.sources.finder import Finder
from ontui.sources.printed_number import LONGEST, printed_number
from ontui.sources.table import records_reading, table_reading

ALWAYS = ("PATH", "HOME", "LANG", "TERM")
"""Variables that every program sees."""
LEAST_S = 1.0
"""What looking into the output may take, however long the program ran."""
RAW_CHARS = 2000
SLEPT_S = 2.0
"""A run that took so much longer than it may was interrupted by sleep."""
TOO_LARGE = f"the output is larger than {KEPT_BYTES // 1024 // 1024} MiB"


class CommandPoller:
    """Runs one program, again and again."""

    def __init__(
        self, source: CommandSource, slis: Sequence[Sli], now: Callable[[], float],
        environ: Mapping[str, str] = os.environ,
    ) -> None:  # fmt: skip
        self.source = source
        self._slis = [sli for sli in slis if sli.source == source.id]
        self._now = now
        self._environment = {name: environ[name] for name in (*ALWAYS, *source.env) if name in environ}
        self._secrets = Secrets(environ[name] for name in source.env if name in environ and name not in ALWAYS)
        self._runner = Runner(source, self._environment)
        self._finder = Finder(self._slis, "output")

    async def poll(self) -> Sample:
        """Run it once; a bad end is a fault, and says how it ended."""
        sent = self._now()
        try:
            program = self._program()
            await self._finder.begin(LEAST_S)   # it starts while the program runs
            ran = await self._runner.run(program, self.source.timeout_s)
        except Failed as failed:
            return self._failed(failed.fault, sent)
        if self._now() - sent > self.source.timeout_s + SLEPT_S:
            return self._failed(Fault(FaultKind.LOST, "the run was interrupted"), sent)
        fault = self._unmet(ran)
        text = ran.output.decode("utf-8", "replace")
        found = await self._finder.find(text, self._left_s(sent)) if not fault else {}
        readings = {s.id: self._reading(s, ran, text, found, fault, sent) for s in self._slis}
        sample = Sample(
            self.source.id, sent, self._now() - sent, {k: r for k, r in readings.items() if r}, fault,
            server=program, findings=_findings(ran),
        )  # fmt: skip
        return masked(sample, self._secrets.mask)   # only now, for a number may look like a secret

    async def close(self) -> None:
        """Leave what still runs to its guard, which ends it."""
        await self._runner.close()
        await self._finder.close()

    def _program(self) -> str:
        """The file to start; raises Failed."""
        if self.source.distrust:
            raise Failed(FaultKind.CONFIG, f"not run: {self.source.distrust}")
        name = self.source.argv[0]
        if "/" not in name:
            # Never from the folder it runs in, which others may write.
            folders = [f for f in self._environment.get("PATH", os.defpath).split(os.pathsep) if Path(f).is_absolute()]
            if found := shutil.which(name, path=os.pathsep.join(folders)):
                return found
            raise Failed(FaultKind.CONFIG, f"{name} is not on PATH")
        path = Path(self.source.cwd or Path.cwd()) / name
        if path.is_dir():
            raise Failed(FaultKind.CONFIG, f"{name} is a folder, not a program")
        if not os.access(path, os.F_OK):
            raise Failed(FaultKind.CONFIG, f"there is no program {name}")
        if not os.access(path, os.X_OK):
            raise Failed(FaultKind.CONFIG, f"{name} may not be executed")
        return str(path)

    def _failed(self, fault: Fault, at: float) -> Sample:
        """A run without an end that says anything; one that took too long or never stops printing is no success."""
        told = fault.kind in (FaultKind.TIMEOUT, FaultKind.PROTOCOL)
        up = Reading(0.0, at, reason=fault.text) if told else Reading.unknown(at, fault.text)
        readings = {sli.id: up for sli in self._slis if sli.metric == "up"}
        return masked(Sample(self.source.id, at, self._now() - at, readings, fault), self._secrets.mask)

    def _unmet(self, ran: Ran) -> Fault | None:
        if ran.code in self.source.exit_codes:
            return None
        words = f"{ran.end}: {ran.complaint}" if ran.complaint else ran.end
        return Fault(FaultKind.PROTOCOL, one_line(words, 300))

    def _left_s(self, sent: float) -> float:
        return max(LEAST_S, self.source.timeout_s - (self._now() - sent))

    def _reading(
        self, sli: Sli, ran: Ran, text: str, found: Mapping[str, Found], fault: Fault | None, at: float
    ) -> Reading | None:  # fmt: skip
        """What one SLI has of a run; None where the run is none to look into."""
        raw = clean(without_escapes(text[: RAW_CHARS * 2]), RAW_CHARS)
        note = "" if sli.metric == "duration" else f"{ran.end} after {ran.duration_s:.2f} s"
        match sli.metric:
            case "up":
                return Reading(0.0 if fault else 1.0, at, reason=fault.text if fault else "", raw=raw, note=note)
            case "exit_code":
                if ran.code < 0:
                    return Reading.no_data(at, ran.end, raw=raw)
                return Reading(float(ran.code), at, raw=raw, note=note)
            case "duration":
                return Reading(ran.duration_s, at, raw=raw)
        if fault:
            return None
        begun = Reading(None, at, raw=raw, note=note)
        if sli.metric == "number":
            return _lone(sli, text, begun) if ran.whole else _unknown(begun, TOO_LARGE)
        return _looked_up(sli, found.get(sli.id, Found()), begun, whole=ran.whole)


def _looked_up(sli: Sli, found: Found, begun: Reading, *, whole: bool) -> Reading:
    """The reading from what was found in the output."""
    if not whole and (not sli.regex or "cell" not in found):
        return _unknown(begun, TOO_LARGE)

    def number(cell: object) -> float | None:
        return printed_number(cell, sli.unit)

    match found:
        case {"nothing": str(reason)}:
            return replace(Reading.no_data(begun.at, reason, raw=begun.raw), note=begun.note)
        case {"cell": cell}:
            notes = begun.note, str(found.get("beside", ""))
            return _valued(sli, cell, replace(begun, note=" · ".join(filter(None, notes))))
        case {"records": records}:
            return records_reading(sli, records, number, begun)
        case {"pairs": list(pairs)}:
            return table_reading(sli, (sli.rows, ""), cast("list[Sequence[object]]", pairs), number, begun)
        case _:
            return _unknown(begun, str(cast("Any", found).get("wrong", "nothing was looked for")))


def _lone(sli: Sli, text: str, begun: Reading) -> Reading:
    """Output that is nothing but a number."""
    plain = without_escapes(text[: LONGEST * 40]).strip()
    if not plain:
        return Reading.no_data(begun.at, "no output", raw=begun.raw)
    if len(text) > LONGEST * 40:
        return _unknown(begun, f"expected one number and nothing else, got {one_line(plain, 60)!r}")
    return _valued(sli, plain, begun)


def _valued(sli: Sli, cell: object, begun: Reading) -> Reading:
    if cell is None:
        return Reading.no_data(begun.at, "the group of the number matched nothing", raw=begun.raw)
    value = printed_number(cell, sli.unit)
    if value is None:
        return _unknown(begun, f"expected a number in {sli.unit}, got {one_line(str(cell), 60)!r}")
    if not math.isfinite(value):
        return Reading.no_data(begun.at, format_number(value), raw=begun.raw)
    return replace(begun, value=value)


def _unknown(begun: Reading, reason: str) -> Reading:
    return replace(Reading.unknown(begun.at, reason, raw=begun.raw), note=begun.note)


def _findings(ran: Ran) -> tuple[str, ...]:
    processes = "a process" if ran.behind == 1 else f"{ran.behind} processes"
    return tuple(filter(None, (
        f"it left {processes} behind: ended" if ran.behind else "",
        f"process {ran.stuck} could not be ended" if ran.stuck else "",
    )))  # fmt: skip
