"""Inputs in the form in which the server returns them."""

import base64

import pytest

from sandbox.engine.kubernetes.normalize import normalize
from sandbox.engine.kubernetes.openapi import SchemaView
from sandbox.engine.kubernetes.wire import UNKNOWN

QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
SCHEMAS = {
    QUANTITY: {"type": "string"},
    "Pod": {
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"properties": {"name": {}, "labels": {"additionalProperties": {}}}},
            "spec": {"allOf": [{"$ref": "#/components/schemas/PodSpec"}], "default": {}},
        }
    },
    "PodSpec": {
        "properties": {
            "hostNetwork": {"type": "boolean"},
            "automount": {"type": "boolean"},
            "minReadySeconds": {"type": "integer"},
            "replicas": {"type": "integer"},
            "args": {"type": "array", "items": {"type": "string"}},
            "emptyDir": {"properties": {"medium": {}}},
            "rules": {"type": "array", "items": {}},
            "limits": {"additionalProperties": {"$ref": f"#/components/schemas/{QUANTITY}"}},
            "requests": {
                "type": "array",
                "items": {"properties": {"size": {"$ref": f"#/components/schemas/{QUANTITY}"}}},
            },
        }
    },
}


class OnlyPods:
    def schema(self, gvk):
        return SchemaView(SCHEMAS, "Pod") if gvk.kind == "Pod" else None


def normalized(spec, kind="Pod", api_version="v1"):
    obj = {"apiVersion": api_version, "kind": kind, "spec": spec}
    return normalize(obj, OnlyPods()).get("spec")


@pytest.mark.parametrize(
    "given,expected",
    [
        ({"limits": {"cpu": "1000m"}}, {"limits": {"cpu": "1"}}),
        ({"limits": {"cpu": 0.5}}, {"limits": {"cpu": "500m"}}),
        ({"requests": [{"size": "1024Mi"}]}, {"requests": [{"size": "1Gi"}]}),
        ({"args": []}, {}),
        ({"limits": {}}, {}),
        ({"emptyDir": {}}, {"emptyDir": {}}),
        ({"rules": []}, {"rules": []}),
        ({"hostNetwork": False, "minReadySeconds": 0}, {}),
        ({"automount": False, "replicas": 0}, {"automount": False, "replicas": 0}),
        ({"misspelt": 1}, {}),
    ],
)
def test_built_in_kinds_follow_the_servers_schema(given, expected):
    assert normalized(given) == expected


@pytest.mark.parametrize("options", [{"api_version": "example.com/v1"}, {"kind": "Unpublished"}])
def test_kinds_without_a_schema_stay_as_they_are(options):
    given = {"limits": {"cpu": "1000m"}, "misspelt": []}
    assert normalized(given, **options) == given


def test_what_is_not_known_yet_cannot_be_shaped():
    given = {"limits": {"cpu": "1000m"}, "args": UNKNOWN}
    assert normalized(given) == given


def test_without_a_cluster_nothing_is_shaped():
    obj = {"apiVersion": "v1", "kind": "Pod", "spec": {"limits": {"cpu": "1000m"}}}
    assert normalize(obj, None)["spec"]["limits"]["cpu"] == "1000m"


class TestSecrets:
    def secret(self, **fields):
        return normalize({"apiVersion": "v1", "kind": "Secret"} | fields, None)

    def test_text_becomes_data_and_wins(self):
        found = self.secret(stringData={"a": "b"}, data={"a": "eA==", "c": "eA=="})
        assert found["data"] == {"a": base64.b64encode(b"b").decode(), "c": "eA=="}
        assert "stringData" not in found

    def test_line_breaks_in_data_fall_away(self):
        assert self.secret(data={"a": "aGVs\nbG8=\n"})["data"] == {"a": "aGVsbG8="}

    def test_data_that_is_no_base64_is_left_to_the_server(self):
        assert self.secret(data={"a": "not base64!"})["data"] == {"a": "not base64!"}


def test_a_definitions_status_is_no_input():
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": {"preserveUnknownFields": False, "group": "example.com"},
        "status": {"conditions": []},
    }
    found = normalize(crd, None)
    assert found["spec"] == {"group": "example.com"}
    assert "status" not in found
