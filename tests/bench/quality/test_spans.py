"""Runs of labels."""

import numpy as np

from bench.quality.spans import Spans, merged, runs


def test_runs_at_both_ends_are_runs():
    assert list(runs([1, 1, 0, 0, 1, 0, 1])) == [(0, 1), (4, 4), (6, 6)]


def test_nothing_labelled_is_no_run():
    assert list(runs([0, 0])) == list(runs([])) == []


def test_spans_are_one_that_are_no_further_apart_than_allowed():
    spans = runs([1, 0, 0, 1, 0, 0, 0, 1])

    assert list(merged(spans, gap=2)) == [(0, 0), (3, 3), (7, 7)]
    assert list(merged(spans, gap=3)) == [(0, 3), (7, 7)]
    assert list(merged(spans, gap=4)) == [(0, 7)]


def test_a_span_within_an_earlier_one_does_not_shorten_it():
    spans = Spans(np.array([1, 2]), np.array([6, 3]))

    assert list(merged(spans)) == [(1, 6)]
