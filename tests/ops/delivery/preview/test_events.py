"""The engine's event log, as a report."""

import json

import pytest

from ops.delivery.preview.events import report
from tests.ops.delivery.recorded import NOW, STREAMS, lines, read


@pytest.fixture(scope="module")
def changes():
    return read("changes", commit="8f3c1d0e")


def named(steps):
    return [(step.kind, step.name) for step in steps]


class TestSteps:
    def test_of_a_replacement_are_one_with_its_reason(self, changes):
        assert [(s.kind, s.forced_by) for s in changes.of("replace")] == [
            ("ConfigMap", ("metadata.name", 'data["anomaly.json"]')),
            ("Secret", ("data.token",)),
        ]

    def test_name_objects_as_kubernetes_does(self, changes):
        assert named(changes.of("delete")) == [
            ("AuthorizationPolicy", "brisa-sandbox/notification-service-callers"),
            ("DestinationRule", "brisa-sandbox/notification-service"),
            ("VirtualService", "brisa-sandbox/notification-service.stable"),
        ]

    def test_are_those_of_objects_not_of_components(self, changes):
        assert all("ServiceRoute" not in step.kind for step in changes.steps)
        assert len(changes.of("create")) == 3

    def test_put_first_what_hurts(self, changes):
        order = ["replace"] * 2 + ["delete"] * 3 + ["update"] * 6 + ["create"] * 3
        assert [step.operation for step in changes.steps] == order

    def test_say_what_changes(self, changes):
        (source,) = [step for step in changes.steps if step.kind == "GitRepository"]
        (difference,) = source.differences
        assert (difference.path, difference.old, difference.new) == (
            "spec.interval",
            "5m0s",
            "10m0s",
        )

    def test_look_into_documents_in_texts(self, changes):
        (configuration,) = [s for s in changes.steps if "anomaly-detector-config" in s.name]
        paths = [difference.path for difference in configuration.differences]
        assert 'data["anomaly.json"].signals[0].query' in paths

    def test_say_that_a_secret_changes_and_not_how(self, changes):
        (secret,) = [step for step in changes.steps if step.kind == "Secret"]
        (difference,) = secret.differences
        assert (difference.path, difference.old, difference.new) == (
            "data.token",
            "[secret]",
            "[secret]",
        )

    def test_are_none_when_nothing_changes(self):
        found = read("nothing")
        assert found.steps == ()
        assert found.succeeded
        assert found.unchanged > 0

    def test_of_a_look_at_the_cluster_show_what_was_changed_by_hand(self):
        found = read("drift")
        assert named(found.steps) == [
            ("DestinationRule", "brisa-sandbox/web"),
            ("AuthorizationPolicy", "brisa-sandbox/default-deny"),
        ]
        assert found.steps[0].differences[0].old == "7"


def steps_of(*ops):
    """What a report says of one object of which the engine tells these steps."""
    urn = "urn:pulumi:prod::brisa-platform::kubernetes:core/v1:ConfigMap::thing"
    side = {"custom": True, "inputs": {"metadata": {"name": "thing"}}}
    events = [
        {"resourcePreEvent": {"metadata": {
            "op": op, "urn": urn, "type": "kubernetes:core/v1:ConfigMap", "old": side, "new": side,
        }}}
        for op in ops
    ]  # fmt: skip
    found = report(map(json.dumps, events), stack="sandbox", now=NOW)
    return [(step.operation, step.reason) for step in found.steps], found.unchanged


class TestWhatAnEarlierUpLeft:
    LEFT_OVER = ("delete", "left over from an earlier replacement")

    @pytest.mark.parametrize(
        "ops, steps, unchanged",
        [
            (["create-replacement", "replace", "delete-replaced"], [("replace", "")], 0),
            (["same", "delete-replaced"], [LEFT_OVER], 1),
            (["delete-replaced", "same"], [LEFT_OVER], 1),
            (["update", "delete-replaced"], [LEFT_OVER, ("update", "")], 0),
            (["delete", "delete-replaced"], [("delete", ""), LEFT_OVER], 0),
            (["delete-replaced"], [LEFT_OVER], 0),
            (
                ["create-replacement", "replace", "delete-replaced", "delete-replaced"],
                [("replace", ""), LEFT_OVER],
                0,
            ),
            (
                ["remove-pending-replace", "create-replacement", "replace"],
                [("create", "deleted already, for a replacement that did not come through")],
                0,
            ),
            (["discard-replaced", "same"], [], 1),
        ],
        ids=lambda value: (
            "+".join(value)
            if isinstance(value, list) and value[:1] and isinstance(value[0], str)
            else ""
        ),
    )
    def test_is_shown_as_what_it_is(self, ops, steps, unchanged):
        assert steps_of(*ops) == (steps, unchanged)

    def test_and_is_not_finished_is_named(self):
        urn = "urn:pulumi:prod::brisa-platform::kubernetes:core/v1:ConfigMap::thing"
        message = (
            "Attempting to deploy or update resources with 1 pending operations from previous "
            f"deployment.\n  * {urn}, interrupted while creating\nThese resources are in an "
            "unknown state"
        )
        event = {"diagnosticEvent": {"severity": "warning", "message": message}}
        found = report([json.dumps(event)], stack="sandbox", now=NOW)
        assert found.interrupted == ("ConfigMap thing: interrupted while creating",)


class TestCalendar:
    def test_tells_the_starts_before_and_after(self, changes):
        moved = {each.name: each for each in changes.calendar}
        assert moved["brisa-sandbox/api-pod-failure"].before[0] == "Wed 2026-11-25 02:00 UTC"
        assert moved["brisa-sandbox/api-pod-failure"].after[0] == "Wed 2026-11-25 03:00 UTC"
        assert moved["brisa-sandbox/api-network-delay"].after == ("paused",)

    def test_is_empty_when_no_experiment_moves(self):
        assert read("drift").calendar == ()


class TestFailures:
    def test_of_the_program_are_told_in_its_words(self):
        found = read("refused-settings")
        assert not found.succeeded
        first = found.diagnostics[0].message
        assert 'brisa-platform:chaos.schedules[0].cron = "0 3,9 * * mon-thu"' in first
        assert "is not inside the window" in first

    def test_of_policies_are_findings(self):
        found = read("policy-findings")
        assert not found.succeeded
        assert [finding.mandatory for finding in found.findings] == [True] * 11 + [False] * 2
        (one,) = [each for each in found.findings if "api-cpu-stress" in each.subject]
        assert one.rule == "chaos-duration"
        assert one.message.startswith('spec.stressChaos.duration: "3m0s" is not within')

    def test_of_an_engine_that_was_killed_are_seen(self):
        cut = lines("nothing")[:5]
        cut[-1] = cut[-1][: len(cut[-1]) // 2]
        assert not report(cut, stack="sandbox", now=NOW).succeeded

    def test_of_the_command_count_whatever_the_events_say(self):
        assert not read("nothing", failed=True).succeeded

    @pytest.mark.parametrize("line", ["", "x", "[]", "null", "1", '{"resourcePreEvent": 1}', "{}"])
    def test_lines_that_are_no_events_are_passed_over(self, line):
        found = report([line, *lines("nothing")], stack="sandbox", now=NOW)
        assert found == read("nothing")


@pytest.mark.parametrize("name", STREAMS)
def test_nothing_of_the_configuration_gets_in(name):
    (prelude,) = [json.loads(line) for line in lines(name) if "preludeEvent" in line[:60]]
    url = json.loads(prelude["preludeEvent"]["config"]["brisa-platform:gitops"])["repository"]
    assert url not in read(name).model_dump_json()
