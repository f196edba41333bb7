"""Objects of a real API server, by way of the real protocol."""

import json

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes.wire import UNKNOWN, Secret
from tests.sandbox.engine.kubernetes.providerclient import OperationError

pytestmark = pytest.mark.cluster

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
CONFIG_MAP_PATCH = "kubernetes:core/v1:ConfigMapPatch"
SECRET = "kubernetes:core/v1:Secret"
NAMESPACE = "kubernetes:core/v1:Namespace"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def config_map(namespace, name="settings", **fields):
    metadata = {"namespace": namespace} | ({"name": name} if name else {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata} | fields


def deployment(namespace, cpu="1000m"):
    container = {"name": "web", "image": "web", "resources": {"limits": {"cpu": cpu}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "web",
            "namespace": namespace,
            "annotations": {"pulumi.com/skipAwait": "true"},
        },
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [container], "hostNetwork": False},
            },
        },
    }


@pytest.fixture
def live(sandbox, namespace):
    """Reads an object of the test's namespace."""

    def read(kind, name):
        return json.loads(sandbox.kubectl("-n", namespace, "get", kind, name, "-o", "json"))

    return read


class Made:
    """A resource as the engine would keep it."""

    def __init__(self, provider, token, inputs):
        self.provider, self.token = provider, token
        self.inputs = provider.check(token, inputs)
        self.identifier, self.state = provider.create(token, self.inputs)

    def checked(self, inputs):
        return self.provider.check(self.token, inputs, old=self.inputs)

    def diff(self, inputs, ignore=()):
        new = self.checked(inputs)
        return self.provider.diff(self.token, self.identifier, self.state, new, ignore)

    def update(self, inputs, **options):
        new = self.checked(inputs)
        state = self.provider.update(self.token, self.identifier, self.state, new, **options)
        if not options.get("preview"):
            self.inputs, self.state = new, state
        return state

    def read(self):
        return self.provider.read(self.token, self.identifier, self.state, self.inputs)

    def delete(self):
        self.provider.delete(self.token, self.identifier, self.state)


@pytest.fixture
def make(provider):
    return lambda token, inputs: Made(provider, token, inputs)


class TestCheck:
    def test_the_default_namespace_is_filled_in_for_namespaced_kinds_only(self, provider):
        checked = provider.check(CONFIG_MAP, config_map(""))
        assert checked["metadata"]["namespace"] == "default"
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
        assert provider.check(NAMESPACE, namespace)["metadata"] == {"name": "n"}

    def test_equivalent_forms_become_one(self, provider, namespace):
        spec = provider.check(DEPLOYMENT, deployment(namespace))["spec"]["template"]["spec"]
        assert spec["containers"][0]["resources"] == {"limits": {"cpu": "1"}}
        assert "hostNetwork" not in spec

    def test_text_of_a_secret_becomes_data_and_is_secret(self, provider, namespace):
        inputs = config_map(namespace, kind="Secret", stringData={"a": Secret("b")})
        checked = provider.check(SECRET, inputs)
        assert checked["data"] == Secret({"a": "Yg=="})
        assert "stringData" not in checked

    def test_server_metadata_is_no_input(self, provider, namespace):
        inputs = config_map(namespace)
        inputs["metadata"] |= {"uid": "u", "resourceVersion": "1", "creationTimestamp": "now"}
        assert provider.check(CONFIG_MAP, inputs)["metadata"].keys() == {"name", "namespace"}

    def test_unknown_values_stay_unknown(self, provider, namespace):
        inputs = config_map(namespace, data={"a": UNKNOWN, "b": Secret(UNKNOWN)})
        assert provider.check(CONFIG_MAP, inputs)["data"] == {"a": UNKNOWN, "b": Secret(UNKNOWN)}

    @pytest.mark.parametrize(
        "token,inputs,message",
        [
            ("kubernetes:core/v1:ConfigMapList", {"kind": "ConfigMapList"}, "list resources"),
            (CONFIG_MAP_PATCH, config_map("default", name=""), "metadata.name"),
            (
                CONFIG_MAP,
                config_map("default", metadata={"generateName": "x-"}),
                "not supported in Server-Side Apply",
            ),
        ],
    )
    def test_what_cannot_be_is_refused(self, provider, token, inputs, message):
        with pytest.raises(OperationError, match=message):
            provider.check(token, inputs)

    def test_an_outdated_version_is_warned_about(self, provider):
        provider.check("kubernetes:batch/v1beta1:CronJob", {"apiVersion": "batch/v1beta1"})
        assert any("deprecated by batch/v1" in text for text in provider.engine.messages)


