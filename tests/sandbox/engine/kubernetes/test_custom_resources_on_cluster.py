"""Custom resources: definitions that come late, and waiting for what only controllers know."""

import json
import threading

import pytest

from sandbox.engine.kubernetes.wire import Secret
from tests.sandbox.engine.kubernetes.providerclient import OperationError

pytestmark = pytest.mark.cluster

CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"


def definition(kind, scope="Namespaced"):
    singular = kind.lower()
    schema = {"type": "object", "x_kubernetes_preserve_unknown_fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{singular}s.example.com"},
        "spec": {
            "group": "example.com",
            "scope": scope,
            "names": {"plural": f"{singular}s", "singular": singular, "kind": kind},
            "versions": [version],
        },
    }


def thing(kind, namespace="", annotations=None, **fields):
    metadata = {"name": "thing"}
    metadata |= {"namespace": namespace} if namespace else {}
    metadata |= {"annotations": annotations} if annotations else {}
    return {"apiVersion": "example.com/v1", "kind": kind, "metadata": metadata} | fields


def token(kind):
    return f"kubernetes:example.com/v1:{kind}"


def define(provider, kind, **options):
    inputs = provider.check(CRD, definition(kind, **options))
    return inputs, *provider.create(CRD, inputs)


def patch(sandbox, namespace, kind, document):
    name = f"{kind.lower()}s.example.com/thing"
    sandbox.kubectl(*("-n", namespace, "patch", name, "--type=merge", "-p", json.dumps(document)))


class TestDefinition:
    def test_keys_with_dashes_reach_the_server(self, provider, sandbox):
        define(provider, "Dashed")
        shown = sandbox.kubectl("get", "crd/dasheds.example.com", "-o", "json")
        schema = json.loads(shown)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        assert schema["x-kubernetes-preserve-unknown-fields"] is True

    def test_an_update_replaces_it_and_keeps_its_objects(self, provider, sandbox, namespace):
        inputs, identifier, state = define(provider, "Kept")
        provider.create(token("Kept"), thing("Kept", namespace))
        wanted = definition("Kept")
        wanted["spec"]["names"]["shortNames"] = ["kp"]
        new = provider.check(CRD, wanted, old=inputs)
        provider.update(CRD, identifier, state, new)
        sandbox.kubectl("-n", namespace, "get", "kepts.example.com/thing")
        shown = sandbox.kubectl("get", "crd/kepts.example.com", "-o", "json")
        assert json.loads(shown)["spec"]["names"]["shortNames"] == ["kp"]

    def test_the_scope_is_known_before_the_server_knows_it(self, provider):
        provider.check(CRD, definition("Planned", scope="Cluster"))
        checked = provider.check(token("Planned"), thing("Planned"))
        assert "namespace" not in checked["metadata"]


class TestMissingDefinition:
    def test_a_preview_returns_the_inputs(self, provider, namespace):
        inputs = provider.check(token("Missing"), thing("Missing", namespace, spec={"a": 1}))
        assert provider.create(token("Missing"), inputs, preview=True) == ("", inputs)

    def test_the_object_is_made_when_the_definition_comes_at_last(self, provider, namespace):
        timer = threading.Timer(1.5, define, (provider, "Late"))
        timer.start()
        identifier, _ = provider.create(token("Late"), thing("Late", namespace))
        timer.join()
        assert identifier == f"{namespace}/thing"
        assert any(text.startswith("Retry #0") for text in provider.engine.messages)

    def test_giving_up_says_what_is_missing(self, own_provider, namespace):
        timer = threading.Timer(0.5, own_provider.cancel)
        timer.start()
        with pytest.raises(OperationError) as failure:
            own_provider.create(token("Never"), thing("Never", namespace))
        timer.join()
        assert "Verify that any required CRDs have been created" in failure.value.message
        assert 'no matches for kind "Never"' in failure.value.message

    def test_objects_of_a_kind_that_is_gone_are_gone(self, provider, namespace):
        state = thing("Gone", namespace)
        identifier = f"{namespace}/thing"
        assert provider.read(token("Gone"), identifier, state, state)[0] == ""
        provider.delete(token("Gone"), identifier, state)


