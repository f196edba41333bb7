"""Names for objects that the program did not name."""

import re

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import autonaming, directives
from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.wire import UNKNOWN

MODES = pb.CheckRequest.AutonamingOptions


def request(**options):
    urn = "urn:pulumi:stack::project::kubernetes:core/v1:ConfigMap::settings"
    return pb.CheckRequest(urn=urn, randomSeed=b"seed", **options)


def assigned(obj, **options):
    autonaming.assign(obj, request(**options))
    return obj


class TestSuffix:
    @pytest.mark.parametrize(
        "seed, expected",
        [(b"seed", "614742c2"), (b"another seed", "98049f15"), (b"\0\1\2", "20be5a6b")],
    )
    def test_it_is_what_the_official_plugin_draws_from_the_same_seed(self, seed, expected):
        assert autonaming.suffix(seed) == expected

    def test_without_a_seed_it_is_random(self):
        suffixes = {autonaming.suffix(b"") for _ in range(20)}
        assert len(suffixes) == 20
        assert all(re.fullmatch("[0-9a-f]{8}", suffix) for suffix in suffixes)


class TestAssign:
    def test_an_unnamed_object_gets_a_name_and_a_mark(self):
        obj = assigned({})
        assert obj["metadata"]["name"] == "settings-614742c2"
        assert obj["metadata"]["annotations"] == {directives.AUTONAMED: "true"}

    @pytest.mark.parametrize(
        "metadata", [{"name": "mine"}, {"name": UNKNOWN}, {"generateName": "mine-"}]
    )
    def test_a_named_object_keeps_its_name(self, metadata):
        assert assigned({"metadata": dict(metadata)}) == {"metadata": metadata}

    @pytest.mark.parametrize("mode", [MODES.PROPOSE, MODES.ENFORCE])
    def test_the_engine_may_propose_the_name(self, mode):
        options = MODES(proposed_name="settings-dev", mode=mode)
        assert assigned({}, autonaming=options)["metadata"]["name"] == "settings-dev"

    def test_the_engine_may_forbid_it(self):
        with pytest.raises(ProviderError, match="autonaming is disabled"):
            assigned({}, autonaming=MODES(mode=MODES.DISABLE))


class TestAdopt:
    OLD = {"metadata": {"name": "old-1", "annotations": {directives.AUTONAMED: "true"}}}

    def test_a_made_up_name_stays(self):
        obj = {}
        autonaming.adopt(obj, self.OLD)
        assert obj == self.OLD

    def test_a_name_that_the_program_chose_is_not_adopted(self):
        obj = {}
        autonaming.adopt(obj, {"metadata": {"name": "chosen"}})
        assert obj == {}

    def test_a_new_name_wins(self):
        obj = {"metadata": {"name": "new"}}
        autonaming.adopt(obj, self.OLD)
        assert obj == {"metadata": {"name": "new"}}
