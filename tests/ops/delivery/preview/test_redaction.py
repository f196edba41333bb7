"""No secret reaches people, wherever it was put."""

import json
import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ops.delivery.preview.events import report
from ops.delivery.preview.markdown import comment
from ops.delivery.preview.redaction import HIDDEN, redacted, text
from tests.ops.delivery.recorded import NOW

CANARY = "c4n4rycafe"
"""Whatever a test hides holds it."""

words = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=12)
secret_names = st.sampled_from(
    ["password", "dbPassword", "API_TOKEN", "slack-token", "clientSecret", "apiKey", "api_key",
     "credentials", "kubeconfig", "passphrase", "routing_key", "privateKey", "Authorization",
     "user.password", "SIGNING-KEY"]
)  # fmt: skip
canaries = st.builds(lambda a, b: f"{a}{CANARY}{b}", words, words)


def nested(leaf):
    """Something with a leaf somewhere in it."""
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(lambda key, value: {key: value}, words, inner),
            st.builds(lambda value: ["other", value], inner),
        ),
        max_leaves=4,
    )


def documents(leaf):
    """The same as a text: JSON, YAML, lines."""
    as_object = leaf.map(lambda value: value if isinstance(value, dict) else {"x": value})
    return st.one_of(
        as_object.map(json.dumps),
        as_object.map(lambda value: json.dumps(value, indent=2)),
        as_object.map(yaml.safe_dump),
    )


named = st.builds(lambda key, value: {key: value}, secret_names, canaries)
deep = st.builds(lambda key, value: {key: {"user": "a", "value": [value]}}, secret_names, canaries)
variables = st.builds(lambda key, value: {"name": key, "value": value}, secret_names, canaries)
marked = st.builds(
    lambda value: {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": value,
    },
    canaries,
)
assignments = st.builds(
    lambda key, sign, quote, value: f"a=1\n{key}{sign}{quote}{value}{quote}\nb=2",
    secret_names,
    st.sampled_from(["=", ": ", " = ", ":"]),
    st.sampled_from(["", '"', "'"]),
    canaries,
)
hidden = st.one_of(named, deep, variables, marked)
anywhere = st.one_of(hidden, documents(hidden), assignments)


def update(inputs):
    """An event in which an object is changed to these inputs."""
    urn = "urn:pulumi:prod::brisa-platform::kubernetes:core/v1:ConfigMap::thing"
    old = {"custom": True, "inputs": {"metadata": {"name": "thing"}, "data": {}}}
    new = {"custom": True, "inputs": {"metadata": {"name": "thing"}, "data": inputs}}
    kind = "kubernetes:core/v1:ConfigMap"
    metadata = {"op": "update", "urn": urn, "type": kind, "old": old, "new": new}
    return {"resourcePreEvent": {"metadata": metadata}}


def shown(*events):
    """Everything that leaves: the report and the comment."""
    made = report(map(json.dumps, events), stack="prod", now=NOW)
    return made.model_dump_json() + comment(made)


class TestSecrets:
    @given(nested(anywhere))
    def test_in_objects_are_never_shown(self, inputs):
        assert CANARY not in shown(update(inputs))

    @given(assignments | documents(hidden))
    def test_in_messages_are_never_shown(self, message):
        said = [
            {"diagnosticEvent": {"severity": "error", "message": message}},
            {"policyEvent": {"policyName": "x", "message": f"why\n{message}", "resourceUrn": "a"}},
        ]
        assert CANARY not in shown(*said)

    @given(canaries)
    def test_of_secret_objects_are_never_shown(self, value):
        urn = "urn:pulumi:prod::brisa-platform::kubernetes:core/v1:Secret::thing"
        inputs = {"metadata": {"name": "x"}, "data": {"a": value}, "stringData": {"b": value}}
        metadata = {
            "op": "create",
            "urn": urn,
            "type": "kubernetes:core/v1:Secret",
            "new": {"custom": True, "inputs": inputs},
        }
        assert CANARY not in shown({"resourcePreEvent": {"metadata": metadata}})

    @given(st.dictionaries(words, canaries))
    def test_of_the_configuration_are_never_shown(self, config):
        assert CANARY not in shown({"preludeEvent": {"config": config}})


SHAPED = {
    "a Slack token": "xoxb-1234567890-c4n4rycafe",
    "a Slack webhook": "https://hooks.slack.com/services/T0/B0/c4n4rycafe",
    "a GitHub token": "ghp_c4n4rycafec4n4rycafec4n4rycafe12345",
    "a GitLab token": "glpat-c4n4rycafec4n4rycafe",
    "an AWS key": "AKIAC4N4RYCAFE123456",
    "a web token": "eyJhbGciOiJI.eyJzdWIiOiIx.c4n4rycafe-c4n4rycafe",
    "a bearer token": "Bearer c4n4rycafec4n4rycafe",
    "a basic authorization": "Authorization: Basic YTpjNG40cnljYWZl c4n4rycafe",
    "a password in a URL": "postgres://user:c4n4rycafe@db/x",
    "a user in a URL": "https://c4n4rycafe@git.example/x",
    "a token in a query": "https://example.org/x?access_token=c4n4rycafe&y=1",
    "a private key": "-----BEGIN PRIVATE KEY-----\nc4n4rycafe\n-----END PRIVATE KEY-----",
    "a private key that was cut": "-----BEGIN EC PRIVATE KEY-----\nc4n4rycafe",
    "a block of YAML": "user: a\npassword: |\n  c4n4rycafe\n  more\nother: b",
    "a quoted password with blanks": 'password: "correct horse c4n4rycafe"',
    "a password with blanks": "x=1\npassword = correct horse c4n4rycafe",
    "JSON in JSON": json.dumps({"body": json.dumps({"token": "c4n4rycafe"})}),
}


@pytest.mark.parametrize("value", SHAPED.values(), ids=SHAPED)
def test_a_secret_is_known_by_its_shape(value):
    assert CANARY not in text(value).lower()
    assert CANARY not in json.dumps(redacted({"data": {"x": value}})).lower()
    assert CANARY not in shown(update({"x": value})).lower()


@pytest.mark.parametrize(
    "value",
    [
        {"secretRef": {"name": "slack-token"}},
        {"secretName": "slack-token"},
        {"interval": "5m0s", "url": "https://git.example/brisa/infrastructure"},
        {"automountServiceAccountToken": False},
        {"password": None},
        {"data": {"rules.yaml": "groups:\n- name: mesh\n  interval: 30s\n"}},
    ],
    ids=str,
)
def test_what_is_no_secret_is_shown(value):
    assert HIDDEN not in json.dumps(redacted(value))


def test_what_is_not_a_document_stays_a_text():
    assert redacted("one\ntwo") == "one\ntwo"
    assert redacted({"a": "{not json"}) == {"a": "{not json"}