class TestImport:
    def test_the_specification_is_an_input(self, provider, namespace):
        define(provider, "Imported")
        provider.create(token("Imported"), thing("Imported", namespace, spec={"a": 1}))
        inputs = provider.read(token("Imported"), f"{namespace}/thing")[2]
        assert inputs == thing("Imported", namespace, spec={"a": 1})


@pytest.fixture(scope="module")
def kind(provider):
    """A kind whose controller is the test."""
    define(provider, "Waiting")
    return "Waiting"


class TestWaiting:
    def create_and_meanwhile(self, provider, sandbox, namespace, kind, wait_for, *documents):
        """Create an object, and play its controller once it is there."""

        def control():
            sandbox.kubectl("-n", namespace, "wait", "--for=create", f"{kind}/thing")
            for document in documents:
                patch(sandbox, namespace, kind, document)

        controller = threading.Thread(target=control)
        controller.start()
        annotations = {"pulumi.com/waitFor": wait_for, "pulumi.com/timeoutSeconds": "30"}
        try:
            return provider.create(token(kind), thing(kind, namespace, annotations))
        finally:
            controller.join()

    def test_for_a_condition(self, provider, sandbox, namespace, kind):
        conditions = [{"type": "Ready", "status": status} for status in ("False", "True")]
        documents = [{"status": {"conditions": [condition]}} for condition in conditions]
        _, state = self.create_and_meanwhile(
            provider, sandbox, namespace, kind, "condition=Ready", *documents
        )
        assert state["status"]["conditions"][0]["status"] == "True"

    def test_for_several_things_at_once(self, provider, sandbox, namespace, kind):
        wait_for = json.dumps(["jsonpath={.status.phase}=Running", "jsonpath={.status.address}"])
        documents = [{"status": {"phase": "Running"}}, {"status": {"address": "1.2.3.4"}}]
        _, state = self.create_and_meanwhile(
            provider, sandbox, namespace, kind, wait_for, *documents
        )
        assert state["status"] == {"phase": "Running", "address": "1.2.3.4"}

    def test_a_timeout_keeps_the_object_and_says_what_is_missing(self, provider, namespace, kind):
        annotations = {"pulumi.com/waitFor": "jsonpath={.status.phase}=Running"}
        with pytest.raises(OperationError) as failure:
            provider.create(token(kind), thing(kind, namespace, annotations), timeout=0.5)
        assert "timed out waiting for the condition" in failure.value.message
        assert failure.value.detail.id == f"{namespace}/thing"
        assert "{.status.phase} selected nothing" in failure.value.detail.reasons

    def test_skip_await_outranks_wait_for(self, provider, namespace, kind):
        annotations = {"pulumi.com/waitFor": "condition=Ready", "pulumi.com/skipAwait": "true"}
        provider.create(token(kind), thing(kind, namespace, annotations))

    def test_cancelling_ends_the_wait(self, own_provider, namespace, kind):
        timer = threading.Timer(0.5, own_provider.cancel)
        timer.start()
        annotations = {"pulumi.com/waitFor": "condition=Ready"}
        with pytest.raises(OperationError, match='operation was cancelled for "thing"') as failure:
            own_provider.create(token(kind), thing(kind, namespace, annotations))
        timer.join()
        assert failure.value.detail.id == f"{namespace}/thing"

    def test_secrets_of_an_object_that_is_not_ready_stay_secret(self, provider, namespace, kind):
        annotations = {"pulumi.com/waitFor": "condition=Ready"}
        inputs = thing(kind, namespace, annotations, spec={"token": Secret("hunter2")})
        with pytest.raises(OperationError) as failure:
            provider.create(token(kind), inputs, timeout=0.2)
        spec = failure.value.detail.properties["spec"]
        assert spec["token"]["value"] == "hunter2"
        assert len(spec["token"]) == 2
