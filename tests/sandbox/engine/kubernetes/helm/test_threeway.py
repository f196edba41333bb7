"""The patch from a release's state to its new inputs."""

import pytest

from sandbox.engine.kubernetes.helm import threeway


@pytest.mark.parametrize(
    "old, new, state, expected",
    [
        ({"a": 1}, {"a": 1}, {"a": 1, "status": {}}, {}),
        ({"a": 1}, {"a": 2}, {"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1}, {"a": 3}, {"a": 1}),
        ({"a": 1, "b": 1}, {"a": 1}, {"a": 1, "b": 1}, {"b": None}),
        ({}, {"a": 1}, {}, {"a": 1}),
        (
            {"v": {"a": 1, "b": 2}},
            {"v": {"a": 3}},
            {"v": {"a": 1, "b": 2}},
            {"v": {"a": 3, "b": None}},
        ),
        ({"v": [1]}, {"v": [1, 2]}, {"v": [1]}, {"v": [1, 2]}),
        ({"a": 1}, {"a": None}, {"a": 1}, {"a": None}),
    ],
    ids=[
        "outputs are no difference",
        "the program changed",
        "the live release drifted",
        "the program dropped a field",
        "the program added a field",
        "both at once, nested",
        "lists as a whole",
        "not known yet",
    ],
)
def test_patch(old, new, state, expected):
    assert threeway.create(old, new, state) == expected
