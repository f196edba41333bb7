"""The report of one run, as a document."""

from typing import Literal

from pydantic import AwareDatetime

from ops.cluster import Namespaced
from ops.documents import Document, Part

Result = Literal["held", "refuted", "none"]
Grade = Literal["seen", "missed", "none"]
Unit = Literal["requests/s", "share", "ms"]


class Objectives(Part):
    """What the service promises; null where nobody says."""

    error_share: float | None = None
    """Share of requests that may fail."""

    p95_milliseconds: float | None = None
    """What 95 of 100 answers must be within."""

    source: str
    """Who says so."""


class Run(Namespaced):
    """One run of an experiment: what was really injected, by Chaos Mesh's own records."""

    schedule: str
    """Schedule that started it; empty for none."""

    service: str
    """Service that it was aimed at."""

    service_namespace: str
    """Namespace of that service."""

    hypothesis: str
    """What was expected to hold; empty when nobody wrote it down."""

    owner: str
    """Who answers for it."""

    start: AwareDatetime | None
    """When the first target got the fault; null when none did."""

    end: AwareDatetime | None
    """When the last target was rid of it; null while one still has it."""

    targets: tuple[str, ...]
    """What was hit."""

    confirmed: bool = True
    """Whether Chaos Mesh's own records or events say so; false when they are gone, and only the
    plan of the run is left."""

    expected_alert: str = ""
    """The alert that it must set off; empty when none is expected."""

    aborted: str
    """Who or what stopped it before its time; empty when nobody did."""

    failures: tuple[str, ...]
    """What could not be injected or undone."""


class Indicator(Part):
    """One figure of the service before, during and after the fault."""

    name: Literal["requests", "errors", "latency_p95"]
    """Which."""

    unit: Unit
    """Its unit."""

    before: float | None
    """In the ten minutes before; null without data."""

    during: float | None
    """From the first fault to two minutes after the last: rates look two minutes back."""

    after: float | None
    """In the ten minutes after that."""

    objective: float | None
    """What it must not exceed; null where nobody says."""

    within: bool | None
    """Whether it did not, during the fault; null when that cannot be told."""


class Recovery(Part):
    """How long the service needed to be itself again."""

    seconds: float | None
    """From the end of the fault to the first of two good minutes; null when there were none, or
    when that cannot be told."""

    basis: str
    """What counts as good."""


class Noticed(Part):
    """An alert that fired, or a series that was odd, in the time of the run."""

    name: str
    """Name of the alert, or of the detector's signal."""

    labels: dict[str, str]
    """What it is about."""

    severity: str
    """Of an alert; empty for an anomaly."""

    first: AwareDatetime
    """When it was first so."""

    expected: bool
    """Whether it is about the service that was aimed at; others are collateral."""


class DetectorGrade(Part):
    """What the run says about the detector."""

    grade: Grade
    """`seen`, `missed`, or `none` when the run cannot tell."""

    delay_seconds: float | None
    """From the first fault to the first anomaly; null when there was none."""

    reason: str
    """Why this grade."""


class Verdict(Part):
    """Whether the hypothesis held."""

    result: Result
    """`held`, `refuted`, or `none` when the run cannot tell."""

    reasons: tuple[str, ...]
    """What speaks for it."""


class ChaosReport(Document):
    """What a run of an experiment showed."""

    document: Literal["chaos-report/1"] = "chaos-report/1"
    """Name and version of this document."""

    at: AwareDatetime
    """When it was written."""

    run: Run
    """What was injected, where and when; a window given by hand has neither kind nor name."""

    objectives: Objectives
    """What the service promises."""

    indicators: tuple[Indicator, ...]
    """Its figures before, during and after."""

    recovery: Recovery
    """How long it needed."""

    alerts: tuple[Noticed, ...]
    """Alerts that fired from the first fault until ten minutes after the last."""

    anomalies: tuple[Noticed, ...]
    """Series that were odd in that time."""

    detector: DetectorGrade
    """Whether the detector saw it."""

    verdict: Verdict
    """What follows from all of this."""

    score: float | None = None
    """Of 100, how much of what was expected came true: objectives, recovery, no abort, no critical
    alert but the expected one, that one, and the detector; null when the run can tell nothing."""

    unknown: tuple[str, ...]
    """What could not be asked, and why."""
