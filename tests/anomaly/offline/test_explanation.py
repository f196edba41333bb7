import json
import math

from anomaly.offline.explain import Episode, Explanation, Moment, as_json, as_text

NAN = math.nan


def moment(time=600.0, **keys):
    usual = {
        "time": time,
        "value": 300.0,
        "expected": 100.0,
        "lower": 80.0,
        "upper": 120.0,
        "score": 4.0,
        "alerting": True,
        "views": {"level": 4.0, "change": 1.5, "season": 0.3},
    }
    return Moment(**usual | keys)


def episode(since=600.0, last=900.0, points=2, **keys):
    usual = {"open": False, "outside": 1, "score": 4.0}
    return Episode(since, last, points=points, **usual | keys)


def explanation(**keys):
    usual = {
        "series": 'latency{service="cart"}',
        "start": 0.0,
        "end": 86_400.0,
        "points": 289,
        "alert": episode(),
        "moment": moment(),
        "before": (),
        "around": (moment(300.0, alerting=False), moment(), moment(900.0)),
    }
    return Explanation(**usual | keys)


def lines(**keys):
    """The lines of the text by their first word."""
    found = as_text(explanation(**keys)).splitlines()
    return {line.split()[0]: line for line in found if line and line[0].isalpha()}


class TestText:
    def test_begins_with_the_series_and_the_history_that_was_looked_at(self):
        first, second, *_ = as_text(explanation()).splitlines()
        assert first == 'latency{service="cart"}'
        assert second == "289 points from 1970-01-01T00:00:00Z to 1970-01-02T00:00:00Z"

    def test_says_since_when_and_whether_it_goes_on(self):
        assert lines()["alert"] == (
            "alert since 1970-01-01T00:10:00Z, over at 1970-01-01T00:15:00Z: "
            "2 points in 5m, 1 outside of what is normal"
        )
        assert "still open: 2 points" in lines(alert=episode(open=True))["alert"]

    def test_says_what_was_expected_and_how_far_off_it_was(self):
        said = lines()
        assert said["expected"].endswith("100, normal 80..120")
        assert said["deviation"].endswith("200 above, 200% of what is expected")
        below = lines(moment=moment(value=50.0))
        assert below["deviation"].endswith("50 below, 50% of what is expected")

    def test_of_nothing_a_deviation_has_no_percentage(self):
        said = lines(moment=moment(expected=0.0, lower=0.0, upper=0.0))
        assert said["deviation"].endswith("300 above")

    def test_tells_views_that_spoke_from_those_that_did_not(self):
        said = lines()
        assert said["views"].split(maxsplit=1)[1] == "level 4.00, change 1.50"
        assert said["quiet"].split(maxsplit=1)[1] == "season 0.30"

    def test_says_how_often_before(self):
        assert "no alert in the history read" in lines()["before"]
        several = as_text(explanation(before=(episode(300, 300, 1), episode(0, 100, 3))))
        assert "2 alerts in the history read" in several
        assert "1970-01-01T00:05:00Z, 1 point, score 4.00" in several

    def test_without_an_alert_it_says_so(self):
        calm = moment(score=0.4, alerting=False, value=101.0)
        assert lines(alert=None, moment=calm)["no"] == "no alert at 1970-01-01T00:10:00Z"

    def test_what_was_above_the_threshold_and_was_not_told_is_not_passed_over(self):
        assert "too brief to be told" in lines(alert=None)["no"]

    def test_with_too_little_history_nothing_is_expected(self):
        early = moment(expected=NAN, lower=NAN, upper=NAN, score=0.0)
        assert lines(alert=None, moment=early)["expected"].endswith("too little history")

    def test_a_series_that_is_gone_has_no_value(self):
        assert lines(moment=moment(value=NAN))["value"].endswith("none: the series is absent")

    def test_points_around_it_are_a_table(self):
        *_, before, at, after = as_text(explanation()).splitlines()
        assert before.startswith("1970-01-01T00:05:00Z")
        assert at.endswith("<-")
        assert after.endswith("alert")


class TestJson:
    def test_holds_all_of_it(self):
        document = json.loads(as_json(explanation(before=(episode(),))))
        assert document["kind"] == "explanation"
        assert document["alert"]["since"] == "1970-01-01T00:10:00Z"
        assert document["moment"]["views"] == {"level": 4.0, "change": 1.5, "season": 0.3}
        assert len(document["before"]) == 1
        assert [each["alerting"] for each in document["around"]] == [False, True, True]

    def test_without_an_alert_it_is_null(self):
        assert json.loads(as_json(explanation(alert=None)))["alert"] is None
