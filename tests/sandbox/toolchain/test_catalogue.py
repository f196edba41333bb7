"""The catalogue and the committed Go modules say the same."""

import re

import pytest

from sandbox.toolchain.catalogue import MONITORING, PLATFORM
from sandbox.toolchain.sources import CHAOS_MESH, FLUX_OPERATOR, ISTIO, PINS

EVERYTHING = (*PLATFORM, *MONITORING)


def search(pattern, path):
    return re.search(pattern, path.read_text(), re.MULTILINE)


def module_version(tool):
    """Prometheus 3.16.0 is released as module v0.316.0, all others say one and the same."""
    if tool.module == "prometheus":
        major, minor, patch = map(int, tool.version.split("."))
        return f"0.{major}{minor:02d}.{patch}"
    return tool.version


@pytest.mark.parametrize("tool", EVERYTHING, ids=lambda tool: tool.name)
class TestEveryTool:
    def test_is_built_from_the_version_it_is_said_to_be(self, tool):
        module = re.sub(r"(/cmd/[\w-]+)$", "", tool.package)
        pinned = search(rf"^\s*(?:require )?{re.escape(module)} v(\S+)", tool.pins / "go.mod")
        assert pinned is not None
        assert pinned[1] == module_version(tool)

    def test_is_named_as_a_tool_of_its_module(self, tool):
        assert search(rf"^(tool )?\s*{re.escape(tool.package)}$", tool.pins / "go.mod")

    def test_has_checksums(self, tool):
        assert search(" h1:", tool.pins / "go.sum")


@pytest.mark.parametrize("module", [CHAOS_MESH, FLUX_OPERATOR, ISTIO])
def test_modules_read_as_files_have_checksums_of_their_content(module):
    assert search(rf"^{re.escape(module)} \S+ h1:", PINS / "go.sum")


def test_the_flux_operator_is_built_from_the_module_whose_manifests_are_read():
    operator = next(tool for tool in PLATFORM if tool.name == "flux-operator")
    assert f"{FLUX_OPERATOR} v{operator.version}" in (PINS / "go.mod").read_text()


def test_names_are_given_once():
    names = [tool.name for tool in EVERYTHING]
    assert len(set(names)) == len(names)
