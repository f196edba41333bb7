"""One incident of one series, as every sink tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from anomaly.config.presets import Kind

State = Literal["firing", "resolved"]
Severity = Literal["info", "warning", "critical"]
Direction = Literal["above", "below", "absent"]


@dataclass(frozen=True)
class Alert:
    """What happened, to which series, since when, how bad, and what to do."""

    key: str
    """Stable name of the incident: equal in every run that sees it, so that sinks tell it once."""

    signal: str
    """Name of the signal, such as `latency_p95`."""

    labels: Mapping[str, str]
    """Labels of the series; they never hold a score or a value."""

    service: str
    """What alerts are grouped by; `namespace/name`, or the labels where there is no service."""

    state: State
    """Whether it goes on."""

    severity: Severity
    """How urgent: `info` for context, `warning` for a look today, `critical` for now."""

    since: float
    """Epoch seconds of the first anomalous point."""

    last: float
    """Epoch seconds of the newest anomalous point."""

    until: float | None
    """Epoch seconds of the recovery; None while it goes on."""

    points: int
    """Anomalous points so far."""

    value: float
    """The value at the worst point."""

    expected: float
    """What was expected there."""

    lower: float
    """Lower edge of what was normal there."""

    upper: float
    """Upper edge of what was normal there."""

    score: float
    """Score of the worst point; 1 is the threshold."""

    direction: Direction
    """On which side of the band it lies, or that the series is gone."""

    views: tuple[str, ...]
    """Views of the detector that spoke, strongest first."""

    before: int
    """Incidents of this series earlier in the history that was read."""

    summary: str
    """One sentence for people."""

    advice: tuple[str, ...]
    """What to look at, most useful first."""

    kind: Kind = "other"
    """What the signal measures."""

    cause: str = ""
    """The likely class of cause, going by all signals of the service at that time: `load`,
    `saturation`, `dependency`, `outage`, ...; empty where nothing points to one."""
