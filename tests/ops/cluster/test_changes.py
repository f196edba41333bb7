"""Changing objects: what became different, and what happens when somebody came between."""

import pytest

from ops.cluster.changes import ATTEMPTS, differences, edit
from ops.cluster.objects import Ref
from ops.errors import ConflictError
from tests.ops.conftest import made
from vocabulary.kinds import CONFIG_MAP

REF = Ref(CONFIG_MAP, "shop", "it")


class Contested:
    """An API server on which others are faster for a while."""

    def __init__(self, conflicts):
        self.conflicts, self.patched = conflicts, []

    def get(self, kind, namespace, name):
        return made("ConfigMap", spec={"n": len(self.patched)})

    def patch(self, item, patch, *, dry_run, manager):
        self.patched.append(patch)
        if len(self.patched) <= self.conflicts:
            raise ConflictError("somebody else was faster")
        return {**item, "spec": {"n": patch["spec"]["n"]}}


def increment(item):
    return {"spec": {"n": item["spec"]["n"] + 10}}


class TestEdit:
    def test_decides_anew_on_what_others_left(self):
        api = Contested(conflicts=2)
        done = edit(api, REF, increment)
        assert api.patched == [{"spec": {"n": 10}}, {"spec": {"n": 11}}, {"spec": {"n": 12}}]
        assert [(d.path, d.before, d.after) for d in done.differences] == [("spec.n", 2, 12)]

    def test_gives_up_when_others_are_always_faster(self):
        api = Contested(conflicts=100)
        with pytest.raises(ConflictError):
            edit(api, REF, increment)
        assert len(api.patched) == ATTEMPTS

    def test_writes_nothing_when_there_is_nothing_to_do(self):
        api = Contested(conflicts=0)
        done = edit(api, REF, lambda _item: None)
        assert (done.action, done.applied, api.patched) == ("none", False, [])

    def test_a_dry_run_is_not_applied(self):
        done = edit(Contested(conflicts=0), REF, increment, dry_run=True)
        assert (done.action, done.applied) == ("patch", False)


class TestDifferences:
    @pytest.mark.parametrize(
        "before, after, found",
        [
            ({"spec": {"a": 1}}, {"spec": {"a": 1}}, []),
            ({"spec": {}}, {"spec": {"suspend": True}}, [("spec.suspend", None, True)]),
            ({}, {"spec": {"suspend": True}}, [("spec.suspend", None, True)]),
            ({"spec": {"l": [{"w": 1}, {"w": 2}]}}, {"spec": {"l": [{"w": 1}, {"w": 9}]}},
             [("spec.l[1].w", 2, 9)]),
            ({"spec": {"l": [1]}}, {"spec": {"l": [1, 2]}}, [("spec.l", [1], [1, 2])]),
            ({"metadata": {"annotations": {"a": "x"}}}, {"metadata": {}},
             [("metadata.annotations.a", "x", None)]),
            ({"status": {"a": 1}}, {"status": {"a": 2}}, []),
        ],
    )  # fmt: skip
    def test_are_told_by_path(self, before, after, found):
        assert [(d.path, d.before, d.after) for d in differences(before, after)] == found
