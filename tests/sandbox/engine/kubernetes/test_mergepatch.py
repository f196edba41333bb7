"""JSON merge patches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.kubernetes import mergepatch
from sandbox.engine.kubernetes.wire import UNKNOWN

scalars = st.booleans() | st.integers() | st.text()
documents = st.dictionaries(
    st.text(max_size=2),
    st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        ),
        max_leaves=8,
    ),
)


def applied(target, patch):
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = applied(result.get(key), value)
    return result


@given(documents, documents)
def test_the_patch_turns_old_into_new(old, new):
    assert mergepatch.same(applied(old, mergepatch.create(old, new)), new)


@given(documents)
def test_equal_documents_need_no_patch(document):
    assert mergepatch.create(document, document) == {}


@pytest.mark.parametrize(
    "left, right, expected",
    [(1, 1.0, True), (True, 1, False), (0, False, False), ([1], [1, 2], False), ({}, [], False)],
)
def test_sameness_is_that_of_json(left, right, expected):
    assert mergepatch.same(left, right) is expected


def test_an_unknown_value_is_always_a_change():
    assert "a" in mergepatch.create({"a": "1"}, {"a": UNKNOWN})
