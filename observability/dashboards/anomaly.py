"""The board Anomaly: what the detector finds, how sure it is, what to do, and how it is itself."""

from collections.abc import Sequence

from observability.dashboards.advice import recommendations
from observability.dashboards.chosen import CHOSEN, COLUMNS, NAME, SERVICES
from observability.dashboards.detector import age, detector, recent
from observability.dashboards.frame import SERVICE, Board, Row, catalogue_choices, choice
from observability.dashboards.panels import Column, Tile, figure, listing, prose, states, trend
from observability.dashboards.parts import (
    ANY_IS_BAD,
    ANY_IS_ODD,
    BAD,
    GOOD,
    NEUTRAL,
    WARN,
    About,
    Steps,
)
from observability.dashboards.signals import Watched, watched
from observability.promql.anomaly import newest, results
from observability.promql.expressions import SERVICE as BY_SERVICE
from observability.promql.expressions import count, greatest, is_, like, select, total
from settings.anomaly import Anomaly
from settings.monitored import Monitored
from vocabulary import metrics as m
from vocabulary import recorded as r
from vocabulary.boards import ANOMALY

_SIGNAL = like("for", "$signal")
_SERIES = f"{NAME} {{{{for}}}}"
_SCORED: Steps = ((None, GOOD), (1, BAD))


def anomaly(stack: Monitored) -> Board:
    """The board."""
    signals = watched(stack.anomaly)
    names = [signal.name for signal in signals]
    signal = choice("signal", "Signal", "What the detector watches of a service", names)
    return Board(
        ANOMALY,
        "Anomaly",
        "What the detector finds in the services' metrics. Anomalies inform; objectives page.",
        "24h",
        (*catalogue_choices(stack), signal),
        (
            Row(100, "Now", _now(stack)),
            Row(200, "Findings", _findings(stack.anomaly)),
            Row(300, "What to do", _advice(stack.observability.rules.runbook)),
            Row(400, "Detector", detector(stack)),
            Row(500, "$service", _bands(stack.anomaly, signals), repeat=SERVICE),
        ),
    )


def _of_late(settings: Anomaly, metric: str) -> str:
    """The highest of late: results are written by runs that end, so the newest are minutes old."""
    return results(settings, metric, _SIGNAL, of=CHOSEN, over=newest(settings))


def _anomalous(settings: Anomaly) -> str:
    return f"{_of_late(settings, m.VERDICT)} >= 1"


def _now(stack: Monitored) -> tuple[Tile, ...]:
    settings, ours = stack.anomaly, is_("environment", stack.environment)
    anomalous = _anomalous(settings)
    late = 2 * settings.interval_minutes * 60
    failed = recent(settings, m.SERIES_TOTAL, ours, is_("state", "failed"))
    return (
        figure(
            About(101, "Incidents", "Series that are not as usual, now or a moment ago.", "short"),
            f"count({anomalous}) or vector(0)",
            steps=ANY_IS_ODD,
        ),
        figure(
            About(102, "Services concerned", "Services with such a series.", "short"),
            f"count({count(anomalous, *BY_SERVICE)}) or vector(0)",
            steps=ANY_IS_ODD,
        ),
        figure(
            About(103, "Highest score", "1 is the threshold, of every method.", "short"),
            greatest(_of_late(settings, m.SCORE)),
            steps=_SCORED,
        ),
        figure(
            About(104, "Since the last run", "Time since a run went well.", "s"),
            age(ours),
            steps=((None, GOOD), (late, WARN), (2 * late, BAD)),
        ),
        figure(
            About(105, "Series judged", "Series that the last run judged.", "short"),
            total(recent(settings, m.SERIES_TOTAL, ours, is_("state", "scored"))),
            steps=NEUTRAL,
        ),
        figure(
            About(106, "Series not judged", "Series that could not be read or judged.", "short"),
            total(failed),
            steps=ANY_IS_BAD,
        ),
    )


def _findings(settings: Anomaly) -> tuple[Tile, ...]:
    verdict = greatest(_anomalous(settings), *BY_SERVICE, "for")
    score = greatest(_of_late(settings, m.SCORE), *BY_SERVICE, "for")
    verdicts = results(settings, m.VERDICT, _SIGNAL, of=CHOSEN)
    open_now = f"{verdicts} >= bool 1"
    kinds = f'label_replace({open_now}, "signal", "$1", "for", "([a-z]+).*")'
    return (
        listing(
            About(
                201,
                "Incidents",
                "What is open: the highest score of late, and how sure that is: how far it lies "
                "beyond the threshold, as a share of the score.",
                "short",
            ),
            Column(f"{score} and {verdict}", "Score", "short", _SCORED),
            Column(f"1 - 1 / {verdict}", "Confidence", "percentunit"),
            labels={**COLUMNS, "for": "Signal"},
            width=12,
            order=("Score", "down"),
        ),
        trend(
            About(202, "Scores", "How unusual each point is; 1 is the threshold.", "short"),
            (results(settings, m.SCORE, _SIGNAL, of=CHOSEN), _SERIES),
            steps=_SCORED,
        ),
        trend(
            About(
                203,
                "Confidence",
                "How far the verdict on each series lies beyond the threshold, as a share of it; "
                "nothing while nothing is wrong.",
                "percentunit",
            ),
            (f"1 - 1 / ({verdicts} >= 1)", _SERIES),
            width=8,
        ),
        trend(
            About(
                204,
                "Agreement",
                "Kinds of signal of a service that are wrong at once; several are hardly chance.",
                "short",
            ),
            (total(greatest(kinds, *BY_SERVICE, "signal"), *BY_SERVICE), NAME),
            width=8,
        ),
        states(
            About(
                205,
                "Found, and why",
                "Incidents of each service beside the experiments on it: an experiment that shows "
                "nowhere is one that the detector does not see.",
                "short",
            ),
            (greatest(open_now, *BY_SERVICE), f"{NAME} incident"),
            (f"2 * {select(r.CHAOS_ACTIVE, *SERVICES)}", f"{NAME} experiment"),
            words={"0": ("quiet", GOOD), "1": ("incident", BAD), "2": ("experiment", WARN)},
            width=8,
        ),
    )


def _advice(runbook: str) -> tuple[Tile, ...]:
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
            recommendations(runbook),
            width=12,
        ),
    )


_ALERTED = (like("namespace", "$namespace"), like("service", "$service"))


def _bands(settings: Anomaly, signals: Sequence[Watched]) -> tuple[Tile, ...]:
    """For each signal of a service: what it is, what was expected, and what would be normal."""
    return tuple(_band(settings, 501 + place, signal) for place, signal in enumerate(signals))


def _band(settings: Anomaly, number: int, signal: Watched) -> Tile:
    edges = ((m.EXPECTED, "expected"), (m.LOWER, "normal from"), (m.UPPER, "normal up to"))

    def judged(metric: str) -> str:
        return results(settings, metric, is_("for", signal.name), of=CHOSEN)

    about = About(
        number,
        f"$service: {signal.name}",
        "The measured value, the expected one, and the band of what is normal.",
        signal.unit,
    )
    return trend(
        about,
        (signal.query, "measured"),
        *((greatest(judged(metric), *BY_SERVICE), name) for metric, name in edges),
        band=("normal from", "normal up to"),
        dashed=("expected",),
    )
