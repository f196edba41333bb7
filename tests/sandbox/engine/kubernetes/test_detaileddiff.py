"""The detailed diff that the engine shows."""

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import detaileddiff, mergepatch
from sandbox.engine.kubernetes.wire import UNKNOWN

KINDS = pb.PropertyDiff


def diff(live, new, forcing=()):
    found = detaileddiff.compute(
        mergepatch.create(live, new),
        live=live,
        new_inputs=new,
        old_inputs=live,
        forcing=forcing,
    )
    return {path: (KINDS.Kind.Name(item.kind), item.inputDiff) for path, item in found.items()}


def test_nothing_changed():
    assert diff({"a": {"b": [1]}}, {"a": {"b": [1]}}) == {}


def test_additions_changes_and_deletions():
    assert diff({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "d": 4}}) == {
        "a.b": ("UPDATE", False),
        "a.c": ("DELETE", True),
        "a.d": ("ADD", False),
    }


def test_only_the_elements_of_a_list_that_changed_are_named():
    live = {"ports": [{"port": 1, "name": "a"}, {"port": 2}]}
    new = {"ports": [{"port": 1, "name": "b"}, {"port": 2}]}
    assert diff(live, new) == {"ports[0].name": ("UPDATE", False)}


def test_elements_added_to_and_taken_from_a_list():
    assert diff({"a": [1]}, {"a": [1, 2]}) == {"a[1]": ("ADD", False)}
    assert diff({"a": [1, 2]}, {"a": [1]}) == {"a[1]": ("DELETE", True)}


def test_keys_taken_from_a_map_in_a_list():
    assert diff({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1}]}) == {"a[0].c": ("DELETE", True)}


def test_a_value_of_another_shape_is_a_change_as_a_whole():
    assert diff({"a": {"b": 1}}, {"a": [1]}) == {"a": ("UPDATE", False)}


def test_an_unknown_value_is_an_addition_or_a_change():
    assert diff({"a": "1"}, {"a": UNKNOWN, "b": UNKNOWN}) == {
        "a": ("UPDATE", False),
        "b": ("ADD", False),
    }


def test_keys_with_dots_are_quoted():
    assert diff({"labels": {"a.b/c": "1"}}, {"labels": {"a.b/c": "2"}}) == {
        'labels["a.b/c"]': ("UPDATE", False)
    }


def test_forcing_changes_are_marked():
    live, new = {"data": {"a": "1", "b": "2"}}, {"data": {"a": "2", "c": "3"}}
    assert diff(live, new, forcing=("data",)) == {
        "data.a": ("UPDATE_REPLACE", False),
        "data.b": ("DELETE_REPLACE", True),
        "data.c": ("ADD_REPLACE", False),
    }


def test_fields_that_only_the_server_set_are_no_difference():
    found = detaileddiff.compute(
        {"server": "x"}, live={"server": "y"}, new_inputs={}, old_inputs={}, forcing=()
    )
    assert found == {}
