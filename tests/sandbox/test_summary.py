"""Objects are counted by the kind of the outermost component around them."""

from sandbox.summary import objects_by_area

STACK = {"urn": "urn:stack", "type": "pulumi:pulumi:Stack", "custom": False}


def component(name, kind="Mesh", parent="urn:stack"):
    return {"urn": f"urn::{name}", "type": f"x:y:{kind}", "custom": False, "parent": parent}


def object_(name, parent, kind="kubernetes:core/v1:Namespace"):
    return {"urn": f"urn::{name}", "type": kind, "custom": True, "parent": parent}


def test_nested_components_count_for_the_outermost():
    resources = [
        STACK,
        component("mesh"),
        component("route", kind="Route", parent="urn::mesh"),
        object_("a", "urn::mesh"),
        object_("b", "urn::route"),
    ]
    assert objects_by_area(resources) == {"Mesh": 2}


def test_components_of_a_kind_are_one_area():
    resources = [STACK]
    for name in ("one", "two"):
        resources += [component(name), object_(f"{name}-object", f"urn::{name}")]
    assert objects_by_area(resources) == {"Mesh": 2}


def test_providers_are_no_objects():
    provider = object_("k8s", "urn:stack", kind="pulumi:providers:kubernetes")
    assert objects_by_area([STACK, provider]) == {}


def test_objects_outside_of_components_are_counted_too():
    assert objects_by_area([STACK, object_("a", "urn:stack")]) == {"(no component)": 1}


def test_an_empty_stack_has_no_areas():
    assert objects_by_area([]) == {}
