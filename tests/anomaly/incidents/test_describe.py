from dataclasses import replace

import pytest

from anomaly.config.alerting import Alerting
from anomaly.config.signals import WatchedSignal
from anomaly.incidents.describe import Teller
from anomaly.incidents.track import NEVER, Incident, Peak

SINCE = 1_700_000_100.0
LABELS = {"namespace": "shop", "service": "api"}
PEAK = Peak(
    value=412.0,
    expected=133.0,
    lower=101.0,
    upper=165.0,
    score=3.1,
    direction="above",
    views=("level", "trend"),
)
INCIDENT = Incident(
    since=SINCE,
    last=SINCE + 1200,
    points=5,
    peak=PEAK,
    before=2,
    newest=(),
    probability=NEVER,
)


def teller(kind="latency", unit="milliseconds"):
    signal = WatchedSignal(name="latency_p95", query="q", kind=kind, unit=unit)
    return Teller("prod", signal, Alerting(), 300)


class TestSummary:
    def test_says_what_how_far_off_since_when_who_says_so_and_how_often(self):
        assert teller().alert(LABELS, INCIDENT).summary == (
            "latency_p95 of shop/api is 412 milliseconds, above what is normal (101 to 165 "
            "milliseconds, expected 133), since 2023-11-14 22:15 UTC: 5 points in 25 min, "
            "score 3.1 by level, trend; 2 times before"
        )

    def test_of_what_is_over_says_until_when(self):
        over = replace(INCIDENT, until=SINCE + 1500, before=1)
        summary = teller().alert(LABELS, over).summary
        assert "shop/api was 412" in summary
        assert "from 2023-11-14 22:15 UTC to 2023-11-14 22:40 UTC: 5 points" in summary
        assert summary.endswith("; once before")

    def test_of_what_is_gone_says_its_last_value(self):
        peak = replace(PEAK, value=float("nan"), direction="absent", views=("presence",))
        summary = teller(unit="requests per second").alert(
            LABELS, replace(INCIDENT, peak=peak, before=0)
        )
        assert summary.summary == (
            "latency_p95 of shop/api is absent while others of the signal go on (its last value: "
            "133 requests per second) since 2023-11-14 22:15 UTC: 5 points in 25 min, "
            "score 3.1 by presence"
        )

    def test_of_a_signal_that_is_gone_as_a_whole_says_so(self):
        peak = replace(PEAK, value=float("nan"), expected=1.0, direction="absent", views=())
        told = teller().alert({}, replace(INCIDENT, peak=peak, before=0))
        assert told.summary.startswith("latency_p95 of all is absent: the query brings no series")


class TestAlert:
    def test_has_the_key_of_the_incident_however_far_it_has_come(self):
        alerts = [
            teller().alert(LABELS, INCIDENT),
            teller().alert(LABELS, replace(INCIDENT, last=SINCE + 9000, points=30, before=0)),
            teller().alert(LABELS, replace(INCIDENT, until=SINCE + 9300)),
        ]
        assert len({alert.key for alert in alerts}) == 1
        assert [alert.state for alert in alerts] == ["firing", "firing", "resolved"]

    def test_is_the_services_by_the_labels_that_the_signal_says(self):
        signal = WatchedSignal(name="s", query="q", service_labels=("team", "unit"))
        told = Teller("prod", signal, Alerting(), 300)
        assert told.alert({"team": "a", "unit": "b", "service": "c"}, INCIDENT).service == "a/b"


class TestSeverity:
    @pytest.mark.parametrize(
        "kind,score,points,direction,severity",
        [
            ("latency", 3.0, 3, "above", "critical"),
            ("latency", 2.9, 3, "above", "warning"),
            ("latency", 9.0, 2, "above", "warning"),
            ("saturation", 9.0, 9, "above", "warning"),
            ("saturation", 9.0, 2, "above", "info"),
            ("traffic", 1.0, 1, "absent", "critical"),
            ("other", 1.0, 1, "absent", "warning"),
        ],
    )
    def test_follows_from_kind_strength_and_length(self, kind, score, points, direction, severity):
        peak = replace(PEAK, score=score, direction=direction)
        incident = replace(INCIDENT, peak=peak, points=points)
        assert teller(kind).alert(LABELS, incident).severity == severity
