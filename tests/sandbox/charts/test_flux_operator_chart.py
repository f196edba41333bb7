"""A Helm chart made of the Flux Operator's manifests."""

import pytest
import yaml

from sandbox.charts.flux_operator import write_chart
from sandbox.errors import ChartError

ROLE = {"kind": "ClusterRole", "metadata": {"name": "flux-operator-view"}}
BINDING = {
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "admin"},
    "subjects": [{"kind": "ServiceAccount", "name": "flux-operator", "namespace": "elsewhere"}],
}
ACCOUNT = {"kind": "ServiceAccount", "metadata": {"name": "flux-operator"}}
DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "flux-operator"},
    "spec": {"template": {"spec": {"containers": [{"name": "manager", "image": "placeholder"}]}}},
}
SERVICE = {"kind": "Service", "metadata": {"name": "flux-operator"}}
IMAGES = {"images": [{"name": "x", "newName": "registry.example/operator", "newTag": "v1.2.3"}]}
DEFINITION = {"kind": "CustomResourceDefinition", "spec": {"description": "{{ not a template }}"}}


@pytest.fixture
def module(tmp_path):
    module = tmp_path / "module"
    files = {
        "config/default/rbac.yaml": [ROLE, BINDING],
        "config/manager/account.yaml": [ACCOUNT],
        "config/manager/deployment.yaml": [DEPLOYMENT],
        "config/manager/service.yaml": [SERVICE],
        "config/manager/kustomization.yaml": [IMAGES],
        "config/crd/bases/instances.yaml": [DEFINITION],
    }
    for name, documents in files.items():
        path = module / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump_all(documents))
    return module


@pytest.fixture
def chart(module, tmp_path):
    write_chart(module, tmp_path / "chart")
    return tmp_path / "chart"


def template(chart, name):
    return list(yaml.safe_load_all((chart / "templates" / name).read_text()))


def test_the_chart_has_the_version_of_the_operator(chart):
    metadata = yaml.safe_load((chart / "Chart.yaml").read_text())
    assert metadata["name"] == "flux-operator"
    assert (metadata["version"], metadata["appVersion"]) == ("1.2.3", "v1.2.3")


def test_the_deployment_runs_the_released_image_in_the_namespace_of_the_release(chart):
    (deployment,) = template(chart, "deployment.yaml")
    assert deployment["metadata"]["namespace"] == "{{ .Release.Namespace }}"
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example/operator:v1.2.3"


def test_cluster_wide_objects_have_no_namespace_but_bind_the_account_of_the_release(chart):
    role, binding = template(chart, "rbac.yaml")
    assert "namespace" not in role["metadata"]
    assert "namespace" not in binding["metadata"]
    assert binding["subjects"][0]["namespace"] == "{{ .Release.Namespace }}"


def test_definitions_are_optional_and_their_braces_are_text(chart):
    text = (chart / "templates" / "crds.yaml").read_text()
    assert text.startswith("{{- if .Values.installCRDs }}\n")
    assert text.endswith("{{- end }}\n")
    assert '{{ "{{" }} not a template }}' in text


def test_a_module_without_definitions_is_refused(module, tmp_path):
    (module / "config/crd/bases/instances.yaml").unlink()
    with pytest.raises(ChartError):
        write_chart(module, tmp_path / "chart")
