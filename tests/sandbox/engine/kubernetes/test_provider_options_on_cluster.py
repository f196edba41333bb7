"""The provider's arguments, in effect."""

import pytest

from tests.sandbox.engine.kubernetes.conftest import start
from tests.sandbox.engine.kubernetes.providerclient import OperationError, Provider

pytestmark = pytest.mark.cluster

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


def config_map(namespace="", **fields):
    metadata = {"name": "settings"} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata} | fields


@pytest.fixture
def with_options(sandbox):
    """Starts providers with arguments of the test's own."""
    running = []

    def begin(**arguments):
        generator = start(sandbox, **arguments)
        running.append(generator)
        return next(generator)

    yield begin
    for generator in running:
        generator.close()


def test_a_namespace_of_its_own(with_options, namespace):
    checked = with_options(namespace=namespace).check(CONFIG_MAP, config_map())
    assert checked["metadata"]["namespace"] == namespace


def test_the_kubeconfig_as_text(unconfigured, sandbox):
    unconfigured.configure(kubeconfig=sandbox.kubeconfig.read_text())
    assert unconfigured.read(CONFIG_MAP, "kube-system/kube-root-ca.crt")[0]


def test_the_ambient_kubeconfig(sandbox):
    provider = Provider.start({"KUBECONFIG": str(sandbox.kubeconfig)})
    try:
        provider.configure()
        assert provider.read(CONFIG_MAP, "kube-system/kube-root-ca.crt")[0]
    finally:
        provider.stop()


def test_upsert_takes_over_what_exists(with_options, namespace, sandbox):
    sandbox.kubectl("-n", namespace, "create", "configmap", "settings")
    provider = with_options(upsertExistingObjects="true")
    _, state = provider.create(CONFIG_MAP, config_map(namespace, data={"a": "1"}))
    assert state["data"] == {"a": "1"}


def test_mutable_config_maps_change_in_place(with_options, namespace):
    provider = with_options(enableConfigMapMutable="true")
    identifier, state = provider.create(CONFIG_MAP, config_map(namespace, data={"a": "1"}))
    answer = provider.diff(CONFIG_MAP, identifier, state, config_map(namespace, data={"a": "2"}))
    assert not answer.replaces


def test_without_server_side_apply_objects_are_labelled_and_patched(with_options, namespace):
    provider = with_options(enableServerSideApply="false")
    inputs = provider.check(CONFIG_MAP, config_map(namespace, data={"a": "1", "b": "1"}))
    assert inputs["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "pulumi"}
    identifier, state = provider.create(CONFIG_MAP, inputs)
    new = provider.check(CONFIG_MAP, config_map(namespace, data={"a": "2"}), old=inputs)
    assert provider.update(CONFIG_MAP, identifier, state, new)["data"] == {"a": "2"}


class TestRendering:
    def test_manifests_are_written_read_and_removed(self, unconfigured, tmp_path):
        folder = tmp_path / "out"
        unconfigured.configure(renderYamlToDirectory=str(folder))
        inputs = unconfigured.check(CONFIG_MAP, config_map("apps", data={"a": "1"}))
        identifier, state = unconfigured.create(CONFIG_MAP, inputs)
        path = folder / "1-manifest" / "v1-configmap-apps-settings.yaml"
        assert path.stat().st_mode & 0o777 == 0o600
        assert unconfigured.read(CONFIG_MAP, identifier, state, inputs)[1] == state
        unconfigured.delete(CONFIG_MAP, identifier, state)
        assert not path.exists()

    def test_a_preview_writes_nothing(self, unconfigured, tmp_path):
        unconfigured.configure(renderYamlToDirectory=str(tmp_path / "out"))
        assert unconfigured.create(CONFIG_MAP, config_map("apps"), preview=True)[0] == ""
        assert not (tmp_path / "out").exists()


class TestUnreachableCluster:
    KUBECONFIG = """
        current-context: c
        clusters: [{name: k, cluster: {server: "https://127.0.0.1:9"}}]
        contexts: [{name: c, context: {cluster: k, user: u}}]
        users: [{name: u, user: {token: x}}]
    """

    def provider(self, unconfigured, **arguments):
        unconfigured.configure(kubeconfig=self.KUBECONFIG, **arguments)
        return unconfigured

    def test_previews_still_work(self, unconfigured):
        provider = self.provider(unconfigured)
        inputs = provider.check(CONFIG_MAP, config_map("apps"))
        assert provider.create(CONFIG_MAP, inputs, preview=True) == ("", inputs)
        assert provider.update(CONFIG_MAP, "apps/settings", inputs, inputs, preview=True) == inputs

    def test_nothing_is_made(self, unconfigured):
        with pytest.raises(OperationError, match=r"cluster is unreachable: .*connection refused"):
            self.provider(unconfigured).create(CONFIG_MAP, config_map("apps"))

    def test_refresh_says_what_to_do(self, unconfigured):
        with pytest.raises(OperationError, match="PULUMI_K8S_DELETE_UNREACHABLE"):
            self.provider(unconfigured).read(CONFIG_MAP, "apps/settings", config_map("apps"))

    def test_resources_can_be_dropped(self, unconfigured):
        provider = self.provider(unconfigured, deleteUnreachable="true")
        assert provider.read(CONFIG_MAP, "apps/settings", config_map("apps"))[0] == ""
        provider.delete(CONFIG_MAP, "apps/settings", config_map("apps"))

    def test_or_left_alone(self, unconfigured):
        provider = self.provider(unconfigured, skipUpdateUnreachable="true")
        state = config_map("apps")
        assert provider.read(CONFIG_MAP, "apps/settings", state)[1] == state
