"""The detector's findings, which inform and never page, and its own health."""

from collections.abc import Iterator

from observability.alerting_rules.model import SERVICE, SERVICE_LABELS, Alert, Group
from observability.promql.anomaly import SLACK_MINUTES, found, newest
from observability.promql.expressions import ON_SERVICE, greatest, is_, like, select, total
from observability.promql.expressions import SERVICE as BY_SERVICE
from settings.anomaly import Anomaly
from settings.monitored import Monitored
from vocabulary import metrics as m
from vocabulary import recorded as r
from vocabulary.boards import ANOMALY

THRESHOLD = 1
SEVERAL = 2
"""Kinds of signal that agree; p95 and p99 of the latency are one kind."""


def anomaly(stack: Monitored) -> Group:
    """Alerts about what the detector says, and about the detector."""
    settings = stack.anomaly
    rules: list[Alert] = []
    # What it does not write, nobody can ask for.
    if settings.install and settings.enabled and settings.results.remote_write:
        rules += [*_findings(settings), *_health(settings, stack.environment)]
    return Group("anomaly", tuple(rules))


def _findings(settings: Anomaly) -> Iterator[Alert]:
    for during in (True, False):
        score = _score(settings, during=during)
        labels = {**SERVICE_LABELS, "chaos": "true" if during else "false"}
        known = " An experiment ran on the service at the time." if during else ""
        yield Alert(
            "AnomalyDetected",
            f"{greatest(score, *BY_SERVICE, 'for')} >= {THRESHOLD}",
            "info",
            ANOMALY,
            f"{{{{ $labels.for }}}} of {SERVICE} is not as usual",
            f"Its score is {{{{ $value | humanize }}}}, where 1 is the threshold.{known}",
            labels=labels | {"signal": "{{ $labels.for }}"},
        )
        kind = f'label_replace({score} >= {THRESHOLD}, "signal", "$1", "for", "([a-z]+).*")'
        kinds = greatest(kind, *BY_SERVICE, "signal")
        yield Alert(
            "AnomalyInSeveralSignals",
            f"count by ({', '.join(BY_SERVICE)}) ({kinds}) >= {SEVERAL}",
            "warning",
            ANOMALY,
            f"Several signals of {SERVICE} are not as usual at once",
            f"{{{{ $value | humanize }}}} kinds of signal are beyond their threshold: this is "
            f"hardly chance.{known}",
            labels=labels,
        )


def _score(settings: Anomaly, *, during: bool) -> str:
    """The highest score of each incident, of points during experiments or of all others.

    A run writes the points since the last one, so what it says is minutes old: a point is held
    against the experiments of its own time, not against those of now.
    """
    where = "and" if during else "unless"
    points = f"{found(settings)} {where} {ON_SERVICE} {r.CHAOS_SETTLING} == 1"
    return f"max_over_time(({points})[{newest(settings)}:1m])"


def _health(settings: Anomaly, environment: str) -> Iterator[Alert]:
    ours, of_late = is_("environment", environment), newest(settings)
    late = (2 * settings.interval_minutes + SLACK_MINUTES) * 60
    # Written by a run that ends: the last value is older than Prometheus looks back.
    success = f"{select(m.LAST_SUCCESS, ours)}[1d]"
    yield Alert(
        "AnomalyDetectorStale",
        f"time() - min(max_over_time({success})) > {late} or absent_over_time({success})",
        "warning",
        ANOMALY,
        "The detector has not succeeded for more than two intervals",
        "Nobody looks at the services' metrics: what is not told may still be so.",
        hold="5m",
    )
    yield from _failures(settings, ours)
    failed = select(m.SERIES_TOTAL, ours, is_("state", "failed"))
    yield Alert(
        "AnomalyDetectorBlind",
        f"sum(min_over_time({failed}[{of_late}])) > 0",
        "warning",
        ANOMALY,
        "The detector cannot judge some of its series",
        "In every run of late {{ $value | humanize }} series and more could not be read or judged.",
        hold="5m",
    )
    incomplete = f"min_over_time({select(m.DEGRADED, ours)}[{of_late}])"
    yield Alert(
        "AnomalyDetectorHalfBlind",
        f"sum({incomplete}) > 0",
        "warning",
        ANOMALY,
        "The detector gets answers that are not whole",
        "In every run of late Prometheus warned that something is missing in the answers of "
        "{{ $value | humanize }} signals. They are judged late, and nothing is said to be absent.",
        hold="5m",
    )
    undelivered = f"min_over_time({select(m.SINK_ERRORS, ours)}[{of_late}])"
    yield Alert(
        "AnomalyDetectorUndelivered",
        f"{total(undelivered, 'sink')} > 0",
        "warning",
        ANOMALY,
        "What the detector finds does not arrive",
        "In every run of late telling {{ $labels.sink }} went wrong.",
        hold="5m",
    )


def _failures(settings: Anomaly, ours: str) -> Iterator[Alert]:
    succeeded = f"max_over_time({select(m.LAST_RUN_SUCCESS, ours)}[{newest(settings)}])"
    yield Alert(
        "AnomalyDetectorFailing",
        f"{greatest(succeeded, 'shard')} == 0",
        "warning",
        ANOMALY,
        "Runs of the detector fail",
        "No run of late went well. What could be judged, was; the log says what could not.",
        hold="5m",
        labels={"namespace": settings.namespace},
    )
    if settings.mode != "cronjob":
        return
    jobs = select(
        m.JOB_FAILED,
        is_("namespace", settings.namespace),
        like("job_name", "anomaly-detector-.*"),
        is_("condition", "true"),
    )
    yield Alert(
        "AnomalyDetectorJobsFailing",
        f"{total(jobs, 'namespace')} >= 2",
        "warning",
        ANOMALY,
        "Jobs of the detector fail",
        "{{ $value | humanize }} of the last jobs failed. One alone may be an accident.",
        hold="5m",
        labels={"namespace": settings.namespace},
    )
