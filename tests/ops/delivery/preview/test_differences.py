"""What changes inside an object, place by place."""

import pytest

from ops.delivery.preview.differences import LONGEST_VALUE, MOST_DIFFERENCES, differences, whole


def said(old, new, paths=None):
    return [(each.path, each.old, each.new) for each in differences(old, new, paths)]


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", "1", "2")]),
        ({"a": 1}, {}, [("a", "1", None)]),
        ({}, {"a": True}, [("a", None, "true")]),
        ({"a": None}, {"a": "x"}, [("a", "null", "x")]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [("a.b[1]", "2", "3")]),
        ({"a": [1]}, {"a": [1, {"b": 2}]}, [("a[1]", None, "b: 2")]),
        ({"x.y/z": "1"}, {"x.y/z": "2"}, [('["x.y/z"]', "1", "2")]),
        ({"a": {"x.y": "1"}}, {"a": {"x.y": "2"}}, [('a["x.y"]', "1", "2")]),
        ({"a": {"b": 1}}, {"a": "text"}, [("a", "b: 1", "text")]),
    ],
)
def test_objects_are_compared(old, new, expected):
    assert said(old, new) == expected


class TestThePlacesThatTheEngineNames:
    OLD = {"spec": {"containers": [{"env": [{"name": "A", "value": "1"}]}]}}
    NEW = {"spec": {"containers": [{"env": [{"name": "A", "value": "2"}]}]}}

    def test_are_looked_up(self):
        path = "spec.containers[0].env[0].value"
        assert said(self.OLD, self.NEW, [path]) == [(path, "1", "2")]

    def test_are_compared_below(self):
        path = "spec.containers[0].env[0].value"
        assert said(self.OLD, self.NEW, ["spec.containers"]) == [(path, "1", "2")]

    def test_with_quoted_keys(self):
        old, new = ({"metadata": {"annotations": {"a.b/c": value}}} for value in ("1", "2"))
        path = 'metadata.annotations["a.b/c"]'
        assert said(old, new, [path]) == [(path, "1", "2")]

    def test_that_are_not_there_are_told_without_values(self):
        assert said({}, {}, ["status.x"]) == [("status.x", None, None)]

    def test_inside_what_is_hidden_stay_hidden(self):
        hidden = {"data": "[secret]"}
        assert said(hidden, hidden, ["data.token"]) == [("data.token", "[secret]", "[secret]")]


def test_a_long_value_is_cut_and_still_tells_from_another():
    ((_, old, new),) = said({"a": "x" * 500}, {"a": "x" * 499 + "y"})
    assert old != new
    assert old.startswith("x" * LONGEST_VALUE + "... (500 characters, sha256 ")


def test_there_are_not_more_than_anybody_reads():
    new = {f"k{n}": n for n in range(1_000)}
    assert len(differences({}, new)) == MOST_DIFFERENCES


def test_a_new_object_is_one_difference():
    (only,) = whole({"spec": {"a": [1, 2]}})
    assert (only.path, only.old, only.new) == ("", None, "spec:\n  a:\n  - 1\n  - 2")
