"""The row of the board Anomaly about the detector itself, and how its results are looked up."""

from observability.dashboards.panels import Tile, trend
from observability.dashboards.parts import About
from observability.promql.anomaly import newest
from observability.promql.expressions import greatest, is_, select, total
from settings.anomaly import Anomaly
from settings.monitored import Monitored
from vocabulary import metrics as m


def recent(settings: Anomaly, metric: str, *matchers: str) -> str:
    """The highest of late; results are written by runs that end, so the newest are minutes old."""
    return f"max_over_time({select(metric, *matchers)}[{newest(settings)}])"


def age(ours: str) -> str:
    """Seconds since the last success, of the shard that needs it longest."""
    return f"time() - min(max_over_time({select(m.LAST_SUCCESS, ours)}[1d]))"


def detector(stack: Monitored) -> tuple[Tile, ...]:
    """Whether it runs, how long that takes, what it reads and what went wrong."""
    settings, ours = stack.anomaly, is_("environment", stack.environment)
    jobs = select(m.JOB_FAILED, is_("namespace", settings.namespace), is_("condition", "true"))
    every_kind = total(recent(settings, m.SERIES_TOTAL, ours), "state")
    return (
        trend(
            About(401, "Age of the last success", "A saw whose teeth are runs.", "s"),
            (age(ours), "age"),
            width=6,
        ),
        trend(
            About(402, "Duration of runs", "By stage; a run must be over before the next.", "s"),
            (greatest(recent(settings, m.RUN_DURATION, ours), "stage"), "{{stage}}"),
            stacked=True,
            width=6,
        ),
        trend(
            About(
                403,
                "Samples",
                "What a run reads, and what Prometheus looks at for it.",
                "short",
            ),
            (total(recent(settings, m.SAMPLES_READ, ours)), "read"),
            (total(recent(settings, m.SAMPLES_QUERYABLE, ours)), "looked at"),
            width=6,
        ),
        trend(
            About(404, "Series", "What became of the series that are watched.", "short"),
            (every_kind, "{{state}}"),
            width=6,
        ),
        trend(
            About(405, "Failures", "Failed jobs, and errors while telling findings.", "short"),
            (f"{total(jobs)} or vector(0)", "failed jobs"),
            (total(recent(settings, m.SINK_ERRORS, ours), "sink"), "{{sink}}"),
        ),
        trend(
            About(406, "Open incidents", "As the detector counts them, by severity.", "short"),
            (total(recent(settings, m.ALERTS_OPEN, ours), "severity"), "{{severity}}"),
            stacked=True,
        ),
    )
