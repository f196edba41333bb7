import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anomaly.incidents.track import NEVER, Chronicle, Judged, Rules, closed, follow

STEP = 300.0
RULES = Rules(
    prominent_score=2.0,
    persistent_points=3,
    persistent_seconds=6 * STEP,
    remembered_seconds=100 * STEP,
)


def judged(*scores, alerting=None, matters=None, start=0):
    """A verdict on one series; it alerts and matters where scores are above 1 unless told so."""
    score = np.array([scores], dtype=float)
    above = np.nan_to_num(score) > 1
    length = score.shape[1]
    return Judged(
        timestamps=(start + np.arange(length)) * STEP,
        values=10 * score,
        score=score,
        alerting=above if alerting is None else np.array([alerting], dtype=bool),
        matters=above if matters is None else np.array([matters], dtype=bool),
        expected=np.full(score.shape, 5.0),
        lower=np.full(score.shape, 0.0),
        upper=np.full(score.shape, 10.0),
        views={"level": score, "trend": score / 2},
    )


def tell(block, before=None, suppressed=None, probability=lambda *_: 0.5, rules=RULES):
    """Open and ended incidents after a block."""
    quiet = np.zeros(block.score.shape, bool) if suppressed is None else suppressed
    chronicle, ended = follow(before or Chronicle(), block, quiet, probability, rules)
    return chronicle, [incident for _, incident in ended]


class TestIncident:
    def test_is_a_run_of_alerting_points(self):
        chronicle, (first,) = tell(judged(0, 1.5, 2.5, 1.2, 0, 0))
        assert (first.since, first.last, first.until) == (STEP, 3 * STEP, 4 * STEP)
        assert first.points == 3
        assert not chronicle.open

    def test_that_goes_on_is_open(self):
        chronicle, ended = tell(judged(0, 0, 1.5))
        assert (chronicle.open[0].since, chronicle.open[0].until, ended) == (2 * STEP, None, [])

    def test_keeps_its_worst_point_and_who_spoke(self):
        _, (incident,) = tell(judged(1.5, 2.5, 1.2, 0))
        peak = incident.peak
        assert (peak.score, peak.value, peak.expected, peak.upper) == (2.5, 25, 5, 10)
        assert (peak.direction, peak.views) == ("above", ("level", "trend"))
        _, (mild,) = tell(judged(1.5, 0))
        assert mild.peak.views == ("level",)

    def test_goes_on_through_points_that_do_not_matter(self):
        alerting = [1, 1, 1, 0]
        _, (incident,) = tell(judged(1.5, 0.5, 1.5, 0, alerting=alerting, matters=[1, 0, 1, 0]))
        assert (incident.points, incident.since, incident.last) == (2, 0, 2 * STEP)

    def test_is_none_without_a_point_that_matters(self):
        chronicle, ended = tell(judged(0, 1.5, 1.5, 0, matters=[0, 0, 0, 0]))
        assert (ended, dict(chronicle.open), dict(chronicle.starts)) == ([], {}, {})

    def test_begins_with_the_first_point_that_matters(self):
        _, (incident,) = tell(judged(1.5, 1.5, 1.5, 0, matters=[0, 1, 1, 0]))
        assert (incident.since, incident.points) == (STEP, 2)

    def test_a_gap_neither_ends_nor_continues_it(self):
        nan = np.nan
        _, (incident,) = tell(judged(1.5, nan, nan, 1.5, nan, 0))
        assert (incident.points, incident.until) == (2, 5 * STEP)

    def test_a_value_that_is_gone_is_absent(self):
        block = judged(1.0, 1.5, alerting=[1, 1], matters=[1, 1])
        block.values[:] = np.nan
        chronicle, _ = tell(block)
        assert chronicle.open[0].peak.direction == "absent"

    def test_knows_how_often_it_happened_before(self):
        _, ended = tell(judged(1.5, 0, 1.5, 0, 1.5, 0))
        assert [incident.before for incident in ended] == [0, 1, 2]

    def test_what_is_long_ago_is_forgotten(self):
        chronicle, _ = tell(judged(1.5, 0))
        _, (later,) = tell(judged(1.5, 0, start=101), chronicle)
        assert later.before == 0


class TestTelling:
    def test_a_large_point_is_told_at_once(self):
        _, (incident,) = tell(judged(1.5, 2.0, 1.5, 0))
        assert incident.prominent == STEP

    def test_points_that_last_are_told(self):
        _, (incident,) = tell(judged(1.5, 1.5, 0.5, 1.5, 0, alerting=[1, 1, 1, 1, 0]))
        assert (incident.prominent, incident.persistent) == (NEVER, 3 * STEP)

    def test_points_that_are_few_and_far_between_do_not_last(self):
        scores = ([1.5] + [0.5] * 3) * 3
        _, ended = tell(judged(*scores, 0, alerting=[1] * 12 + [0]))
        assert [(one.points, one.persistent) for one in ended] == [(3, NEVER)]

    def test_a_small_and_brief_one_is_weighed(self):
        _, (incident,) = tell(judged(0, 1.5, 0), probability=lambda row, place, score: place / 10)
        assert (incident.prominent, incident.persistent) == (NEVER, NEVER)
        assert incident.probability == 0.1

    def test_nothing_is_told_while_it_is_suppressed(self):
        quiet = np.array([[1, 1, 1, 1, 0, 0]], dtype=bool)
        _, (incident,) = tell(judged(1.5, 3.0, 1.5, 1.5, 1.5, 0), suppressed=quiet)
        assert (incident.points, incident.prominent, incident.persistent) == (5, NEVER, 4 * STEP)
        assert incident.probability == NEVER


class TestForgetting:
    def test_ends_what_is_open(self):
        chronicle, _ = tell(judged(0, 1.5))
        after, ended = closed(chronicle, np.array([True]), np.array([9.0]))
        assert ([incident.until for _, incident in ended], dict(after.open)) == ([9.0], {})

    def test_leaves_others_alone(self):
        chronicle, _ = tell(judged(0, 1.5))
        after, ended = closed(chronicle, np.array([False]), np.array([9.0]))
        assert (ended, after) == ([], chronicle)


class TestBlocks:
    scores = arrays.arrays(
        np.float64,
        (3, 40),
        elements=st.sampled_from([0.0, 0.5, 1.5, 2.5, np.nan]),
    )

    @given(scores, st.integers(1, 39), arrays.arrays(np.bool_, (3, 40)))
    def test_are_the_same_as_all_points_at_once(self, scores, cut, quiet):
        def part(start, end):
            above = np.nan_to_num(scores[:, start:end]) > 1
            flat = judged(*np.zeros(end - start), start=start)
            return Judged(
                **vars(flat)
                | {"values": scores[:, start:end], "score": scores[:, start:end]}
                | {"alerting": above, "matters": above}
                | {name: np.full(above.shape, 0.0) for name in ("expected", "lower", "upper")}
                | {"views": {"level": scores[:, start:end]}}
            )

        def chance(start):
            return lambda row, place, score: float(row + start + place + score)

        whole, ended = follow(Chronicle(), part(0, 40), quiet, chance(0), RULES)
        first, early = follow(Chronicle(), part(0, cut), quiet[:, :cut], chance(0), RULES)
        both, late = follow(first, part(cut, 40), quiet[:, cut:], chance(cut), RULES)
        assert whole == both
        order = lambda item: (item[0], item[1].since)  # noqa: E731 - a key
        assert sorted(ended, key=order) == sorted(early + late, key=order)
