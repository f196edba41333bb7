"""The flat program is a fair one to compare with: it registers exactly what the program does."""

import pytest

from bench.program import projects
from bench.program.recording import record

pytestmark = pytest.mark.engine


def names(urns):
    return sorted(urn.rpartition("::")[2] for urn in urns)


def by_type_and_name(resources):
    return {
        (each["type"], each["name"]): (each["inputs"], names(each["dependencies"]))
        for each in resources
        if not each["type"].startswith("pulumi:providers:")  # holds the path of its own kubeconfig
    }


def test_it_registers_the_same_objects_with_the_same_content_and_order(toolchain, tmp_path):
    program = projects.program(toolchain, tmp_path / "program")
    program.ensure_stack("prod")
    recorded = record(program, "prod")
    flat = projects.flat(toolchain, tmp_path / "flat", "prod", recorded)
    flat.ensure_stack("prod")

    assert by_type_and_name(record(flat, "prod")) == by_type_and_name(recorded)
    assert len(recorded) > 50
