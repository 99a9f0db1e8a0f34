"""One reading of a config: every section checked, every finding kept, then built."""

import base64
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ontui.config import build, checks
from ontui.config.action_entry import ActionEntry
from ontui.config.file_entry import DefaultsEntry, File, Head
from ontui.config.finding import ConfigError, Finding, listed, shown, suggestion
from ontui.config.known import Known
from ontui.config.output_checks import check_output
from ontui.config.resolve import Data, Resolver, resolve_path
from ontui.config.sli_entry import SliEntry
from ontui.config.source_entry import TYPES, SourceEntry
from ontui.config.spans import business_hours
from ontui.config.tree import MappingNode, Path
from ontui.config.words import Words
from ontui.domain.secret import Secrets
from ontui.domain.source import AnySource, HttpAccess
from ontui.domain.state import System

Model = TypeVar("Model", bound=BaseModel)
SECTIONS = {"sources": "a source", "slis": "an SLI", "actions": "an action"}
"""Sections whose entries have ids, and what an entry is called."""
MOST_PAGES = 5000
"""Files of the runbooks folder that are looked at."""


class Reader:
    """Reads one tree; `findings` grows, and only a tree without any becomes a system."""

    def __init__(
        self, file: str, folder: FilePath, root: MappingNode, environ: Mapping[str, str], secrets: Secrets,
        unseen: Secrets, distrust: str,
    ) -> None:  # fmt: skip
        resolver = Resolver(file, folder, environ, secrets, unseen, distrust)
        data = resolver.data(root)
        if resolver.too_large() or not isinstance(data, dict):
            finding = Finding(file, 1, 1, "", "found aliases that make the config too large", "a config")
            raise ConfigError([finding])
        self._data, self._folder, self._foreign = data, folder, resolver.foreign
        self._secrets = secrets
        self._words = Words(file, root, resolver.foreign, unseen)
        self._unheard = tuple(resolver.findings)
        self.unmasked = tuple(dict.fromkeys(resolver.unmasked))
        """Where secrets stand that are too short to be masked."""
        self.findings: list[Finding] = resolver.findings
        self.sources: dict[str, AnySource] = {}
        self.runbooks: FilePath | None = None
        self.pages_must_exist = True

    def system(self, key_ids: Collection[str] | None) -> tuple[System, Head]:
        """The system the tree describes; ConfigError with every finding."""
        known = self._known(key_ids)
        head = self._valid(Head, {k: v for k, v in self._data.items() if k not in SECTIONS}, (), known)
        self.findings += self._check_head(known)
        defaults = head.defaults if head else DefaultsEntry()
        sources = {i: self._source(i, raw, known, defaults) for i, raw in self._entries("sources")}
        slis = {i: self._sli(i, raw, known) for i, raw in self._entries("slis")}
        actions = {i: self._action(i, raw, known) for i, raw in self._entries("actions")}
        if head is None or self.findings:
            raise ConfigError(self._once())
        self.sources = {
            i: build.source(i, e, defaults, self._folder, shown=("sources", i, "url") not in self._foreign)
            for i, e in sources.items() if e
        }  # fmt: skip
        for source in self.sources.values():
            access = getattr(source, "access", None)
            if isinstance(access, HttpAccess) and access.basic:   # as the header has it, which a server may tell back
                pair = ":".join(access.basic).encode()
                self._secrets.add(base64.b64encode(pair).decode())
        ladder = build.severities(head.severities)
        entry = head.system
        return System(
            id=entry.id,
            name=entry.name or entry.id,
            environment=entry.environment,
            production=build.production(entry),
            read_only=entry.read_only,
            sources=dict(self.sources),
            slis={i: build.sli(i, e, self.sources[e.source], ladder) for i, e in slis.items() if e},
            severities=ladder,
            actions={i: build.action(i, e, self._folder) for i, e in actions.items() if e},
            timezone=entry.timezone,
            hours=business_hours(entry),
        ), head

    def _once(self) -> list[Finding]:
        """A value that could not be had is said once, not again as an empty one."""
        return [f for f in self.findings if f in self._unheard or f.where not in {u.where for u in self._unheard}]

    def _valid(self, model: type[Model], raw: Data, path: Path, known: Known) -> Model | None:
        try:
            return model.model_validate(raw, context=known)
        except ValidationError as error:
            self.findings += self._words.of(error, File if model is Head else model, path)
            return None

    def _section(self, section: str) -> dict[str, Data]:
        raw = self._data.get(section)
        return raw if isinstance(raw, dict) else {}

    def _entries(self, section: str) -> Iterator[tuple[str, dict[str, Data]]]:
        """The entries of a section that are mappings under a usable id."""
        raw = self._data.get(section)
        if raw is not None and not isinstance(raw, dict):
            self.findings.append(self._words.value((section,), f"a mapping of ids, each with {SECTIONS[section]}"))
        elif section == "sources" and not raw:
            hint = "add sources: {metrics: {type: prometheus, url: …}}"
            place: Path = (section,) if section in self._data else ()
            self.findings.append(self._words.at(place, "there are no sources", "at least one", hint, key=True))
        for name, entry in self._section(section).items():
            path = (section, name)
            if not name or len(name) > 80 or not all(c.isalnum() or c in "_-." for c in name):
                expected = f"an id for {SECTIONS[section]}: letters, digits, - and _"
                self.findings.append(self._words.at(path, shown(name), expected, key=True))
            if isinstance(entry, dict):
                yield name, entry
            else:
                self.findings.append(self._words.value(path, f"a mapping with the keys of {SECTIONS[section]}"))

    def _known(self, key_ids: Collection[str] | None) -> Known:
        """Everything that may be referred to, whether it is right in itself or not."""
        ladder = self._data.get("severities")
        rungs = ladder if isinstance(ladder, list) else []
        named = [str(s["name"]) for s in rungs if isinstance(s, dict) and "name" in s]
        types = {i: str(s.get("type")) for i, s in self._section("sources").items() if isinstance(s, dict)}
        runbooks = self._data.get("runbooks")
        path = runbooks.get("path") if isinstance(runbooks, dict) else None
        if isinstance(path, str) and path and path.isprintable():
            self.runbooks = resolve_path(self._folder, path)
        return Known(
            folder=self._folder,
            sources={i: types.get(i, "") for i in self._section("sources")},
            slis=list(self._section("slis")),
            actions=list(self._section("actions")),
            severities=list(dict.fromkeys(named)) or [name for name, _ in build.DEFAULT_LADDER],
            keys=key_ids,
            runbooks=self.runbooks,
            pages=_pages(self.runbooks) if self.runbooks and self.pages_must_exist else None,
        )

    def _check_head(self, known: Known) -> Iterator[Finding]:
        words, data = self._words, self._data
        if self.pages_must_exist and self.runbooks is not None and known.pages is None:
            hint = "relative paths start at the folder of the config"
            yield words.value(("runbooks", "path"), "a folder of Markdown pages that can be read", hint)
        defaults = data.get("defaults")
        if isinstance(defaults, dict) and "every" in defaults and "timeout" in defaults:
            yield from checks.check_source(defaults, ("defaults",), words, DefaultsEntry().every)
        yield from checks.check_severities(data.get("severities"), words)
        yield from checks.check_keymap(data.get("keymap"), words, known.keys)

    def _source(self, name: str, raw: dict[str, Data], known: Known, defaults: DefaultsEntry) -> SourceEntry | None:
        path, kind = ("sources", name), raw.get("type")
        model = TYPES.get(kind) if isinstance(kind, str) else None
        if model is None:
            if "type" not in raw:
                self.findings.append(self._words.at(path, "'type' is missing", listed(TYPES)))
            else:
                hint = suggestion(str(kind), TYPES)
                self.findings.append(self._words.value((*path, "type"), listed(TYPES), hint))
            return None
        self.findings += checks.check_source(raw, path, self._words, defaults.every)
        return self._valid(model, raw, path, known)

    def _sli(self, name: str, raw: dict[str, Data], known: Known) -> SliEntry | None:
        path = ("slis", name)
        self.findings += checks.check_sli(raw, path, self._words, known.sources)
        kind, unit = known.sources.get(str(raw.get("source")), ""), raw.get("unit")
        self.findings += check_output(raw, path, self._words, kind)
        made = {"rate": raw.get("rate") is True, "over": raw.get("over") is not None}
        unit = build.unit_of(kind, str(raw.get("metric")), unit.strip() if isinstance(unit, str) else "", **made)
        return self._valid(SliEntry, raw, path, replace(known, unit=unit))

    def _action(self, name: str, raw: dict[str, Data], known: Known) -> ActionEntry | None:
        path = ("actions", name)
        self.findings += checks.check_action(raw, path, self._words, known.sources)
        return self._valid(ActionEntry, raw, path, known)


def _pages(root: FilePath) -> frozenset[str] | None:
    """The files below a folder, relative to it; None when it cannot be listed."""
    failed: list[OSError] = []
    found: list[str] = []
    for folder, _, files in os.walk(root, onerror=failed.append):
        found += [os.path.relpath(os.path.join(folder, f), root).replace(os.sep, "/") for f in files]  # noqa: PTH118
        if len(found) > MOST_PAGES:
            break
    return frozenset(found) if not any(f.filename == str(root) for f in failed) else None
