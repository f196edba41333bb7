"""Which changes force a replacement."""

import pytest

from sandbox.engine.kubernetes import propertypath, replace
from sandbox.engine.kubernetes.replace import Mutability

STRICT = Mutability(config_maps=False, secrets=False)
MUTABLE = Mutability(config_maps=True, secrets=True)


def forced(kind, path, value="new", api_version="v1", mutability=STRICT, **fields):
    obj = {"apiVersion": api_version, "kind": kind} | fields
    return replace.forced(propertypath.parse(path), value, replace.fields(obj, mutability))


@pytest.mark.parametrize(
    "api_version, kind, path",
    [
        ("v1", "Namespace", "metadata.name"),
        ("example.com/v1", "Foo", "metadata.namespace"),
        ("v1", "ConfigMap", "data.key"),
        ("v1", "ConfigMap", "binaryData"),
        ("v1", "Secret", "data.key"),
        ("v1", "Secret", "stringData.key"),
        ("v1", "Secret", "type"),
        ("apps/v1", "Deployment", "spec.selector.matchLabels.app"),
        ("batch/v1", "Job", "spec.template.spec.containers[0].image"),
        ("v1", "Service", "spec.clusterIP"),
        ("v1", "ResourceQuota", "spec.scopes[0]"),
        ("v1", "Pod", "spec.containers[1].image"),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef.name"),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "roleRef"),
        ("storage.k8s.io/v1", "StorageClass", "provisioner"),
    ],
)
def test_these_changes_replace(api_version, kind, path):
    assert forced(kind, path, api_version=api_version)


@pytest.mark.parametrize(
    "api_version, kind, path",
    [
        ("v1", "ConfigMap", "metadata.labels.app"),
        ("apps/v1", "Deployment", "spec.replicas"),
        ("apps/v1", "Deployment", "spec.template.spec.containers[0].image"),
        ("batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec.containers[0].image"),
        ("networking.k8s.io/v1", "NetworkPolicy", "spec.podSelector"),
        ("rbac.authorization.k8s.io/v1", "Role", "rules[0].verbs"),
        ("example.com/v1", "ConfigMap", "data.key"),
        ("example.com/v1", "Foo", "spec.selector"),
    ],
)
def test_these_changes_do_not(api_version, kind, path):
    assert not forced(kind, path, api_version=api_version)


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_data_may_be_declared_mutable(kind):
    assert not forced(kind, "data.key", mutability=MUTABLE)


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_an_immutable_object_is_replaced_all_the_same(kind):
    assert forced(kind, "data.key", mutability=MUTABLE, immutable=True)


def test_a_new_map_counts_if_it_holds_a_forcing_field():
    assert forced("Deployment", "spec", {"selector": {"a": "b"}}, api_version="apps/v1")
    assert not forced("Deployment", "spec", {"replicas": 1}, api_version="apps/v1")


def test_a_deleted_forcing_field_counts():
    assert forced("ConfigMap", "data.key", None)
