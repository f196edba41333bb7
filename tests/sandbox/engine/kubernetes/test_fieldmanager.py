"""Who owns fields, and how ownership moves."""

import re

import pytest

from sandbox.engine.kubernetes import directives, fieldmanager


def entry(manager, operation="Update", fields=None, **rest):
    return {"manager": manager, "operation": operation, "fieldsV1": fields or {}} | rest


def live(*entries, **fields):
    return {"metadata": {"managedFields": list(entries), "resourceVersion": "7"}} | fields


class TestName:
    def test_it_is_made_up_once_and_then_kept(self):
        made_up = fieldmanager.name({}, {}, server_side=True)
        assert re.fullmatch("pulumi-kubernetes-[0-9a-f]{8}", made_up)
        assert fieldmanager.name({"__fieldManager": made_up}, {}, server_side=True) == made_up

    def test_an_annotation_outranks_the_state(self):
        inputs = {"metadata": {"annotations": {directives.PATCH_FIELD_MANAGER: "mine"}}}
        assert fieldmanager.name({"__fieldManager": "old"}, inputs, server_side=True) == "mine"

    def test_without_server_side_apply_there_is_one_for_all(self):
        assert fieldmanager.name({}, {}, server_side=False) == "pulumi-kubernetes"


class TestTakeover:
    def test_what_post_created_becomes_ours(self):
        fields = {"f:data": {"f:a": {}}}
        patch = fieldmanager.takeover_patch(live(entry("pulumi-kubernetes", fields=fields)), "me")
        managed, version = (step["value"] for step in patch)
        assert managed == [entry("me", "Apply", fields)]
        assert version == "7"

    def test_it_joins_what_we_own_already(self):
        obj = live(
            entry("me", "Apply", {"f:data": {"f:a": {}}}),
            entry("kubectl", fields={"f:data": {"f:b": {}}}),
            entry("someone", "Apply", {"f:data": {"f:c": {}}}),
        )
        managed = fieldmanager.takeover_patch(obj, "me")[0]["value"]
        assert managed == [
            entry("me", "Apply", {"f:data": {"f:a": {}, "f:b": {}}}),
            entry("someone", "Apply", {"f:data": {"f:c": {}}}),
        ]

    def test_status_stays_with_its_controller(self):
        obj = live(entry("kubectl", subresource="status"))
        assert fieldmanager.takeover_patch(obj, "me") == []

    def test_nothing_of_others_is_taken(self):
        assert fieldmanager.takeover_patch(live(entry("helm"), entry("x", "Apply")), "me") == []


class TestIgnoredFields:
    LIVE_VALUE = {"spec": {"replicas": 5}}

    @pytest.mark.parametrize(
        "owners, expected",
        [
            (["autoscaler"], {}),
            (["me"], {"replicas": 5}),
            (["me", "autoscaler"], {"replicas": 5}),
            ([], {"replicas": 5}),
        ],
    )
    def test_a_field_is_left_out_only_if_others_alone_own_it(self, owners, expected):
        obj = live(*(entry(o, fields={"f:spec": {"f:replicas": {}}}) for o in owners))
        inputs = {"spec": {"replicas": 1}}
        fieldmanager.apply_ignored(inputs, obj | self.LIVE_VALUE, ["spec.replicas"], "me")
        assert inputs == {"spec": expected}

    def test_a_field_that_is_not_live_keeps_the_programs_value(self):
        inputs = {"spec": {"replicas": 1}}
        fieldmanager.apply_ignored(inputs, live(), ["spec.replicas"], "me")
        assert inputs == {"spec": {"replicas": 1}}
