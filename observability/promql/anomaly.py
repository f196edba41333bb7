"""What the detector wrote: how far back it lies, and under which labels it goes.

Results have the labels of what was judged. Those of Istio's metrics name a service as everything
else here does; those of services' own metrics do it otherwise, and are renamed.
"""

from collections.abc import Sequence

from observability.promql.expressions import SERVICE, like, select
from settings.anomaly import Anomaly
from settings.detection import Signals
from vocabulary import metrics as m

SLACK_MINUTES = 2
"""How late a run's results may be."""

EVERYONE = (".+", ".+")


def newest(settings: Anomaly) -> str:
    """A range that holds the results of two runs, since one may fail.

    A run writes the points since the last one and ends; Prometheus itself looks back five minutes
    only.
    """
    return f"{2 * settings.interval_minutes + SLACK_MINUTES}m"


def results(
    settings: Anomaly,
    metric: str,
    *matchers: str,
    of: tuple[str, str] = EVERYONE,
    over: str = "",
) -> str:
    """A result's series, under the labels of services.

    Args:
        settings: The detector's area.
        metric: What it wrote.
        matchers: Which of its series.
        of: Regular expressions for namespaces and names of services.
        over: A range whose highest value is wanted; without one, the newest.
    """
    found = [_renamed(metric, pair, of, matchers, over) for pair in _labels(settings.signals)]
    return found[0] if len(found) == 1 else f"({' or '.join(found)})"


def found(settings: Anomaly) -> str:
    """Points beyond the threshold, of series with an open incident; the value is the score.

    One point alone opens no incident, and an incident stays open for a while after the last one.
    """
    return f"({results(settings, m.SCORE)} and {results(settings, m.VERDICT)} >= 1)"


def _labels(settings: Signals) -> list[tuple[str, str]]:
    pairs = [SERVICE] if settings.preset == "istio" else []
    if settings.preset == "http" or settings.saturation or settings.extra:
        pairs.append((settings.labels.namespace, settings.labels.service))
    return pairs


def _renamed(
    metric: str, pair: tuple[str, str], of: tuple[str, str], matchers: Sequence[str], over: str
) -> str:
    where = [like(label, text) for label, text in zip(pair, of, strict=True)]
    found = select(metric, *where, *matchers)
    if over:
        found = f"max_over_time({found}[{over}])"
    if pair != SERVICE:
        for new, old in zip(SERVICE, pair, strict=True):
            found = f'label_replace({found}, "{new}", "$1", "{old}", "(.+)")'
    return found
