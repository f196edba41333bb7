"""What the detector looks at: the standard signals of the catalogue's services, and further ones.

The queries of the standard signals are the detector's own; here they are put together for a stack.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from anomaly.reading.signals import Signal, http_signals, istio_signals, saturation_signals
from settings.anomaly import Anomaly
from settings.catalogue import Service
from settings.detection import ExtraSignal, Mask, Signals, Tuning


def signals(settings: Signals, services: Sequence[Service]) -> list[dict[str, Any]]:
    """Every signal as the configuration file writes it."""
    tuned = {tuning.signal: _tuning(tuning) for tuning in settings.tuned}
    return [
        *(
            _written(signal) | tuned.get(signal.name, {})
            for signal in _standard(settings, services)
        ),
        *(_written(_signal(extra, settings)) | _tuning(extra) for extra in settings.extra),
    ]


def masks(settings: Anomaly) -> list[dict[str, Any]]:
    """Every mask as the configuration file writes it.

    Services have another label in each kind of signal, so that a mask that names services becomes
    one mask for each label.
    """
    return [written for mask in settings.masks for written in _mask(mask, settings.signals)]


def _standard(settings: Signals, services: Sequence[Service]) -> Iterator[Signal]:
    names = [(service.namespace, service.name) for service in services]
    window = int(settings.rate_window.total_seconds())
    labels = (settings.labels.namespace, settings.labels.service)
    if settings.preset == "istio":
        yield from istio_signals(names, window_seconds=window)
    elif settings.preset == "http":
        status = settings.labels.status
        yield from http_signals(names, labels=labels, status_label=status, window_seconds=window)
    if settings.saturation:
        yield from saturation_signals(names, labels=labels)


def _signal(extra: ExtraSignal, settings: Signals) -> Signal:
    return Signal(
        name=extra.name,
        query=extra.query,
        kind=extra.kind,
        traffic=extra.traffic,
        unit=extra.unit or "",
        window_seconds=int(settings.rate_window.total_seconds()),
        service_labels=(settings.labels.namespace, settings.labels.service),
    )


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
    standard = [(signal.name, signal.service_labels[1]) for signal in _standard(settings, ())]
    own = [(signal.name, settings.labels.service) for signal in settings.extra]
    for name, label in (*standard, *own):
        found.setdefault(label, []).append(name)
    return found


def _time(mask: Mask) -> Mapping[str, Any]:
    if mask.duration is None:
        return {"start": mask.start, "end": mask.end}
    return {
        "schedule": mask.schedule,
        "duration_minutes": int(mask.duration.total_seconds() // 60),
    }
