"""Values that name something else: a source, a severity, a page, a file; each must exist."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from ontui.config.finding import listed, suggestion
from ontui.config.known import known_to, wrong
from ontui.config.metrics import METRICS
from ontui.config.resolve import resolve_path
from ontui.domain.text import one_line


def _one_of(value: str, among: Iterable[str], what: str) -> str:
    known = list(among)
    if value not in known:
        expected = f"{what}: {listed(known)}" if known else f"{what}, of which there is none in this config"
        raise wrong(expected, suggestion(value, known))
    return value


def _source(value: str, info: ValidationInfo) -> str:
    return _one_of(value, known_to(info).sources, "the id of a source")


def _sli(value: str, info: ValidationInfo) -> str:
    return _one_of(value, known_to(info).slis, "the id of an SLI")


def _action(value: str, info: ValidationInfo) -> str:
    return _one_of(value, known_to(info).actions, "the id of an action")


def _severity(value: str, info: ValidationInfo) -> str:
    return _one_of(value, known_to(info).severities, "the name of a severity")


def _metric(value: str, info: ValidationInfo) -> str:
    kind = known_to(info).sources.get(info.data.get("source", ""), "")
    if kind not in METRICS:
        return value
    others = [k for k, words in METRICS.items() if value in words]
    if value not in METRICS[kind] and others:
        raise wrong(f"a metric of a {kind} source: {listed(METRICS[kind], 20)}", f"{listed(others)} sources have it")
    return _one_of(value, METRICS[kind], f"a metric of a {kind} source")


def _page(value: str, info: ValidationInfo) -> str:
    known = known_to(info)
    page = value.partition("#")[0]
    if "://" in value:
        raise wrong("a page of the runbooks folder", "put an address under 'links'")
    if known.runbooks is None:
        raise wrong("no runbook while there is no runbooks folder", "add runbooks: {path: ./runbooks}")
    if known.pages is not None and page not in known.pages and f"{page}.md" not in known.pages:
        raise wrong(
            "a page of the runbooks folder",
            suggestion(page, known.pages),
            found=f"found no page '{one_line(page, 80)}'",
        )
    return value


def _readable(value: str, info: ValidationInfo) -> str:
    path = resolve_path(known_to(info).folder, value)
    try:
        exists = path.is_file()
    except (OSError, ValueError):
        exists = False
    if not exists:
        raise wrong("a file", found=f"found no file '{one_line(value, 80)}'")
    return str(path)


SourceId = Annotated[str, AfterValidator(_source)]
SliId = Annotated[str, AfterValidator(_sli)]
ActionId = Annotated[str, AfterValidator(_action)]
SeverityName = Annotated[str, AfterValidator(_severity)]
MetricName = Annotated[str, AfterValidator(_metric)]
Page = Annotated[str, AfterValidator(str.strip), AfterValidator(_page)]
ReadableFile = Annotated[str, AfterValidator(str.strip), AfterValidator(_readable)]
