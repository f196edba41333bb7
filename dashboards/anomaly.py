"""The board Anomaly: what the detector finds, how sure it is, what to do, and how it is itself."""

from collections.abc import Mapping

from dashboards.chosen import COLUMNS, NAME, SERVICES
from dashboards.frame import SERVICE, Board, Row, catalogue_choices, choice
from dashboards.panels import Column, Tile, figure, listing, prose, states, trend
from dashboards.parts import ANY_IS_BAD, ANY_IS_ODD, BAD, GOOD, NEUTRAL, WARN, About, Steps
from promql.anomaly import newest
from promql.expressions import SERVICE as BY_SERVICE
from promql.expressions import count, greatest, is_, like, select, total
from promql.mesh import RECEIVED, error_share, latency, requests
from settings.anomaly import Anomaly
from settings.monitored import Monitored
from vocabulary import metrics as m
from vocabulary import recorded as r
from vocabulary.boards import ANOMALY

_RATE = "5m"
"""The window of the detector's own queries, so that the board shows what it judged."""

SIGNALS: Mapping[str, tuple[str, str]] = {
    "latency_p95": (latency(0.95, _RATE, RECEIVED, *SERVICES), "ms"),
    "latency_p99": (latency(0.99, _RATE, RECEIVED, *SERVICES), "ms"),
    "error_rate": (error_share(_RATE, RECEIVED, *SERVICES), "percentunit"),
    "traffic": (requests(_RATE, RECEIVED, *SERVICES), "reqps"),
}
"""What the detector reads of every service: how it is measured, and in which unit."""

_SIGNAL = like("for", "$signal")
_CHOSEN = (*SERVICES, _SIGNAL)
_SERIES = f"{NAME} {{{{for}}}}"
_SCORED: Steps = ((None, GOOD), (1, BAD))


def anomaly(stack: Monitored) -> Board:
    """The board."""
    signal = choice("signal", "Signal", "What the detector watches of a service", list(SIGNALS))
    return Board(
        ANOMALY,
        "Anomaly",
        "What the detector finds in the services' metrics. Anomalies inform; objectives page.",
        "24h",
        (*catalogue_choices(stack), signal),
        (
            Row(100, "Now", _now(stack.anomaly)),
            Row(200, "Findings", _findings(stack.anomaly)),
            Row(300, "What to do", _advice()),
            Row(400, "Detector", _detector(stack.anomaly)),
            Row(500, "$service", _bands(), repeat=SERVICE),
        ),
    )


def _recent(settings: Anomaly, metric: str, *matchers: str) -> str:
    """The highest of late; results are written by runs that end, so the newest are minutes old."""
    return f"max_over_time({select(metric, *matchers)}[{newest(settings)}])"


def _anomalous(settings: Anomaly) -> str:
    return f"{_recent(settings, m.SCORE, *_CHOSEN)} >= 1"


def _now(settings: Anomaly) -> tuple[Tile, ...]:
    anomalous = _anomalous(settings)
    late = 2 * settings.interval_minutes * 60
    success = f"time() - max(max_over_time({m.LAST_SUCCESS}[1d]))"
    return (
        figure(
            About(101, "Anomalous series", "Series whose score is 1 or more of late.", "short"),
            f"count({anomalous}) or vector(0)",
            steps=ANY_IS_ODD,
        ),
        figure(
            About(102, "Services concerned", "Services with an anomalous series.", "short"),
            f"count({count(anomalous, *BY_SERVICE)}) or vector(0)",
            steps=ANY_IS_ODD,
        ),
        figure(
            About(103, "Highest score", "1 is the threshold, of every method.", "short"),
            greatest(_recent(settings, m.SCORE, *_CHOSEN)),
            steps=_SCORED,
        ),
        figure(
            About(104, "Since the last run", "Time since a run succeeded.", "s"),
            success,
            steps=((None, GOOD), (late, WARN), (2 * late, BAD)),
        ),
        figure(
            About(105, "Series judged", "Series that the last run read.", "short"),
            f"max({_recent(settings, m.SERIES_READ)})",
            steps=NEUTRAL,
        ),
        figure(
            About(106, "Series not judged", "Series that could not be read or judged.", "short"),
            f"max({_recent(settings, m.SERIES_FAILED)})",
            steps=ANY_IS_BAD,
        ),
    )


