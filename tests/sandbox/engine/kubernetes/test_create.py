"""A create whose answer was lost: the object is adopted only if it is provably ours."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import create, options, wire
from sandbox.engine.kubernetes.errors import ApiError, ProviderError
from tests.sandbox.engine.kubernetes.providerclient import urn_of

INPUTS = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "a", "namespace": "b"},
    "data": {"c": "d"},
}


def live(age=0.0, manager="pulumi-kubernetes", data=None):
    created = datetime.now(UTC) - timedelta(seconds=age)
    server_side = {
        "creationTimestamp": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "managedFields": [{"manager": manager, "operation": "Update"}],
    }
    return INPUTS | {"metadata": INPUTS["metadata"] | server_side, "data": data or INPUTS["data"]}


class Cluster:
    """Says that the object exists already."""

    def __init__(self, found, *, answer_was_lost):
        self.found = found
        status = {"message": "already exists", "reason": "AlreadyExists"}
        self.error = ApiError(409, status, answer_was_lost=answer_was_lost)

    def create(self, obj, *, dry_run):
        raise self.error

    def get(self, obj, name=""):
        return self.found


def outcome(found, *, answer_was_lost=True):
    instance = SimpleNamespace(
        cluster=Cluster(found, answer_was_lost=answer_was_lost),
        options=options.read({}),
        log=SimpleNamespace(status=lambda *_: None),
    )
    request = pb.CreateRequest(
        urn=urn_of("kubernetes:core/v1:ConfigMap"), properties=wire.encode(INPUTS)
    )
    return create.create(instance, request)


def test_our_own_object_is_adopted():
    assert outcome(live()).id == "b/a"


@pytest.mark.parametrize(
    "found",
    [live(age=60), live(manager="kubectl"), live(data={"c": "another's"})],
    ids=["older than the attempt", "made by another", "of another content"],
)
def test_any_other_object_is_left_alone(found):
    with pytest.raises(ProviderError, match="already exists"):
        outcome(found)


def test_nothing_is_adopted_when_no_answer_was_lost():
    with pytest.raises(ProviderError, match="already exists"):
        outcome(live(), answer_was_lost=False)
