from anomaly.incidents.alert import grouped
from tests.anomaly.incidents.alerts import HOUR, SINCE, alert

GAP = HOUR / 2


def keys(alerts):
    return [[each.key for each in group.alerts] for group in grouped(alerts, GAP)]


class TestGroups:
    def test_hold_the_alerts_of_one_service_the_most_urgent_first(self):
        alerts = [
            alert(key="mild", severity="info", score=9.0),
            alert(key="bad", severity="critical"),
            alert(key="other", service="shop/web", severity="warning"),
            alert(key="strong", severity="warning", score=5.0),
            alert(key="weak", severity="warning", score=2.0),
        ]
        assert keys(alerts) == [["bad", "strong", "weak", "mild"], ["other"]]

    def test_end_where_nothing_went_on_for_longer_than_the_gap(self):
        over = {"state": "resolved", "until": SINCE + HOUR}
        alerts = [
            alert(key="first", **over),
            alert(key="soon", since=SINCE + HOUR + GAP),
            alert(key="late", since=SINCE + 9 * HOUR, service="shop/api"),
        ]
        assert keys(alerts) == [["first", "late", "soon"]]  # the second goes on
        alerts[1] = alert(key="soon", since=SINCE + HOUR + GAP, until=SINCE + 2 * HOUR)
        assert keys(alerts) == [["first", "soon"], ["late"]]

    def test_say_how_urgent_they_are_and_since_when(self):
        alerts = [alert(key="a", since=SINCE + HOUR, severity="critical"), alert(key="b")]
        (group,) = grouped(alerts, GAP)
        assert (group.severity, group.since) == ("critical", SINCE)

    def test_of_nothing_are_none(self):
        assert grouped([], GAP) == ()
