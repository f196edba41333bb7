"""What the detector watches, as the board Anomaly shows it: its own queries, of chosen services."""

from collections.abc import Iterator
from dataclasses import dataclass

from anomaly.reading.signals import Signal, istio_signals
from settings.anomaly import Anomaly

_UNITS = {
    "milliseconds": "ms",
    "seconds": "s",
    "of requests": "percentunit",
    "requests per second": "reqps",
    "bytes": "bytes",
}
_CHOSEN = {"chosen-namespace": "$namespace", "chosen-service": "$service"}
"""Names that stand in the detector's queries where the board's variables belong."""


@dataclass(frozen=True)
class Watched:
    """A signal on the board."""

    name: str
    query: str
    """What is measured of the services that are chosen."""

    unit: str
    """One of Grafana's."""


def watched(settings: Anomaly) -> tuple[Watched, ...]:
    """Every signal, in the detector's order."""
    return tuple(_shown(signal) for signal in _signals(settings))


def _signals(_: Anomaly) -> Iterator[Signal]:
    namespace, service = _CHOSEN
    yield from istio_signals([(namespace, service)])


def _shown(signal: Signal) -> Watched:
    query = signal.query
    for name, variable in _CHOSEN.items():
        query = query.replace(name, variable)
    return Watched(signal.name, query, _UNITS.get(signal.unit, "short"))
