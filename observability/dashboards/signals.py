"""What the detector watches, as the board Anomaly shows it: its own queries, of chosen services."""

from dataclasses import dataclass

from anomaly.config.signals import Signal
from observability.promql.expressions import is_, like, select
from observability.promql.signals import extra, standard
from settings.anomaly import Anomaly
from vocabulary import metrics as m

_UNITS = {
    "milliseconds": "ms",
    "seconds": "s",
    "of requests": "percentunit",
    "requests per second": "reqps",
    "bytes": "bytes",
}
_PLACEHOLDERS = ("chosen-namespace", "chosen-service")
"""Names that stand in the detector's queries where the board's variables belong."""
_VARIABLES = ("$namespace", "$service")


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
    signals = settings.signals
    shown = [_shown(signal) for signal in standard(signals, [_PLACEHOLDERS])]
    return (*shown, *(_own(extra(signals, each)) for each in signals.extra))


def _shown(signal: Signal) -> Watched:
    query = signal.query
    for name, variable in zip(_PLACEHOLDERS, _VARIABLES, strict=True):
        query = query.replace(name, variable)
    return Watched(signal.name, query, _UNITS.get(signal.unit, "short"))


def _own(signal: Signal) -> Watched:
    """A query that nobody here has written: what it finds is kept where a result is chosen."""
    where = (
        like(label, each) for label, each in zip(signal.service_labels, _VARIABLES, strict=True)
    )
    result = select(m.EXPECTED, *where, is_("for", signal.name))
    query = f"({signal.query}) and on ({', '.join(signal.service_labels)}) {result}"
    return Watched(signal.name, query, _UNITS.get(signal.unit, "short"))
