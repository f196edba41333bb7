"""Objects are counted by the outermost component they belong to."""

from sandbox.summary import objects_by_area

STACK = {"urn": "urn:stack", "type": "pulumi:pulumi:Stack", "custom": False}


def component(name, parent="urn:stack"):
    return {"urn": f"urn::{name}", "type": "x:y:Z", "custom": False, "parent": parent}


def object_(name, parent, kind="kubernetes:core/v1:Namespace"):
    return {"urn": f"urn::{name}", "type": kind, "custom": True, "parent": parent}


def test_nested_components_count_for_the_outermost():
    resources = [
        STACK,
        component("mesh"),
        component("route", parent="urn::mesh"),
        object_("a", "urn::mesh"),
        object_("b", "urn::route"),
    ]
    assert objects_by_area(resources) == {"mesh": 2}


def test_providers_are_no_objects():
    provider = object_("k8s", "urn:stack", kind="pulumi:providers:kubernetes")
    assert objects_by_area([STACK, provider]) == {}


def test_objects_outside_of_components_are_counted_too():
    assert objects_by_area([STACK, object_("a", "urn:stack")]) == {"(no component)": 1}


def test_an_empty_stack_has_no_areas():
    assert objects_by_area([]) == {}