class TestCreate:
    def test_the_object_is_made_and_known(self, make, namespace, live):
        made = make(CONFIG_MAP, config_map(namespace, data={"a": "1"}))
        assert made.identifier == f"{namespace}/settings"
        assert made.state["metadata"]["uid"] == live("configmap", "settings")["metadata"]["uid"]
        assert made.state["__inputs"] == made.inputs

    def test_it_belongs_to_the_manager_of_post(self, make, namespace, live):
        make(CONFIG_MAP, config_map(namespace, data={"a": "1"}))
        managers = live("configmap", "settings")["metadata"].get("managedFields", [])
        assert {m["manager"] for m in managers} <= {"pulumi-kubernetes"}

    def test_a_preview_asks_the_server_and_makes_nothing(self, provider, namespace, sandbox):
        inputs = provider.check(DEPLOYMENT, deployment(namespace))
        identifier, state = provider.create(DEPLOYMENT, inputs, preview=True)
        assert identifier == ""
        assert state["spec"]["strategy"]["type"] == "RollingUpdate"
        assert "status" not in state
        assert sandbox.kubectl("-n", namespace, "get", "deployments", "-o", "name") == ""

    def test_a_preview_fails_where_the_server_would(self, provider, namespace):
        inputs = provider.check(DEPLOYMENT, deployment(namespace))
        inputs["spec"]["replicas"] = -1
        with pytest.raises(OperationError, match="must be greater than or equal to 0"):
            provider.create(DEPLOYMENT, inputs, preview=True)

    @pytest.mark.parametrize(
        "change",
        [
            lambda namespace: config_map(namespace, data={"a": UNKNOWN}),
            lambda namespace: config_map("not-there-yet", data={"a": "1"}),
            lambda namespace: config_map(namespace, name="kube-root-ca.crt", data={"a": "1"}),
        ],
        ids=["unknown value", "namespace missing", "already exists"],
    )
    def test_a_preview_that_the_server_cannot_answer_returns_the_inputs(
        self, provider, namespace, sandbox, change
    ):
        sandbox.kubectl("-n", namespace, "wait", "--for=create", "configmap/kube-root-ca.crt")
        inputs = provider.check(CONFIG_MAP, change(namespace))
        assert provider.create(CONFIG_MAP, inputs, preview=True) == ("", inputs)

    def test_what_exists_is_not_taken_over(self, make, namespace):
        make(CONFIG_MAP, config_map(namespace, data={"a": "1"}))
        with pytest.raises(OperationError) as failure:
            make(CONFIG_MAP, config_map(namespace, data={"a": "1"}))
        assert "already exists" in failure.value.message
        for remedy in ("alias", "Patch", "import", "upsertExistingObjects"):
            assert remedy in failure.value.message

    def test_the_servers_message_is_passed_on(self, provider, namespace):
        with pytest.raises(OperationError, match="a lowercase RFC 1123 subdomain"):
            provider.create(CONFIG_MAP, config_map(namespace, name="Not_Valid"))


