"""Policy packs run by the stand-in language host under the real engine."""

import json

import pytest

from tests.sandbox.engine.conftest import COMPONENT

pytestmark = pytest.mark.engine

PACK = """
import pulumi
from pulumi_policy import (EnforcementLevel, PolicyConfigSchema, PolicyPack,
    ResourceValidationPolicy, StackValidationPolicy)

def small(args, report):
    if args.resource_type == "demo:index:Box" and args.props["size"] > args.get_config()["limit"]:
        report(f"{args.name} is too big for {pulumi.get_project()}/{pulumi.get_stack()}, "
               f"which allows {args.get_config()['limit']:.0f} "
               f"({pulumi.Config().get('owner')}, preview {pulumi.runtime.is_dry_run()})")

def few(args, report):
    boxes = [each for each in args.resources if each.resource_type == "demo:index:Box"]
    if len(boxes) > 2:
        report(f"{len(boxes)} boxes")

PolicyPack("demo", [
    ResourceValidationPolicy("small", "Boxes are small.", small,
        config_schema=PolicyConfigSchema(properties={"limit": {"type": "number", "default": 5}})),
    StackValidationPolicy("few", "Boxes are few.", few,
        enforcement_level=EnforcementLevel.MANDATORY),
])
"""


@pytest.fixture
def boxes(checkout):
    def write(*sizes, configuration=None):
        checkout.stack("config: {'demo:owner': ops}\n")
        checkout.policy_pack(PACK, json.dumps(configuration) if configuration else None)
        made = (f"Box('box-{number}', {size})\n" for number, size in enumerate(sizes))
        checkout.program(COMPONENT + "".join(made))

    return write


def flags(workspace):
    return workspace.project.policy_arguments("dev")


def test_a_stack_that_obeys_passes(boxes, workspace, pulumi):
    boxes(1, 2)

    run = pulumi("preview", *flags(workspace))

    assert run.returncode == 0
    assert "[advisory]" not in run.stdout


def test_an_advisory_violation_is_shown_with_what_the_pack_knows_of_the_stack(
    boxes, workspace, pulumi
):
    boxes(9)

    run = pulumi("preview", *flags(workspace))

    assert run.returncode == 0
    assert "[advisory]  small  (demo:index:Box: box-0)" in run.stdout
    assert "too big for demo/dev, which allows 5 (ops, preview True)" in run.stdout


def test_the_configuration_file_sets_level_and_values(boxes, workspace, pulumi):
    boxes(2, configuration={"small": {"enforcementLevel": "mandatory", "limit": 1}})

    run = pulumi("preview", *flags(workspace))

    assert run.returncode != 0
    assert "[mandatory]  small  (demo:index:Box: box-0)" in run.stdout
    assert "which allows 1" in run.stdout
    assert "Traceback" not in run.stdout


def test_a_mandatory_violation_of_the_whole_stack_stops_it_before_anything_is_created(
    boxes, workspace, pulumi
):
    boxes(1, 1, 1)

    run = pulumi("up", "--yes", *flags(workspace))

    assert run.returncode != 0
    assert "3 boxes" in run.stdout
    assert "created" not in run.stdout


def test_a_broken_pack_says_what_is_wrong_with_it(checkout, workspace, pulumi):
    checkout.policy_pack("import no_such_module\n")

    run = pulumi("preview", *flags(workspace))

    assert run.returncode != 0
    assert "no_such_module" in run.stdout
