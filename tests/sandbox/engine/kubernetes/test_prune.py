"""A live object cut down to what the program gave."""

import pytest

from sandbox.engine.kubernetes.prune import prune


@pytest.mark.parametrize(
    "source, shape, expected",
    [
        ({"a": 1, "b": 2}, {"a": 0}, {"a": 1}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 0}}, {"a": {"b": 1}}),
        ({"a": [{"b": 1, "c": 2}, {"b": 3}]}, {"a": [{"b": 0}]}, {"a": [{"b": 1}]}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 0}, {"b": 0}]}, {"a": [{"b": 1}]}),
        ({"a": [1, 2]}, {"a": []}, {"a": []}),
        ({"a": {"b": 1}}, {"a": "text"}, {"a": {"b": 1}}),
        ({"a": ["x"]}, {"a": [{"b": 0}]}, {"a": ["x"]}),
        ({}, {"a": 1}, {}),
    ],
)
def test_only_what_the_shape_has_is_kept(source, shape, expected):
    assert prune(source, shape) == expected


def test_the_result_shares_nothing_with_the_source():
    source = {"a": {"b": [1]}}
    prune(source, {"a": "other shape"})["a"]["b"].append(2)
    assert source == {"a": {"b": [1]}}
