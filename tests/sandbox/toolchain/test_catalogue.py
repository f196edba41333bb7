"""The catalogue and the committed Go modules say the same."""

import re

import pytest

from sandbox.toolchain.catalogue import EVERYTHING
from sandbox.toolchain.sources import CHAOS_MESH, FLUX_OPERATOR, ISTIO, PINS


def search(pattern, path):
    return re.search(pattern, path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("tool", EVERYTHING, ids=lambda tool: tool.name)
class TestEveryTool:
    def test_is_built_from_the_version_it_is_said_to_be(self, tool):
        module = re.sub(r"(/cmd/[\w-]+)$", "", tool.package)
        pinned = search(rf"^\s*(?:require )?{re.escape(module)} v(\S+)", tool.pins / "go.mod")
        assert pinned is not None
        assert pinned[1] == tool.version

    def test_is_named_as_a_tool_of_its_module(self, tool):
        assert search(rf"^(tool )?\s*{re.escape(tool.package)}$", tool.pins / "go.mod")

    def test_has_checksums(self, tool):
        assert search(" h1:", tool.pins / "go.sum")


@pytest.mark.parametrize("module", [CHAOS_MESH, FLUX_OPERATOR, ISTIO])
def test_modules_read_as_files_have_checksums_of_their_content(module):
    assert search(rf"^{re.escape(module)} \S+ h1:", PINS / "go.sum")


def test_the_flux_operator_is_built_from_the_module_whose_manifests_are_read():
    operator = next(tool for tool in EVERYTHING if tool.name == "flux-operator")
    assert f"{FLUX_OPERATOR} v{operator.version}" in (PINS / "go.mod").read_text()
