"""Whether environment variables are there and long enough; their values, and how long they are, are told to nobody."""

import os
from collections.abc import Callable, Mapping, Sequence

from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import EnvSource
from ontui.domain.text import one_line
from ontui.sources.env_file import EnvFile, Unusable, read_env_file
from ontui.sources.one_thread import OneThread

NOT_FOLLOWED = "its value refers to something else, which is not followed"


class EnvPoller:
    """Looks at ontui's own environment, or at a .env file, which is read again each time."""

    def __init__(
        self, source: EnvSource, slis: Sequence[Sli], now: Callable[[], float], environ: Mapping[str, str] = os.environ
    ) -> None:
        self.source = source
        self._slis = [sli for sli in slis if sli.source == source.id]
        self._now, self._environ = now, environ
        self._thread: OneThread[EnvFile] = OneThread()

    async def poll(self) -> Sample:
        """Look once."""
        sent, name = self._now(), one_line(self.source.address, 80)
        try:
            found = await self._found()
        except TimeoutError:
            fault = Fault(FaultKind.TIMEOUT, f"{name} could not be read within {self.source.timeout_s:g} s")
        except PermissionError:
            fault = Fault(FaultKind.AUTH, f"no permission to read {name}")
        except (OSError, Unusable, ValueError) as error:
            fault = Fault(FaultKind.CONFIG, f"cannot read {name}: {_why(error)}")
        else:
            readings = {sli.id: self._reading(sli, found, sent) for sli in self._slis}
            return Sample(self.source.id, sent, self._now() - sent, readings, findings=_findings(found, name))
        return Sample(self.source.id, sent, self._now() - sent, fault=fault)

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _found(self) -> EnvFile | None:
        """The file; None where our own environment is looked at."""
        if not self.source.file:
            return None
        return await self._thread.run(lambda: read_env_file(self.source.file), self.source.timeout_s)

    def _reading(self, sli: Sli, found: EnvFile | None, at: float) -> Reading:
        if not sli.variable:
            return Reading.unknown(at, f"an env source has no metric {one_line(sli.metric, 40)!r}")
        values: Mapping[str, str] = self._environ if found is None else found.values
        step, lacking = _look(values.get(sli.variable), sli.min_length)
        note = NOT_FOLLOWED if found is not None and sli.variable in found.references else ""
        return Reading(step, at, caveat=lacking, note=note)


def _look(value: str | None, min_length: int) -> tuple[float, str]:
    """The step of `present`, and what is wrong, without telling how long it is; blanks round it do not count."""
    if value is None:
        return 0.0, "not set"
    if not value.strip():
        return 0.0, "empty"
    return (0.5, f"shorter than {min_length} characters") if len(value.strip()) < min_length else (1.0, "")


def _findings(found: EnvFile | None, name: str) -> tuple[str, ...]:
    if found is None:
        return ()
    findings = [f"{name}, line {line}: a quote is not closed" for line in found.unclosed[:3]]
    if found.open_to_others:
        findings.append(f"{name} can be read by everybody (mode {found.open_to_others:o}): chmod o-r")
    return tuple(findings)


def _why(error: Exception) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "there is no such file"
        case OSError():
            return (error.strerror or "the system refuses").lower()
        case Unusable():
            return str(error)
        case _:
            return "its name is not valid"
