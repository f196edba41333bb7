"""A folder is built as Flux builds it, by the real kustomize."""

import pytest
import yaml

from ops.errors import UsageError
from ops.gitops.build import build
from sandbox.toolchain.toolchain import kubectl
from tests.ops.conftest import made

APPS = made("Kustomization", "apps", "flux-system", spec={"targetNamespace": "shop"})


@pytest.fixture(autouse=True)
def kubectl_on_path(monkeypatch):
    monkeypatch.setenv("PATH", str(kubectl().parent), prepend=":")


def write(folder, name, **document):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document))


def config_map(name):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}


def names(folder):
    return sorted(each["metadata"]["name"] for each in build(None, APPS, folder).objects)


def test_without_a_list_all_manifests_below_count(tmp_path):
    write(tmp_path, "one.yaml", **config_map("one"))
    write(tmp_path, "deep/er/two.yml", **config_map("two"))
    assert names(tmp_path) == ["one", "two"]


def test_a_folder_with_a_list_of_its_own_brings_what_that_says(tmp_path):
    write(tmp_path, "one.yaml", **config_map("one"))
    write(tmp_path, "part/kustomization.yaml", resources=["in.yaml"], namePrefix="part-")
    write(tmp_path, "part/in.yaml", **config_map("two"))
    write(tmp_path, "part/out.yaml", **config_map("three"))
    assert names(tmp_path) == ["one", "part-two"]


def test_fields_of_the_kustomization_go_over_the_folder(tmp_path):
    write(tmp_path, "one.yaml", **config_map("one"))
    (found,) = build(None, APPS, tmp_path).objects
    assert found["metadata"]["namespace"] == "shop"


def test_what_cannot_be_built_is_said(tmp_path):
    write(tmp_path, "kustomization.yaml", resources=["gone.yaml"])
    with pytest.raises(UsageError, match=r"cannot be built: .*gone\.yaml"):
        build(None, APPS, tmp_path)
