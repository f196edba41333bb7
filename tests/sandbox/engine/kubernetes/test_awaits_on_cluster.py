"""Built-in kinds whose controllers run in the sandbox."""

import pytest

from tests.sandbox.engine.kubernetes.providerclient import OperationError

pytestmark = pytest.mark.cluster


def obj(api_version, kind, namespace, name="thing", **fields):
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata} | fields


def test_a_quota_is_in_force_when_it_is_made(provider, namespace):
    quota = obj("v1", "ResourceQuota", namespace, spec={"hard": {"pods": "3"}})
    _, state = provider.create("kubernetes:core/v1:ResourceQuota", quota)
    assert state["status"]["hard"] == {"pods": "3"}


def test_a_token_secret_holds_its_token(provider, namespace):
    secret = obj("v1", "Secret", namespace, type="kubernetes.io/service-account-token")
    secret["metadata"]["annotations"] = {"kubernetes.io/service-account.name": "default"}
    _, state = provider.create("kubernetes:core/v1:Secret", secret)
    assert "token" in state["data"].value


def test_a_deployment_that_never_runs_says_why(provider, namespace):
    spec = {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "web"}]},
        },
    }
    with pytest.raises(OperationError) as failure:
        provider.create(
            "kubernetes:apps/v1:Deployment",
            obj("apps/v1", "Deployment", namespace, spec=spec),
            timeout=3.0,
        )
    assert "'thing' timed out waiting to be Ready" in failure.value.message
    assert any("Minimum number of Pods" in reason for reason in failure.value.detail.reasons)


@pytest.mark.parametrize(
    "spec",
    [
        {"ports": [{"port": 80}]},
        {"ports": [{"port": 80}], "selector": {"app": "web"}, "clusterIP": "None"},
        {"type": "ExternalName", "externalName": "example.com"},
    ],
    ids=["no selector", "headless", "external name"],
)
def test_these_services_wait_for_nothing(provider, namespace, spec):
    service = obj("v1", "Service", namespace, spec=spec)
    identifier, _ = provider.create("kubernetes:core/v1:Service", service, timeout=5.0)
    assert identifier == f"{namespace}/thing"


def test_a_namespace_with_objects_is_emptied_and_deleted(provider, sandbox):
    token, inputs = "kubernetes:core/v1:Namespace", {"apiVersion": "v1", "kind": "Namespace"}
    inputs |= {"metadata": {"name": "to-be-deleted"}}
    identifier, state = provider.create(token, inputs)
    sandbox.kubectl("-n", identifier, "create", "configmap", "inside")
    provider.delete(token, identifier, state)
    assert provider.read(token, identifier, state, inputs)[0] == ""