class TestDiff:
    def test_what_the_server_filled_in_is_no_difference(self, make, namespace):
        answer = make(DEPLOYMENT, deployment(namespace)).diff(deployment(namespace))
        assert answer.changes == pb.DiffResponse.DIFF_NONE

    def test_an_equivalent_form_is_no_difference(self, make, namespace):
        answer = make(DEPLOYMENT, deployment(namespace)).diff(deployment(namespace, cpu="1"))
        assert answer.changes == pb.DiffResponse.DIFF_NONE

    def test_a_change_is_named_by_its_path(self, make, namespace):
        answer = make(DEPLOYMENT, deployment(namespace)).diff(deployment(namespace, cpu="2"))
        path = "spec.template.spec.containers[0].resources.limits.cpu"
        assert answer.detailedDiff.keys() == {path}
        assert not answer.replaces

    def test_a_fixed_name_means_delete_before_replace(self, make, namespace):
        made = make(CONFIG_MAP, config_map(namespace, data={"a": "1"}))
        answer = made.diff(config_map(namespace, data={"a": "2"}))
        assert answer.replaces == ["data.a"]
        assert answer.deleteBeforeReplace

    def test_a_made_up_name_means_create_before_delete(self, make, namespace):
        made = make(CONFIG_MAP, config_map(namespace, name="", data={"a": "1"}))
        answer = made.diff(config_map(namespace, name="", data={"a": "2"}))
        assert answer.replaces == ["data.a"]
        assert not answer.deleteBeforeReplace

    def test_ignored_changes_are_no_difference(self, make, namespace):
        made = make(CONFIG_MAP, config_map(namespace, data={"a": "1"}))
        answer = made.diff(config_map(namespace, data={"a": "2"}), ignore=["data"])
        assert answer.changes == pb.DiffResponse.DIFF_NONE


class TestUpdate:
    def labelled(self, namespace, value="blue", **fields):
        inputs = config_map(namespace, **fields)
        inputs["metadata"]["labels"] = {"colour": value}
        return inputs

    def test_the_change_arrives_and_ownership_moves(self, make, namespace, sandbox):
        made = make(CONFIG_MAP, self.labelled(namespace, data={"a": "1"}))
        made.update(self.labelled(namespace, "red", data={"a": "1"}))
        shown = sandbox.kubectl(
            "-n", namespace, "get", "cm/settings", "-o", "json", "--show-managed-fields"
        )
        metadata = json.loads(shown)["metadata"]
        assert metadata["labels"] == {"colour": "red"}
        managers = {(m["manager"], m["operation"]) for m in metadata["managedFields"]}
        assert managers == {(made.state["__fieldManager"], "Apply")}

    def test_a_dropped_field_goes_away(self, make, namespace, live):
        made = make(CONFIG_MAP, self.labelled(namespace))
        made.update(config_map(namespace))
        assert "labels" not in live("configmap", "settings")["metadata"]

    def test_a_preview_changes_nothing(self, make, namespace, live):
        made = make(CONFIG_MAP, self.labelled(namespace))
        previewed = made.update(self.labelled(namespace, "red"), preview=True)
        assert previewed["metadata"]["labels"] == {"colour": "red"}
        assert live("configmap", "settings")["metadata"]["labels"] == {"colour": "blue"}

    def test_a_conflict_is_explained_and_the_state_kept(self, make, namespace, sandbox):
        made = make(CONFIG_MAP, self.labelled(namespace))
        made.update(self.labelled(namespace, "red"))
        foreign = json.dumps(self.labelled(namespace, "green"))
        sandbox.kubectl(
            *("apply", "--server-side", "--force-conflicts", "--field-manager=other", "-f", "-"),
            stdin=foreign,
        )
        with pytest.raises(OperationError) as failure:
            made.update(self.labelled(namespace, "blue"))
        assert "server-side apply field conflict detected" in failure.value.message
        assert 'conflict with "other"' in failure.value.message
        assert failure.value.detail.id == made.identifier

    def test_a_conflict_can_be_forced(self, make, namespace, sandbox, live):
        made = make(CONFIG_MAP, self.labelled(namespace))
        foreign = json.dumps(self.labelled(namespace, "green"))
        sandbox.kubectl(
            *("apply", "--server-side", "--force-conflicts", "--field-manager=other", "-f", "-"),
            stdin=foreign,
        )
        forced = self.labelled(namespace, "red")
        forced["metadata"]["annotations"] = {"pulumi.com/patchForce": "true"}
        made.update(forced)
        assert live("configmap", "settings")["metadata"]["labels"] == {"colour": "red"}

    def test_an_ignored_field_stays_as_somebody_else_set_it(self, make, namespace, sandbox, live):
        made = make(DEPLOYMENT, deployment(namespace))
        sandbox.kubectl("-n", namespace, "scale", "deployment/web", "--replicas=3")
        made.update(deployment(namespace, cpu="2"), ignore=["spec.replicas"])
        assert live("deployment", "web")["spec"]["replicas"] == 3


