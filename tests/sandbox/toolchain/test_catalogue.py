"""The catalogue and the committed Go modules say the same."""

import importlib.metadata
import re

import pytest

from sandbox.toolchain.build import batches
from sandbox.toolchain.catalogue import KUBERNETES_PLUGIN, MONITORING, PLATFORM, TOOLS
from sandbox.toolchain.cluster import CHAOS, FLUX, MESH, NODE
from sandbox.toolchain.patches import PATCHES
from sandbox.toolchain.sources import CHAOS_MESH, FLUX_OPERATOR, ISTIO, PINS

EVERYTHING = (*PLATFORM, *MONITORING, *NODE, *MESH, *CHAOS, *FLUX)
UPSTREAM = [tool for tool in EVERYTHING if not tool.package.startswith(".")]


def search(pattern, path):
    return re.search(pattern, path.read_text(), re.MULTILINE)


def pinned(module, path):
    found = search(rf"^\s*(?:require )?{re.escape(module)} v(\S+)", path)
    return found and found[1]


def module_of(tool):
    """The longest part of the package's path that the go.mod knows as a module, and its version."""
    path = tool.package
    while path and not pinned(path, tool.pins / "go.mod"):
        path = path.rpartition("/")[0]
    return path, path and pinned(path, tool.pins / "go.mod")


def expected_version(tool, module):
    """Most modules are released under the version of their programs."""
    if module in {ISTIO, CHAOS_MESH}:
        return pinned(module, PINS / "go.mod")  # programs and charts of one state
    if tool.module == "prometheus":  # 3.16.0 is v0.316.0
        major, minor, patch = map(int, tool.version.split("."))
        return f"0.{major}{minor:02d}.{patch}"
    return tool.version


@pytest.mark.parametrize("tool", UPSTREAM, ids=lambda tool: tool.name)
class TestEveryToolOfUpstream:
    def test_is_built_from_the_version_it_is_said_to_be(self, tool):
        module, version = module_of(tool)
        assert version == expected_version(tool, module)

    def test_is_named_as_a_tool_of_its_module(self, tool):
        assert search(rf"^(tool )?\s*{re.escape(tool.package)}$", tool.pins / "go.mod")


# Small programs of the sandbox's own need no other module.
@pytest.mark.parametrize("tool", [*UPSTREAM, KUBERNETES_PLUGIN], ids=lambda tool: tool.name)
def test_every_tool_of_other_modules_has_checksums(tool):
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


def test_programs_of_a_batch_do_not_overwrite_each_other():
    for batch in batches(EVERYTHING):
        compiled = {tool.package.rsplit("/", 1)[-1] for tool in batch.tools}
        assert len(compiled) == len(batch.tools)


@pytest.mark.parametrize("module", PATCHES)
def test_a_patched_module_is_replaced_by_what_the_overlay_holds(module):
    patch = PATCHES[module]
    assert search(rf"^\s*{re.escape(patch.module)} => \./module$", TOOLS / module / "go.mod")


def test_names_are_given_once():
    names = [tool.name for tool in EVERYTHING]
    assert len(set(names)) == len(names)
