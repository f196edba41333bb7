import math

from anomaly.sinks.sink import explanation, link, number


class TestExplanation:
    def test_says_what_was_seen_and_expected_since_when_and_how_often_before(self, make):
        assert explanation(make()) == (
            "0.9 where 0.2 was expected and 0.1 to 0.3 is normal (score 3.25), since "
            "2023-11-14T21:58:20Z; 2 times before; seen by seasonal, level"
        )

    def test_of_an_absence_has_no_value(self, make):
        alert = make(direction="absent", value=math.nan, before=0, views=())
        assert explanation(alert) == (
            "there is no value where 0.2 was expected (score 3.25), since "
            "2023-11-14T21:58:20Z; for the first time"
        )

    def test_of_what_is_over_says_when_it_ended(self, make, now):
        assert "from 2023-11-14T21:58:20Z to 2023-11-14T22:13:20Z" in explanation(make(until=now))


class TestSmallThings:
    def test_numbers_that_are_none_are_unknown(self):
        assert [number(value) for value in (1234.56, math.nan, math.inf)] == [
            "1235",
            "unknown",
            "unknown",
        ]

    def test_links_that_nobody_configured_are_none(self, make):
        assert link(None, make()) is None
