"""Stacks without engine, cluster and credentials: what the program registers, and what changes."""

import json
import shutil
from datetime import UTC, datetime

import pytest
import yaml

from ops.delivery.rendering.comparison import compare
from ops.delivery.rendering.rendering import Rendered, Rendering, read, render
from ops.delivery.rendering.stacks import ROOT, STAND_IN, configuration, registered
from ops.errors import UsageError
from tests.program.stacks import run

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def prod():
    return render("prod")


class TestARendering:
    def test_holds_every_object_of_the_stack(self, prod):
        assert set(prod.objects) == {item.urn for item in run("prod").objects} - secret_urns()

    def test_asks_for_no_papers(self, prod):
        """Nobody has built the committed stack's image yet, and nothing else is wrong with it."""
        broken = {each.rule for each in prod.findings if each.mandatory}
        assert broken == {"pods-image-built"}

    def test_says_what_the_policies_say(self, tmp_path, monkeypatch):
        monkeypatch.setattr(
            "ops.delivery.rendering.rendering.stack_configuration",
            lambda *_: {"chaos-duration": {"longest": "1s"}, "platform-release-record": "disabled"},
        )
        found = {each.rule for each in render("prod").findings if each.mandatory}
        assert "chaos-duration" in found

    def test_is_read_as_it_was_written(self, prod, tmp_path):
        path = tmp_path / "prod.json"
        path.write_text(prod.model_dump_json(by_alias=True))
        assert read(path) == prod

    @pytest.mark.parametrize("content", ["", "{}", '{"stack": "x", "objects": 1}'])
    def test_of_another_form_is_refused(self, tmp_path, content):
        path = tmp_path / "prod.json"
        path.write_text(content)
        with pytest.raises(UsageError, match="is no rendering"):
            read(path)


def secret_urns():
    """The tests' stack has a token; the committed one of production has none."""
    return {item.urn for item in run("prod").objects if item.type.endswith(":Secret")}


class TestAStacksConfiguration:
    def test_takes_defaults_from_the_project(self):
        values, _ = configuration("prod")
        assert json.loads(values["brisa-platform:cluster"])["context"] == "brisa-prod"

    def test_has_a_stand_in_for_secrets(self):
        values, secrets = configuration("sandbox")
        assert secrets == ("brisa-platform:slackToken",)
        assert values["brisa-platform:slackToken"] == STAND_IN

    def test_that_is_not_there_is_told(self):
        with pytest.raises(UsageError, match=r"Pulumi\.moon\.yaml is missing"):
            configuration("moon")

    def test_that_is_no_yaml_is_told(self, tmp_path):
        shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
        (tmp_path / "Pulumi.x.yaml").write_text("config: [")
        with pytest.raises(UsageError, match="cannot be read as YAML"):
            configuration("x", tmp_path)


@pytest.fixture
def checkout(tmp_path):
    """Stack files that can be changed."""
    for name in ("Pulumi.yaml", "Pulumi.prod.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_a_changed_stack_file_changes_what_is_registered(checkout):
    path = checkout / "Pulumi.prod.yaml"
    content = yaml.safe_load(path.read_text())
    content["config"]["brisa-platform:gitops"]["interval"] = "10m0s"
    path.write_text(yaml.safe_dump(content))
    found = registered("prod", configuration("prod", checkout))
    (source,) = [each for each in found.values() if each.type.endswith(":GitRepository")]
    assert source.inputs["spec"]["interval"] == "10m0s"


def rendering(*objects, **more):
    return Rendering(stack="prod", objects=dict(objects), **more)


def thing(name, kind="networking.istio.io/v1:VirtualService", **inputs):
    token = f"kubernetes:{kind}"
    metadata = {"name": name, "namespace": "brisa", **inputs.pop("metadata", {})}
    return f"urn:pulumi:prod::x::{token}::{name}", Rendered(
        type=token, inputs={"metadata": metadata, **inputs}
    )


def compared(before, after):
    return compare(before, after, now=NOW)


class TestAComparison:
    def test_tells_what_comes_goes_and_changes(self):
        before = rendering(thing("a", spec={"x": 1}), thing("b"), thing("same"))
        after = rendering(thing("a", spec={"x": 2}), thing("c"), thing("same"))
        found = compared(before, after)
        assert [(step.operation, step.name) for step in found.steps] == [
            ("delete", "brisa/b"),
            ("update", "brisa/a"),
            ("create", "brisa/c"),
        ]
        assert found.unchanged == 1
        assert found.succeeded

    @pytest.mark.parametrize(
        "kind, before, after, forced",
        [
            ("core/v1:ConfigMap", {"data": {"a": "1"}}, {"data": {"a": "2"}}, "data.a"),
            ("core/v1:ConfigMap", {"data": {}}, {"data": {"x.y": "2"}}, 'data["x.y"]'),
            ("core/v1:Secret", {"type": "a"}, {"type": "b"}, "type"),
            (
                "apps/v1:Deployment",
                {"spec": {"selector": {"a": "1"}}},
                {"spec": {"selector": {"a": "2"}}},
                "spec.selector.a",
            ),
            (
                "batch/v1:CronJob",
                {"metadata": {"name": "one"}},
                {"metadata": {"name": "two"}},
                "metadata.name",
            ),
        ],
    )
    def test_tells_what_must_be_replaced(self, kind, before, after, forced):
        sides = (rendering(thing("a", kind, **side)) for side in (before, after))
        (step,) = compared(*sides).steps
        assert (step.operation, step.forced_by) == ("replace", (forced,))

    def test_tells_labels_that_change_as_no_replacement(self):
        before = rendering(thing("a", "core/v1:ConfigMap", metadata={"labels": {"x": "1"}}))
        after = rendering(thing("a", "core/v1:ConfigMap", metadata={"labels": {"x": "2"}}))
        assert [step.operation for step in compared(before, after).steps] == ["update"]

    def test_without_a_base_has_everything_new(self):
        found = compared(None, rendering(thing("a"), thing("b")))
        assert [step.operation for step in found.steps] == ["create", "create"]

    def test_of_a_program_that_fails_changes_nothing_and_says_why(self):
        said = {"severity": "error", "message": "services[0].port is missing"}
        found = compared(rendering(thing("a")), rendering(diagnostics=[said]))
        assert not found.succeeded
        assert found.steps == ()
        assert found.diagnostics[0].message == "services[0].port is missing"

    def test_fails_when_a_policy_is_broken(self):
        finding = {"rule": "x", "mandatory": True, "subject": "y", "message": "z"}
        assert not compared(None, rendering(findings=[finding])).succeeded

    def test_tells_experiments_that_move(self):
        kind = "chaos-mesh.org/v1alpha1:Schedule"
        sides = (
            rendering(thing("x", kind, spec={"schedule": cron}))
            for cron in ("0 3 * * *", "0 4 * * *")
        )
        (moved,) = compared(*sides).calendar
        assert moved.before[0] == "Wed 2026-11-25 03:00 UTC"
        assert moved.after[0] == "Wed 2026-11-25 04:00 UTC"

    def test_of_the_same_stack_tells_nothing(self, prod):
        found = compared(prod, prod)
        assert found.steps == ()
        assert found.unchanged == len(prod.objects)
