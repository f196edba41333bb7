"""What is made of measurements: bars, JSON, tables."""

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from bench.detector import tables
from bench.detector.plain import plain
from bench.detector.quality import Graded
from bench.detector.throughput import MEMORY, Measured, bars
from bench.quality.protocol import Judged, grade, hold
from bench.quality.series import Labelled
from bench.throughput.cases import COPY, LARGEST, LONGEST, STANDARD, Cost, beside


def measured(rate=3e6, peak=2**28, longest=1.0):
    def cost(case, cpu, memory=2**27):
        return Measured("default", case, Cost(cpu, cpu, memory, case.samples))

    return [
        cost(COPY, COPY.samples / 1e9),
        cost(STANDARD, STANDARD.samples / rate),
        cost(LARGEST, 20.0, peak),
        cost(LONGEST, longest),
        Measured("STL", beside("stl"), None, "took more than 900 s"),
    ]


@pytest.fixture
def graded():
    times = np.arange(1000) * 60.0
    labels = (times >= 30_000) & (times < 30_600)
    series = Labelled("x", times, np.sin(times), labels)
    score = labels + np.random.default_rng(0).random(1000) * 0.1
    figures = grade([series], [Judged(score, hold(score), None)])
    return [
        Graded("default", "this project", figures, microseconds=0.5),
        Graded("STL", "statsmodels", None, "took more than 900 s"),
    ]


def shown(table):
    console = Console(width=300, record=True, file=StringIO())
    console.print(table)
    return console.export_text()


class TestBars:
    def test_are_met_by_what_reaches_them(self):
        assert [bar.met for bar in bars(measured())] == [True, True, True]

    @pytest.mark.parametrize(
        "missed, place",
        [({"rate": 1.9e6}, 0), ({"peak": MEMORY}, 1), ({"longest": 5.1}, 2)],
    )
    def test_each_can_be_missed(self, missed, place):
        met = [bar.met for bar in bars(measured(**missed))]

        assert met == [index != place for index in range(3)]


class TestPlain:
    def test_results_are_strict_json(self, graded):
        text = json.dumps([plain(each) for each in graded + measured()], allow_nan=False)

        first, second, *_ = json.loads(text)
        assert first["figures"]["events"]["f1"] == 1
        assert first["figures"]["events"]["delay_median"] == 0
        assert "delays" not in first["figures"]["events"]
        assert second["figures"] is second["microseconds"] is None

    def test_no_figure_is_null(self):
        assert plain({"a": float("nan"), "b": float("inf"), "c": 1.5}) == {
            "a": None,
            "b": None,
            "c": 1.5,
        }


class TestTables:
    def test_a_method_without_figures_says_why(self, graded):
        text = shown(tables.quality("made up", graded))

        assert "made up: 1 series, 1,000 points" in text
        assert "1.00 *" in text  # the threshold was chosen in hindsight
        assert "took more than 900 s" in text

    def test_rates_are_shares_of_a_copy(self):
        text = shown(tables.throughput(measured()))

        assert " 100 %" in text
        assert " 0.3 %" in text

    def test_a_missed_bar_stands_out(self):
        text = shown(tables.bars(bars(measured(rate=1e6))))

        assert "MISSED" in text
        assert "1.00 million samples/s" in text
