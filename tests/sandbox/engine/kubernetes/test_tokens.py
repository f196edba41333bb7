"""The engine's names and the API server's."""

import pytest

from sandbox.engine.kubernetes import tokens
from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.tokens import Gvk


def urn(token, name="thing", parents=""):
    return f"urn:pulumi:stack::project::{parents}{token}::{name}"


@pytest.mark.parametrize(
    "token, gvk",
    [
        ("kubernetes:core/v1:ConfigMap", Gvk("", "v1", "ConfigMap")),
        ("kubernetes:apps/v1:Deployment", Gvk("apps", "v1", "Deployment")),
        (
            "kubernetes:rbac.authorization.k8s.io/v1:Role",
            Gvk("rbac.authorization.k8s.io", "v1", "Role"),
        ),
        ("kubernetes:example.com/v1alpha1:Foo", Gvk("example.com", "v1alpha1", "Foo")),
    ],
)
def test_a_token_names_a_kind(token, gvk):
    assert tokens.gvk_of(urn(token)) == gvk


def test_types_of_parents_do_not_matter():
    token = "kubernetes:core/v1:ConfigMap"
    assert tokens.type_of(urn(token, parents="a:b:C$d:e:F$")) == token


def test_names_may_hold_the_separator():
    assert tokens.name_of(urn("kubernetes:core/v1:ConfigMap", name="a::b")) == "a::b"


@pytest.mark.parametrize("token", ["aws:s3/bucket:Bucket", "kubernetes:yaml:ConfigFile"])
def test_a_foreign_token_is_refused(token):
    with pytest.raises(ProviderError):
        tokens.gvk_of(urn(token))


@pytest.mark.parametrize(
    "api_version, spelled", [("v1", "v1"), ("core/v1", "v1"), ("apps/v1", "apps/v1")]
)
def test_the_core_group_is_spelled_without_its_name(api_version, spelled):
    assert Gvk.of(api_version, "Kind").api_version == spelled


@pytest.mark.parametrize(
    "token, kind, expected",
    [
        ("kubernetes:core/v1:ConfigMapPatch", "ConfigMap", True),
        ("kubernetes:core/v1:ConfigMap", "ConfigMap", False),
        ("kubernetes:example.com/v1:Patch", "Patch", False),
    ],
)
def test_patch_kinds_are_told_by_token_and_kind(token, kind, expected):
    assert tokens.is_patch(urn(token), kind) is expected


def test_only_kubernetes_own_lists_are_lists():
    assert tokens.is_list(urn("kubernetes:core/v1:ConfigMapList"))
    assert not tokens.is_list(urn("kubernetes:example.com/v1:AllowList"))


@pytest.mark.parametrize("identifier, parts", [("ns/name", ("ns", "name")), ("name", ("", "name"))])
def test_ids_are_read_as_they_are_written(identifier, parts):
    assert tokens.parse_id(identifier) == parts
    assert tokens.resource_id(*parts) == identifier
