import pytest

from anomaly.incidents.describe import advised, get_anomaly_recommendations, kind_by_name
from tests.anomaly.incidents.alerts import HOUR, SINCE, alert


def of(kind, direction="above", **different):
    usual = {"key": f"{kind} {direction}", "kind": kind, "direction": direction}
    return alert(**usual | different)


class TestCause:
    @pytest.mark.parametrize(
        "alerts,cause",
        [
            ([of("latency")], "latency"),
            ([of("errors")], "errors"),
            ([of("latency"), of("errors")], "dependency"),
            ([of("latency"), of("traffic")], "load"),
            ([of("latency"), of("traffic"), of("errors"), of("saturation")], "load"),
            ([of("latency"), of("saturation")], "saturation"),
            ([of("errors"), of("traffic", "below")], "outage"),
            ([of("latency"), of("traffic", "below")], "outage"),
            ([of("traffic", "below")], "demand"),
            ([of("saturation")], "leak"),
            ([of("traffic", "absent"), of("errors")], "gone"),
            ([of("other")], ""),
        ],
    )
    def test_follows_from_all_signals_of_the_service(self, alerts, cause):
        assert {each.cause for each in advised(alerts)} == {cause}

    def test_is_not_that_of_another_service_nor_of_another_day(self):
        day = {"since": SINCE + 24 * HOUR}
        over = {"state": "resolved", "until": SINCE + HOUR}
        alerts = [
            of("latency"),
            of("errors", service="shop/web"),
            of("saturation", service="a", **over),
            of("errors", key="next", service="a", **day),
        ]
        assert [each.cause for each in advised(alerts)] == ["latency", "errors", "leak", "errors"]

    def test_of_what_goes_on_is_not_sought_in_what_is_over(self):
        over = {"state": "resolved", "until": SINCE + HOUR}
        alerts = [of("latency"), of("traffic", **over)]
        assert [each.cause for each in advised(alerts)] == ["latency", "demand"]

    def test_comes_with_advice_the_common_before_the_own(self):
        latency, traffic = advised([of("latency"), of("traffic")])
        assert latency.advice[0] == traffic.advice[0]
        assert "who calls more than usual" in latency.advice[0]
        assert "what the service waits for" in latency.advice[-1]


class TestRecommendations:
    def test_say_how_bad_what_where_and_what_to_do(self):
        (advice,) = get_anomaly_recommendations([alert()])
        assert advice.startswith(
            "warning: latency_p95 of shop/api is above what is normal (brief so far, likely "
        )
        assert "saturation" in advice

    def test_a_strong_and_lasting_drop_reads_otherwise(self):
        drop = alert(
            signal="traffic", kind="traffic", direction="below", severity="critical", points=5
        )
        (advice,) = get_anomaly_recommendations([drop])
        assert advice.startswith("critical: traffic of shop/api is below what is normal (sustained")

    def test_what_is_over_or_absent_is_said_to_be(self):
        over = alert(state="resolved", until=SINCE + HOUR)
        gone = alert(key="g", kind="traffic", signal="traffic", direction="absent")
        first, second = get_anomaly_recommendations([over, gone])
        assert "(over, likely latency)" in first
        assert "traffic of shop/api is absent (brief so far, likely gone)" in second

    def test_the_worst_comes_first(self):
        mild, bad = alert(key="a", score=1.1), alert(key="b", score=9.0, signal="error_rate")
        assert "error_rate" in get_anomaly_recommendations([mild, bad])[0]


@pytest.mark.parametrize(
    "name,kind",
    [
        ("latency_p95", "latency"),
        ("error_rate", "errors"),
        ("errors", "errors"),
        ("traffic", "traffic"),
        ("saturation_memory", "saturation"),
        ("up", "other"),
    ],
)
def test_a_name_suggests_a_kind(name, kind):
    assert kind_by_name(name) == kind
