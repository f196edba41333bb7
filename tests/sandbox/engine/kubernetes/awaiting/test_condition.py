"""What users ask for by annotation."""

import json

import pytest

from sandbox.engine.kubernetes.awaiting import condition
from sandbox.engine.kubernetes.errors import InitializationError, ProviderError


def obj(status="True", generation=1, observed=None, phase="Running", annotation=None):
    entry = {"type": "Ready", "status": status, "message": "because"}
    if observed is not None:
        entry["observedGeneration"] = observed
    metadata = {"generation": generation}
    if annotation:
        metadata["annotations"] = {"pulumi.com/waitFor": annotation}
    return {"metadata": metadata, "status": {"conditions": [entry], "phase": phase}}


def ready(text, live):
    return condition.parse(text).examine(live)


@pytest.mark.parametrize(
    "text, live, expected",
    [
        ("condition=Ready", obj(), True),
        ("condition=ready", obj("true"), True),
        ("condition=Ready", obj("False"), False),
        ("condition=Ready=False", obj("False"), True),
        ("condition=Done", obj(), False),
        ("condition=Ready", {"metadata": {}}, False),
        ("condition=Ready", obj(generation=2, observed=1), False),
        ("condition=Ready", obj(generation=2, observed=2), True),
        ("jsonpath={.status.phase}=Running", obj(), True),
        (json.dumps(["condition=Ready", "jsonpath={.status.phase}=Running"]), obj(), True),
        (json.dumps(["condition=Ready", "jsonpath={.status.phase}=Done"]), obj(), False),
    ],
)
def test_readiness(text, live, expected):
    assert ready(text, live).ready is expected


def test_a_stale_status_says_so():
    progress = ready("condition=Ready", obj(generation=3, observed=2))
    assert progress.problems == ["Generation 2 is less than expected 3"]


def test_the_conditions_message_is_told():
    assert ready("condition=Ready", obj("False")).problems == [
        "Resource has condition Ready=False (want True): because"
    ]


@pytest.mark.parametrize(
    "text, message",
    [
        ("Ready", 'expected a "jsonpath=" or "condition=" prefix'),
        ("[]", "at least one condition"),
        (json.dumps(["Ready"]), "prefix"),
    ],
)
def test_a_malformed_annotation_is_refused(text, message):
    with pytest.raises(ProviderError, match=message):
        condition.parse(text)


def test_without_annotation_nothing_is_asked_for():
    assert condition.requested(obj()) is None


def test_a_malformed_annotation_of_a_live_object_keeps_the_object():
    live = obj(annotation="nonsense")
    with pytest.raises(InitializationError) as failure:
        condition.requested(live)
    assert failure.value.live is live
