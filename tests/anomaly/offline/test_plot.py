from dataclasses import replace

import numpy as np
import pytest

from anomaly.errors import OutputError
from anomaly.offline.explain import Verdicts
from anomaly.offline.grade import Spans
from anomaly.offline.plot import Timeline, draw, figure

BEGIN = 1_700_000_000.0
PNG = b"\x89PNG\r\n\x1a\n"


def verdicts(values, alerting=(), **keys):
    values = np.array(values, dtype=float)
    length = len(values)
    return Verdicts(
        **{
            "name": "latency",
            "timestamps": BEGIN + np.arange(length) * 60.0,
            "values": values,
            "expected": np.full(length, 10.0),
            "lower": np.full(length, 8.0),
            "upper": np.full(length, 12.0),
            "score": np.abs(np.nan_to_num(values) - 10) / 2,
            "alerting": np.isin(np.arange(length), alerting),
            "matters": np.zeros(length, bool),
            "views": {},
        }
        | keys
    )


def timeline(values, alerting=(), incidents=None, **keys):
    return Timeline.of(verdicts(values, alerting, **keys), incidents)


def legend(main):
    return [each.get_text() for each in main.get_legend().get_texts()]


class TestFigure:
    def test_shows_series_band_expectation_and_score(self):
        main, strip = figure([timeline([9, 11, 10, 30])]).get_axes()
        assert legend(main) == ["normal", "expected", "measured"]
        assert main.get_title(loc="left") == "latency"
        assert (strip.get_xlabel(), strip.get_ylabel()) == ("UTC", "score")

    def test_alerts_and_incidents_are_counted(self):
        main, _ = figure([timeline([10] * 9, [2, 3, 7], np.arange(9) == 2)]).get_axes()
        assert legend(main)[3:] == ["1 incident", "2 alerts"]

    def test_the_part_before_a_moment_is_left_out(self):
        main, _ = figure([timeline([10] * 9, [2, 7])], BEGIN + 300).get_axes()
        assert legend(main)[3:] == ["1 alert"]

    def test_all_values_lie_inside_it_and_a_wide_band_takes_half_the_room(self):
        wide = timeline([1, 2, 1], lower=np.full(3, -1e9), upper=np.full(3, 1e9))
        low, high = figure([wide]).get_axes()[0].get_ylim()
        assert (low < 1, 2 < high < 3) == (True, True)

    @pytest.mark.parametrize(
        "values",
        [
            [5.0],
            [5.0] * 9,
            [np.nan] * 4,
            [0.0, 0.0],
            [1e308, -1e308],
            [1e15, 1e15 + 0.25],
            [np.inf],
        ],
        ids=["one", "constant", "missing", "zero", "huge", "close", "infinite"],
    )
    def test_any_series_can_be_drawn(self, values, tmp_path):
        draw(tmp_path / "a.svg", [timeline(values)])

    def test_names_may_hold_anything(self, tmp_path):
        name = 'up{path="/<a>&b",price="$1$"}'
        draw(tmp_path / "a.svg", [timeline([1, 2], name=name)])
        assert "price" in (tmp_path / "a.svg").read_text()


class TestFile:
    def test_the_name_says_which_format(self, tmp_path):
        draw(tmp_path / "a.svg", [timeline([1, 2])])
        draw(tmp_path / "a.png", [timeline([1, 2])])
        assert "<svg " in (tmp_path / "a.svg").read_text()
        assert (tmp_path / "a.png").read_bytes().startswith(PNG)

    def test_the_same_is_the_same_bytes(self, tmp_path):
        for name in ("a.svg", "b.svg"):
            draw(tmp_path / name, [timeline([1, 5, 2], [1])])
        assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()

    def test_is_as_high_as_its_series_need(self, tmp_path):
        one, two = (figure([timeline([1, 2])] * count).get_size_inches() for count in (1, 2))
        assert (two[0], two[1]) == (one[0], 2 * one[1])

    def test_a_long_and_restless_series_stays_small(self, tmp_path):
        rng = np.random.default_rng(1)
        restless = timeline(
            rng.lognormal(3, 1, 150_000),
            rng.choice(150_000, 5000, replace=False),
            expected=rng.normal(20, 5, 150_000),
            lower=rng.normal(5, 5, 150_000),
            upper=rng.normal(40, 5, 150_000),
        )
        faults = Spans(*np.sort(rng.choice(BEGIN + np.arange(9e6), (2, 2000)), axis=0))
        draw(tmp_path / "a.svg", [replace(restless, incidents=faults)])
        assert (tmp_path / "a.svg").stat().st_size < 400_000

    @pytest.mark.parametrize("name", ["a.svg", "a.png"])
    def test_a_folder_that_is_not_there_is_named(self, tmp_path, name):
        with pytest.raises(OutputError, match=rf"cannot write .*no/{name}: No such file"):
            draw(tmp_path / "no" / name, [timeline([1, 2])])
