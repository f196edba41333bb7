"""The catalogue and the committed Go modules say the same."""

import importlib.metadata
import re

import pytest

from sandbox.toolchain.catalogue import KUBERNETES_PLUGIN, MONITORING, PLATFORM
from sandbox.toolchain.sources import CHAOS_MESH, FLUX_OPERATOR, ISTIO, PINS

EVERYTHING = (*PLATFORM, *MONITORING)
PACKAGED = [tool for tool in EVERYTHING if tool.package != "."]


def search(pattern, path):
    return re.search(pattern, path.read_text(), re.MULTILINE)


def module_version(tool):
    """Prometheus 3.16.0 is released as module v0.316.0, all others say one and the same."""
    if tool.module == "prometheus":
        major, minor, patch = map(int, tool.version.split("."))
        return f"0.{major}{minor:02d}.{patch}"
    return tool.version


@pytest.mark.parametrize("tool", PACKAGED, ids=lambda tool: tool.name)
class TestEveryPackagedProgram:
    def test_is_built_from_the_version_it_is_said_to_be(self, tool):
        module = re.sub(r"(/cmd/[\w-]+)$", "", tool.package)
        pinned = search(rf"^\s*(?:require )?{re.escape(module)} v(\S+)", tool.pins / "go.mod")
        assert pinned is not None
        assert pinned[1] == module_version(tool)

    def test_is_named_as_a_tool_of_its_module(self, tool):
        assert search(rf"^(tool )?\s*{re.escape(tool.package)}$", tool.pins / "go.mod")


@pytest.mark.parametrize("tool", EVERYTHING, ids=lambda tool: tool.name)
def test_every_tool_has_checksums(tool):
    assert search(" h1:", tool.pins / "go.sum")


def test_the_kubernetes_plugin_says_the_version_of_the_python_package_it_serves():
    assert KUBERNETES_PLUGIN.version == importlib.metadata.version("pulumi-kubernetes")
    assert f"main.version={KUBERNETES_PLUGIN.version}" in KUBERNETES_PLUGIN.variables


@pytest.mark.parametrize("module", [CHAOS_MESH, FLUX_OPERATOR, ISTIO])
def test_modules_read_as_files_have_checksums_of_their_content(module):
    assert search(rf"^{re.escape(module)} \S+ h1:", PINS / "go.sum")


def test_the_flux_operator_is_built_from_the_module_whose_manifests_are_read():
    operator = next(tool for tool in PLATFORM if tool.name == "flux-operator")
    assert f"{FLUX_OPERATOR} v{operator.version}" in (PINS / "go.mod").read_text()


def test_names_are_given_once():
    names = [tool.name for tool in EVERYTHING]
    assert len(set(names)) == len(names)