class TestRead:
    def test_drift_shows_in_state_and_inputs(self, make, namespace, sandbox):
        made = make(CONFIG_MAP, config_map(namespace, data={"a": "1"}))
        sandbox.kubectl("-n", namespace, "patch", "cm/settings", "-p", '{"data":{"a":"2","b":"3"}}')
        identifier, state, inputs = made.read()
        assert identifier == made.identifier
        assert state["data"] == {"a": "2", "b": "3"}
        assert inputs["data"] == {"a": "2"}

    def test_what_is_gone_has_no_id(self, make, namespace):
        made = make(CONFIG_MAP, config_map(namespace))
        made.delete()
        assert made.read()[0] == ""

    def test_import_finds_everything_a_program_must_say(self, make, provider, namespace):
        made = make(CONFIG_MAP, config_map(namespace, data={"a": "1"}))
        identifier, state, inputs = provider.read(CONFIG_MAP, made.identifier)
        assert identifier == made.identifier
        assert inputs == config_map(namespace, data={"a": "1"})
        assert state["metadata"]["uid"]


class TestDelete:
    def test_the_object_is_gone_afterwards(self, make, namespace, sandbox):
        make(CONFIG_MAP, config_map(namespace)).delete()
        assert "settings" not in sandbox.kubectl("-n", namespace, "get", "configmaps")

    def test_what_is_gone_already_is_fine(self, make, namespace):
        made = make(CONFIG_MAP, config_map(namespace))
        made.delete()
        made.delete()

    def test_a_finalizer_is_named_when_it_holds_an_object_back(self, make, provider, namespace):
        inputs = config_map(namespace)
        inputs["metadata"]["finalizers"] = ["example.com/hold"]
        made = make(CONFIG_MAP, inputs)
        with pytest.raises(OperationError, match="timed out waiting for the condition") as failure:
            provider.delete(CONFIG_MAP, made.identifier, made.state, timeout=1.0)
        assert any("example.com/hold" in reason for reason in failure.value.detail.reasons)


class TestPatch:
    def test_it_owns_its_own_fields_and_gives_them_up(self, make, namespace, live):
        make(CONFIG_MAP, config_map(namespace, data={"a": "1"}))
        patch = make(CONFIG_MAP_PATCH, config_map(namespace, data={"b": "2"}))
        assert live("configmap", "settings")["data"] == {"a": "1", "b": "2"}
        patch.delete()
        assert live("configmap", "settings")["data"] == {"a": "1"}


def test_secrets_stay_secret_in_every_state(make, namespace):
    made = make(SECRET, config_map(namespace, kind="Secret", stringData={"a": Secret("hunter2")}))
    assert isinstance(made.state["data"], Secret)
    assert isinstance(made.state["__inputs"]["data"], Secret)
    _, state, inputs = made.read()
    assert isinstance(state["data"], Secret)
    assert isinstance(inputs["data"], Secret)