def _findings(settings: Anomaly) -> tuple[Tile, ...]:
    score = greatest(_anomalous(settings), *BY_SERVICE, "for")
    confidence = greatest(_recent(settings, m.CONFIDENCE, *_CHOSEN), *BY_SERVICE, "for")
    every = count(select(m.SCORE, *_CHOSEN), *BY_SERVICE)
    share = f"(count by ({', '.join(BY_SERVICE)}) ({select(m.SCORE, *_CHOSEN)} >= 1)"
    experiment = select(r.CHAOS_ACTIVE, *SERVICES)
    found = f"{select(m.SCORE, *_CHOSEN)} >= bool 1"
    return (
        listing(
            About(201, "Anomalous now", "Score and confidence, the highest of late.", "short"),
            Column(score, "Score", "short", _SCORED),
            Column(f"{confidence} and {score}", "Confidence", "percentunit"),
            labels={**COLUMNS, "for": "Signal"},
            width=12,
            order=("Score", "down"),
        ),
        trend(
            About(
                202, "Scores", "How unusual each series is; from 1 on it is an anomaly.", "short"
            ),
            (select(m.SCORE, *_CHOSEN), _SERIES),
            steps=_SCORED,
        ),
        trend(
            About(
                203,
                "Confidence",
                "How sure the detector is of what it says of each series.",
                "percentunit",
            ),
            (select(m.CONFIDENCE, *_CHOSEN), _SERIES),
            width=8,
        ),
        trend(
            About(
                204,
                "Share of anomalous series",
                "Of the series of a service; several at once are hardly chance.",
                "percentunit",
            ),
            (f"{share} or 0 * {every}) / {every}", NAME),
            width=8,
        ),
        states(
            About(
                205,
                "Found, and why",
                "Anomalies of each service beside the experiments on it: an experiment that shows "
                "nowhere is one that the detector does not see.",
                "short",
            ),
            (greatest(found, *BY_SERVICE), f"{NAME} anomaly"),
            (f"2 * {experiment}", f"{NAME} experiment"),
            words={"0": ("quiet", GOOD), "1": ("anomaly", BAD), "2": ("experiment", WARN)},
            width=8,
        ),
    )


def _advice() -> tuple[Tile, ...]:
    firing = select(
        m.ALERTS, like("alertname", "Anomaly.+"), is_("alertstate", "firing"), *_ALERTED
    )
    return (
        listing(
            About(301, "Told", "Alerts of the detector's findings that fire.", "short"),
            Column(firing),
            labels={
                "alertname": "Alert",
                "service": "Service",
                "signal": "Signal",
                "severity": "Severity",
                "chaos": "Experiment",
            },
            width=12,
            order=("Severity", "up"),
        ),
        prose(
            About(302, "Recommendations", "What signals point to, and where to look.", "short"),
            RECOMMENDATIONS,
            width=12,
        ),
    )


_ALERTED = (like("namespace", "$namespace"), like("service", "$service"))

RECOMMENDATIONS = ""


def _detector(settings: Anomaly) -> tuple[Tile, ...]:
    jobs = select(m.JOB_FAILED, is_("namespace", settings.namespace), is_("condition", "true"))
    success = f"time() - max(max_over_time({m.LAST_SUCCESS}[1d]))"
    return (
        trend(
            About(401, "Age of the last success", "A saw whose teeth are runs.", "s"),
            (success, "age"),
            width=6,
        ),
        trend(
            About(402, "Duration of runs", "By stage; a run must be over before the next.", "s"),
            (greatest(_recent(settings, m.RUN_DURATION), "stage"), "{{stage}}"),
            stacked=True,
            width=6,
        ),
        trend(
            About(403, "Samples read", "What a run costs Prometheus.", "short"),
            (f"max({_recent(settings, m.SAMPLES_READ)})", "samples"),
            width=6,
        ),
        trend(
            About(404, "Series and failed jobs", "What is judged, and what went wrong.", "short"),
            (f"max({_recent(settings, m.SERIES_READ)})", "series judged"),
            (f"max({_recent(settings, m.SERIES_FAILED)})", "series not judged"),
            (f"{total(jobs)} or vector(0)", "failed jobs"),
            width=6,
        ),
    )


def _bands() -> tuple[Tile, ...]:
    """For each signal of a service: what it is, what was expected, and what would be normal."""
    return tuple(
        trend(
            About(
                501 + place,
                f"$service: {signal}",
                "The measured value, the expected one, and the band of what is normal.",
                unit,
            ),
            (measured, "measured"),
            *(
                (greatest(select(metric, *SERVICES, is_("for", signal)), *BY_SERVICE), name)
                for metric, name in (
                    (m.EXPECTED, "expected"),
                    (m.LOWER, "normal from"),
                    (m.UPPER, "normal up to"),
                )
            ),
            band=("normal from", "normal up to"),
            dashed=("expected",),
        )
        for place, (signal, (measured, unit)) in enumerate(SIGNALS.items())
    )
