"""Values survive the way to the engine and back."""

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.engine.kubernetes import wire
from sandbox.engine.kubernetes.wire import UNKNOWN, Secret

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
values = st.recursive(
    scalars | st.just(UNKNOWN),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
        | inner.filter(lambda value: not isinstance(value, Secret)).map(Secret)
    ),
    max_leaves=8,
)


def without_nulls(value):
    if isinstance(value, Secret):
        return Secret(without_nulls(value.value))
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=3), values, max_size=4))
def test_everything_but_null_entries_survives(properties):
    assert wire.decode(wire.encode(properties)) == without_nulls(properties)


def test_whole_numbers_come_back_as_integers():
    struct = Struct()
    struct.update({"replicas": 3.0, "ratio": 0.5})
    decoded = wire.decode(struct)
    assert decoded == {"replicas": 3, "ratio": 0.5}
    assert isinstance(decoded["replicas"], int)


def test_true_stays_a_boolean():
    assert wire.decode(wire.encode({"on": True}))["on"] is True


@pytest.mark.parametrize(
    "sentinel",
    [
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    ],
)
def test_every_kind_of_unknown_is_one_unknown(sentinel):
    struct = Struct()
    struct.update({"key": sentinel})
    assert wire.decode(struct)["key"] is UNKNOWN


def test_assets_pass_through():
    asset = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "text": "a: 1"}
    struct = Struct()
    struct.update({"file": asset})
    assert wire.encode(wire.decode(struct)) == struct


def test_an_object_of_ours_cannot_be_sent():
    with pytest.raises(TypeError, match="object cannot be sent"):
        wire.encode({"key": object()})


def test_reveal_opens_nested_secrets():
    assert wire.reveal({"a": Secret({"b": [Secret("c")]})}) == {"a": {"b": ["c"]}}


@pytest.mark.parametrize(
    "value, unknown, secret",
    [
        ({"a": [{"b": UNKNOWN}]}, True, False),
        ({"a": Secret(UNKNOWN)}, True, True),
        ({"a": [Secret("b")]}, False, True),
        ({"a": ["b"]}, False, False),
    ],
)
def test_unknowns_and_secrets_are_found_anywhere(value, unknown, secret):
    assert wire.has_unknown(value) is unknown
    assert wire.has_secret(value) is secret
