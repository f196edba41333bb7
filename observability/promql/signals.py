"""The series that the detector reads: its standard signals and further ones, for some services.

The queries of the standard signals are the detector's own; here they are put together as a stack
wants them.
"""

from collections.abc import Iterator, Sequence

from anomaly.config.signals import Signal
from observability.promql.presets import http_signals, istio_signals, saturation_signals
from settings.detection import ExtraSignal, Signals

Service = tuple[str, str]
"""Namespace and name."""


def standard(settings: Signals, services: Sequence[Service]) -> Iterator[Signal]:
    """The signals of the preset, and of saturation; of everybody where no service is named."""
    window = int(settings.rate_window.total_seconds())
    labels = (settings.labels.namespace, settings.labels.service)
    if settings.preset == "istio":
        yield from istio_signals(services, window_seconds=window)
    elif settings.preset == "http":
        status = settings.labels.status
        yield from http_signals(services, labels=labels, status_label=status, window_seconds=window)
    if settings.saturation:
        yield from saturation_signals(services, labels=labels)


def extra(settings: Signals, signal: ExtraSignal) -> Signal:
    """A signal of the stack's own."""
    return Signal(
        name=signal.name,
        query=signal.query,
        kind=signal.kind,
        traffic=signal.traffic,
        unit=signal.unit or "",
        window_seconds=int(settings.rate_window.total_seconds()),
        service_labels=(settings.labels.namespace, settings.labels.service),
    )
