"""Secrets that a source told back are masked where its sample enters: whatever shows or records it is then harmless."""

from collections.abc import Callable
from dataclasses import replace

from ontui.domain.foreign import ForeignAlert
from ontui.domain.sample import Reading, Sample

Mask = Callable[[str], str]


def masked(sample: Sample, mask: Mask) -> Sample:
    """The sample without secrets in any of its words; ids, values and times are as they were."""
    fault = sample.fault
    return replace(
        sample,
        readings={sli: _reading(reading, mask) for sli, reading in sample.readings.items()},
        fault=replace(fault, text=mask(fault.text)) if fault is not None else None,
        server=mask(sample.server),
        findings=tuple(map(mask, sample.findings)),
        news=tuple(map(mask, sample.news)),
        foreign=None if sample.foreign is None else tuple(_other(alert, mask) for alert in sample.foreign),
    )


def _reading(reading: Reading, mask: Mask) -> Reading:
    return replace(
        reading,
        reason=mask(reading.reason),
        caveat=mask(reading.caveat),
        note=mask(reading.note),
        raw=mask(reading.raw),
        rows=tuple(replace(row, name=mask(row.name), reason=mask(row.reason)) for row in reading.rows),
    )


def _other(alert: ForeignAlert, mask: Mask) -> ForeignAlert:
    """A label that was masked is not what the server knows: no silence can be made of it."""
    labels = {name: mask(value) for name, value in alert.labels.items()}
    altered = {name for name, value in labels.items() if value != alert.labels[name]}
    return replace(
        alert,
        name=mask(alert.name),
        labels=labels,
        annotations={name: mask(text) for name, text in alert.annotations.items()},
        generator_url=mask(alert.generator_url),
        inexact=alert.inexact | altered,
    )
