import numpy as np
import pytest

from anomaly.offline.explain import Verdicts, explain

MINUTE = 60.0


def verdicts(alerts="", length=100, missing=(), **keys):
    """A series of tens that alerts where the drawing says so; the score is two there."""
    drawn = np.array([at == "x" for at in alerts.ljust(length, ".")])
    values = np.where(drawn, 30.0, 10.0)
    values[list(missing)] = np.nan
    score = np.where(np.isnan(values), np.nan, np.where(drawn, 2.0, 0.1))
    usual = {
        "name": "latency",
        "timestamps": np.arange(length) * MINUTE,
        "values": values,
        "expected": np.full(length, 10.0),
        "lower": np.full(length, 8.0),
        "upper": np.full(length, 12.0),
        "score": score,
        "alerting": drawn,
        "matters": drawn.copy(),
        "views": {"level": score * 0.5, "change": score},
    }
    return Verdicts(**usual | keys)


class TestWhichAlert:
    def test_the_newest_unless_somebody_asks_for_another(self):
        given = verdicts("..xx....xxx.")
        assert explain(given).alert.since == 8 * MINUTE
        assert explain(given, at=3 * MINUTE).alert.since == 2 * MINUTE

    def test_it_lasts_from_its_first_to_its_last_point(self):
        alert = explain(verdicts("..xxx")).alert
        assert (alert.since, alert.last, alert.points, alert.open) == (120, 240, 3, False)

    def test_points_that_were_calm_while_it_was_open_are_told_apart(self):
        given = verdicts("..xxxx")
        given.matters[4:6] = False
        alert = explain(given).alert
        assert (alert.points, alert.outside) == (4, 2)

    def test_at_the_end_of_the_history_it_is_open(self):
        assert explain(verdicts("." * 98 + "xx")).alert.open

    def test_its_worst_point_is_explained(self):
        given = verdicts(".....xxx")
        given.score[6] = 7
        said = explain(given)
        assert (said.moment.time, said.moment.score) == (360, 7)
        assert said.alert.score == said.moment.score

    def test_a_higher_score_that_does_not_matter_is_not(self):
        given = verdicts(".....xxx")
        given.score[7], given.matters[7] = 9, False
        given.score[6] = 3
        assert explain(given).moment.time == 360

    def test_at_a_calm_time_the_point_before_it_is_explained(self):
        said = explain(verdicts("..xx", missing=[50]), at=50.5 * MINUTE)
        assert said.alert is None
        assert said.moment.time == 49 * MINUTE

    def test_without_any_the_highest_score_is(self):
        given = verdicts()
        given.score[70] = 0.9
        said = explain(given)
        assert (said.alert, said.moment.time) == (None, 70 * MINUTE)


class TestWhy:
    def test_expected_bounds_and_views_the_strongest_first(self):
        moment = explain(verdicts(".....x")).moment
        assert (moment.value, moment.expected, moment.lower, moment.upper) == (30, 10, 8, 12)
        assert list(moment.views.items()) == [("change", 2.0), ("level", 1.0)]

    def test_how_often_before_the_newest_first(self):
        said = explain(verdicts("x..xx..x...xx"))
        assert [each.since for each in said.before] == [420, 180, 0]
        assert explain(verdicts("x..xx..x"), at=200).before[0].since == 0

    def test_points_without_values_are_not_counted(self):
        assert explain(verdicts(missing=range(40))).points == 60

    @pytest.mark.parametrize("place", [0, 1, 50, 98, 99])
    def test_the_points_around_it_are_shown(self, place):
        given = verdicts("." * place + "x")
        around = [moment.time / MINUTE for moment in explain(given).around]
        assert len(around) == 12
        assert place in around
        assert around == sorted(around)

    def test_a_series_of_one_point_is_explained_too(self):
        said = explain(verdicts("x", length=1))
        assert [moment.value for moment in said.around] == [30]
