"""The layout of the state."""

from sandbox.engine.kubernetes import checkpoint
from sandbox.engine.kubernetes.wire import Secret

CRD_PROPERTIES = {"spec": {"schema": {"x_kubernetes_preserve_unknown_fields": True}}}
CRD_OBJECT = {"spec": {"schema": {"x-kubernetes-preserve-unknown-fields": True}}}


def state(inputs, live, given=None):
    return checkpoint.compose(
        inputs=inputs,
        live=live,
        given=given or {},
        initial_api_version="v1",
        field_manager="manager",
    )


def test_live_object_and_inputs_are_found_again():
    inputs, live = {"data": {"a": "1"}}, {"data": {"a": "1"}, "metadata": {"uid": "u"}}
    old_inputs, old_live = checkpoint.split(state(inputs, live))
    assert old_inputs == inputs
    assert old_live.items() >= live.items()


def test_it_says_who_owns_the_fields_and_how_it_began():
    assert state({}, {})["__fieldManager"] == "manager"
    assert checkpoint.initial_api_version(state({}, {}), {"apiVersion": "v2"}) == "v1"


def test_a_state_without_a_beginning_takes_the_inputs_version():
    assert checkpoint.initial_api_version({}, {"apiVersion": "v2"}) == "v2"


def test_secrets_of_the_inputs_are_secret_in_both_parts():
    kept = state({"a": "b"}, {"a": "b"}, given={"a": Secret("b")})
    assert kept["a"] == Secret("b")
    assert kept["__inputs"] == {"a": Secret("b")}


def test_properties_have_underscores_and_objects_have_dashes():
    assert checkpoint.to_object(CRD_PROPERTIES) == CRD_OBJECT
    assert state(CRD_OBJECT, CRD_OBJECT)["__inputs"] == CRD_PROPERTIES
    assert checkpoint.split(state(CRD_OBJECT, CRD_OBJECT))[0] == CRD_OBJECT


def test_the_given_objects_are_not_changed():
    live = {"kind": "Secret", "data": {"a": "b"}}
    state({}, live)
    assert live == {"kind": "Secret", "data": {"a": "b"}}
