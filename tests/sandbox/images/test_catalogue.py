"""Images are called what the stack, its charts and the sandbox's manifests call them."""

import pytest
import yaml

from components.chaos_install import PAUSE_IMAGE
from sandbox.images.catalogue import FLUX_DISTRIBUTION, FLUX_REGISTRY, IMAGES
from sandbox.toolchain import cluster
from sandbox.toolchain.go import Go, cache_folder
from sandbox.toolchain.sources import CHAOS_MESH, FLUX_OPERATOR, module_folder
from settings.anomaly import Image as DetectorImage
from settings.mesh import Mesh

NAMES = {image.name: (image.reference, *image.aliases) for image in IMAGES}


@pytest.fixture(scope="module")
def source():
    """The folder of a pinned module."""
    return lambda module: module_folder(Go.from_wheel(cache_folder()), module)


def test_names_are_given_once():
    """Each image, and each name of an image."""
    references = [name for names in NAMES.values() for name in names]
    assert len(NAMES) == len(IMAGES)
    assert len(set(references)) == len(references)


def test_the_detector_runs_in_the_image_that_the_settings_name():
    """By default; the digest is the stack's."""
    assert DetectorImage().reference in NAMES["python"]


def test_a_failed_pod_runs_the_pause_that_the_chart_is_given():
    """Which is the node's as well."""
    assert PAUSE_IMAGE in NAMES["pause"]


@pytest.mark.parametrize("name", ["pilot", "proxyv2"])
def test_istio_is_called_what_its_chart_is_told(name):
    """Hub and tag are settings."""
    mesh = Mesh()
    assert NAMES[name] == (f"{mesh.image_hub}/{name}:{mesh.image_tag}",)


@pytest.mark.parametrize(
    "name, part", [("chaos-mesh", "controllerManager"), ("chaos-daemon", "chaosDaemon")]
)
def test_chaos_mesh_is_called_what_its_chart_says(source, name, part):
    """The values of the staged chart."""
    values = yaml.safe_load((source(CHAOS_MESH) / "helm/chaos-mesh/values.yaml").read_text())
    images, image = values["images"], values[part]["image"]
    assert NAMES[name] == (f"{images['registry']}/{image['repository']}:{images['tag']}",)


def test_the_flux_operator_is_called_what_its_manifests_say(source):
    """From which the sandbox makes a chart."""
    manifest = source(FLUX_OPERATOR) / "config/manager/kustomization.yaml"
    image = yaml.safe_load(manifest.read_text())["images"][0]
    assert NAMES["flux-operator"] == (f"{image['newName']}:{image['newTag']}",)


@pytest.mark.parametrize("tool", cluster.FLUX, ids=lambda tool: tool.name)
def test_flux_controllers_are_those_of_one_release(source, tool):
    """As the operator's manifests of that release name them."""
    folder = source(FLUX_OPERATOR) / "config/data/flux" / f"v{FLUX_DISTRIBUTION}"
    assert (
        f"image: fluxcd/{tool.name}:v{tool.version}\n" in (folder / f"{tool.name}.yaml").read_text()
    )
    assert NAMES[tool.name] == (f"{FLUX_REGISTRY}/{tool.name}:v{tool.version}",)
