import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pydantic import ValidationError

from anomaly.config.alerting import Mask, masked

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600.0


def at(*clock, zone=UTC):
    return datetime(*clock, tzinfo=zone).timestamp()


def hours_open(mask, start, hours=48):
    """The hours, counted from a start, in whose middle the mask is open."""
    times = start + np.arange(hours) * HOUR + HOUR / 2
    return np.flatnonzero(mask.open_at(times)).tolist()


def nightly(**keys):
    usual = {"name": "backup", "schedule": "0 22 * * *", "duration_minutes": 180}
    return Mask(**usual | keys)


class TestRecurringWindow:
    def test_is_open_from_its_firing_for_its_duration(self):
        assert hours_open(nightly(), at(2026, 11, 2), 24) == [0, 22, 23]

    def test_opens_on_the_days_of_its_expression_only(self):
        sunday = nightly(schedule="0 4 * * sun", duration_minutes=120)
        assert hours_open(sunday, at(2026, 10, 31)) == [28, 29]

    @pytest.mark.parametrize(
        "expression,open_hours",
        [
            ("0 */6 * * *", [0, 6, 12, 18]),
            ("0 8-17/4 * * mon-fri", [8, 12, 16]),
            ("0 1,3 * nov *", [1, 3]),
            ("0 5/9 2 11 *", [5, 14, 23]),
            ("0 5 3 * *", []),
        ],
    )
    def test_reads_lists_ranges_steps_and_names(self, expression, open_hours):
        monday = at(2026, 11, 2)
        mask = nightly(schedule=expression, duration_minutes=60)
        assert hours_open(mask, monday, 24) == open_hours

    def test_follows_the_clock_on_the_wall_when_it_is_put_forward(self):
        mask = nightly(schedule="30 1 * * *", duration_minutes=120, timezone="Europe/Berlin")
        times = at(2026, 3, 29, zone=BERLIN) + np.arange(16) * HOUR / 4
        opened = times[mask.open_at(times)]
        assert opened[0] == at(2026, 3, 29, 1, 30, zone=BERLIN)
        assert opened[-1] == at(2026, 3, 29, 3, 15, zone=BERLIN)
        assert len(opened) == 4  # an hour, not two

    def test_stays_open_through_the_hour_that_comes_twice(self):
        mask = nightly(schedule="0 2 * * *", duration_minutes=60, timezone="Europe/Berlin")
        times = at(2026, 10, 25, zone=BERLIN) + np.arange(6) * HOUR
        assert np.flatnonzero(mask.open_at(times)).tolist() == [2, 3]


class TestWindowThatComesOnce:
    def test_is_open_from_its_start_and_before_its_end(self):
        mask = Mask(name="move", start="2026-11-02T03:00:00Z", end="2026-11-02T05:00:00Z")
        times = at(2026, 11, 2) + np.arange(8) * HOUR
        assert np.flatnonzero(mask.open_at(times)).tolist() == [3, 4]

    def test_civil_times_are_of_its_zone(self):
        mask = Mask(
            name="move", start="2026-07-01", end="2026-07-01T01:00", timezone="Europe/Berlin"
        )
        assert hours_open(mask, at(2026, 6, 30), 24) == [22]


class TestCover:
    labels = ({"namespace": "shop", "app": "api"}, {"namespace": "pay", "app": "api"}, {})
    times = np.array([at(2026, 11, 2, 21), at(2026, 11, 2, 22)])

    def points(self, effect="suppress", **keys):
        covered = masked([nightly(**keys)], effect, "traffic", self.labels, self.times)
        return covered.tolist()

    def test_is_every_series_unless_labels_are_named(self):
        assert self.points() == [[False, True]] * 3

    def test_is_what_matches_wholly(self):
        assert self.points(match={"namespace": "sho"}) == [[False, False]] * 3
        chosen = self.points(match={"namespace": "sho.*", "app": "api|web"})
        assert chosen == [[False, True], [False, False], [False, False]]

    def test_is_of_the_named_signals(self):
        assert not np.any(self.points(signals=("latency_p95",)))
        assert np.any(self.points(signals=("traffic",)))

    def test_what_only_suppresses_is_learnt(self):
        assert not np.any(self.points(effect="exclude"))

    def test_what_is_excluded_is_suppressed_too(self):
        mask = nightly(effect="exclude")
        for effect in ("exclude", "suppress"):
            assert masked([mask], effect, "traffic", self.labels, self.times).any()


class TestMistakes:
    @pytest.mark.parametrize(
        "keys,what",
        [
            ({"timezone": "Mars/Olympus"}, "is no time zone; use one such as Europe/Berlin"),
            ({"timezone": "/etc/passwd"}, "is no time zone"),
            ({"schedule": "0 22 * *"}, "has 4 fields, and cron has 5"),
            ({"schedule": "0 24 * * *"}, "'24' is no hour; use 0 to 23"),
            ({"schedule": "0 x * * *"}, "'x' is no hour"),
            ({"schedule": "0 9-5 * * *"}, "'9-5' is no hour"),
            ({"schedule": "0 */0 * * *"}, "no hour"),
            ({"schedule": "0 9 1 * mon"}, "leave one of them"),
            ({"duration_minutes": None}, "needs either schedule and duration_minutes"),
            ({"start": "2026-01-01"}, "needs either schedule and duration_minutes"),
            ({"match": {"app": "("}}, r"app: '\(' is no regular expression"),
        ],
    )
    def test_are_told_in_words(self, keys, what):
        with pytest.raises(ValidationError, match=what):
            nightly(**keys)

    @pytest.mark.parametrize(
        "start,end,what",
        [
            ("2026-02-01", "2026-01-01", "ends before it starts"),
            ("yesterday", "2026-01-01", "'yesterday' is no time; use ISO 8601"),
        ],
    )
    def test_of_a_span_too(self, start, end, what):
        with pytest.raises(ValidationError, match=what):
            Mask(name="x", start=start, end=end)


class TestExpression:
    def mask(self, expression):
        return nightly(match={"pod": expression})

    @pytest.mark.parametrize("expression", ["(a+)+b", "(a|aa)+b", "(.*a){20}b", "(x+x+)+y"])
    def test_that_could_run_for_ever_does_not(self, expression):
        begun = time.monotonic()
        assert not self.mask(expression).covers({"pod": "a" * 5_000 + "x" * 5_000})
        assert time.monotonic() - begun < 1

    def test_has_to_match_the_whole_value(self):
        mask = self.mask("api|web-[0-9]+")
        found = [
            mask.covers({"pod": pod}) for pod in ("api", "web-12", "web-1x", "my-api", "api\n")
        ]
        assert found == [True, True, False, False, False]

    @pytest.mark.parametrize("expression", ["(", "a)|(b", "(?=a)", r"(a)\1", "(a{999}){999}"])
    def test_that_the_engine_does_not_know_is_refused(self, expression):
        with pytest.raises(ValidationError, match="is no regular expression of RE2"):
            self.mask(expression)
