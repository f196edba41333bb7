"""JSONPath expressions for waiting."""

import pytest

from sandbox.engine.kubernetes.awaiting import jsonpath
from sandbox.engine.kubernetes.errors import ProviderError

OBJECT = {
    "metadata": {"labels": {"app.kubernetes.io/name": "x"}},
    "status": {
        "phase": "Running",
        "replicas": 3,
        "ready": True,
        "conditions": [
            {"type": "Ready", "status": "True"},
            {"type": "Stalled", "status": "False"},
        ],
    },
}


@pytest.mark.parametrize(
    "expression",
    [
        "{.status.phase}=Running",
        "{$.status.phase}=Running",
        "{.status.phase}",
        "{.status.replicas}=3",
        "{.status.ready}=true",
        "{.status.conditions}",
        "{.status.conditions[0].type}=Ready",
        "{.status.conditions[-1].type}=Stalled",
        "{.status.conditions[*].type}=Ready",
        '{.status.conditions[?(@.type=="Stalled")].status}=False',
        "{.status.conditions[?(@.type!='Ready')].status}=False",
        "{.metadata.labels['app.kubernetes.io/name']}=x",
    ],
)
def test_these_match(expression):
    assert jsonpath.parse(f"jsonpath={expression}").match(OBJECT).matched


@pytest.mark.parametrize(
    "expression, message",
    [
        ("{.status.phase}=Done", 'Waiting for {.status.phase}=Done (found "Running")'),
        ("{.status.missing}", "{.status.missing} selected nothing"),
        ("{.status.conditions[7].type}=Ready", "{.status.conditions[7].type} selected nothing"),
    ],
)
def test_these_say_what_they_wait_for(expression, message):
    match = jsonpath.parse(f"jsonpath={expression}").match(OBJECT)
    assert not match.matched
    assert match.message == message


@pytest.mark.parametrize(
    "expression, message",
    [
        (".status.phase=Running", "should be wrapped in brackets"),
        ("'{.status.phase}'", "should omit shell quotes"),
        ("{.status.phase}=", "requires a value"),
        ("{.a}=b=c", "format should be"),
        ("{.a}={.b}", "must be a literal"),
        ("{.a[}", 'parsing "{.a\\[}"'),
    ],
)
def test_a_malformed_expression_is_refused(expression, message):
    with pytest.raises(ProviderError, match=message):
        jsonpath.parse(f"jsonpath={expression}")


def test_a_map_cannot_equal_a_value():
    with pytest.raises(ProviderError, match="non-primitive"):
        jsonpath.parse("jsonpath={.status}=x").match(OBJECT)
