"""What the detector looks at, and when nobody wants to hear of it, as its file writes them.

The signals themselves are `observability.promql.signals`' concern.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from anomaly.config.signals import Signal
from observability.promql.signals import extra, standard
from settings.anomaly import Anomaly
from settings.catalogue import Service
from settings.detection import Mask, Signals, Tuning


def signals(settings: Signals, services: Sequence[Service]) -> list[dict[str, Any]]:
    """Every signal as the configuration file writes it."""
    names = [(service.namespace, service.name) for service in services]
    tuned = {tuning.signal: _tuning(tuning) for tuning in settings.tuned}
    return [
        *(_written(signal) | tuned.get(signal.name, {}) for signal in standard(settings, names)),
        *(_written(extra(settings, own)) | _tuning(own) for own in settings.extra),
    ]


def masks(settings: Anomaly) -> list[dict[str, Any]]:
    """Every mask as the configuration file writes it.

    Services have another label in each kind of signal, so that a mask that names services becomes
    one mask for each label.
    """
    return [written for mask in settings.masks for written in _mask(mask, settings.signals)]


def _written(signal: Signal) -> dict[str, Any]:
    return signal.model_dump(mode="json", exclude_defaults=True)


def _tuning(tuning: Tuning) -> dict[str, Any]:
    """What is set; the names are the detector's own."""
    return tuning.model_dump(include=set(Tuning.model_fields), exclude_none=True)


def _mask(mask: Mask, settings: Signals) -> Iterator[dict[str, Any]]:
    document = {"name": mask.name, "effect": mask.effect, "timezone": mask.timezone, **_time(mask)}
    if not mask.services:
        yield document | {"signals": mask.signals, "match": mask.match}
        return
    services = "|".join(sorted(mask.services))  # DNS labels: nothing in them is special
    for label, names in _labels(settings).items():
        covered = [name for name in names if not mask.signals or name in mask.signals]
        if covered:
            yield document | {"signals": covered, "match": {**mask.match, label: services}}


def _labels(settings: Signals) -> Mapping[str, list[str]]:
    """The signals by the label that holds their service."""
    found: dict[str, list[str]] = {}
    preset = [(signal.name, signal.service_labels[1]) for signal in standard(settings, ())]
    own = [(signal.name, settings.labels.service) for signal in settings.extra]
    for name, label in (*preset, *own):
        found.setdefault(label, []).append(name)
    return found


def _time(mask: Mask) -> Mapping[str, Any]:
    if mask.duration is None:
        return {"start": mask.start, "end": mask.end}
    return {
        "schedule": mask.schedule,
        "duration_minutes": int(mask.duration.total_seconds() // 60),
    }
