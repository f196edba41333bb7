"""Paths of properties."""

import pytest

from sandbox.engine.kubernetes import propertypath
from sandbox.engine.kubernetes.errors import ProviderError

PATHS = [
    ("spec.replicas", ("spec", "replicas")),
    ("spec.ports[0].port", ("spec", "ports", 0, "port")),
    ('metadata.labels["app.kubernetes.io/name"]', ("metadata", "labels", "app.kubernetes.io/name")),
    ('data["a\\"b"]', ("data", 'a"b')),
]


@pytest.mark.parametrize("text, path", PATHS)
def test_paths_are_read_and_written(text, path):
    assert propertypath.parse(text) == path
    assert propertypath.render(path) == text


@pytest.mark.parametrize("text", ["a[", 'a["b', "a[-1]"])
def test_a_malformed_path_is_refused(text):
    with pytest.raises(ProviderError, match="failed to parse"):
        propertypath.parse(text)


@pytest.mark.parametrize(
    "outer, inner, expected",
    [
        ("spec", "spec.replicas", True),
        ("spec.replicas", "spec.replicas", True),
        ("spec.replicas", "spec", False),
        ("spec.containers[*].image", "spec.containers[2].image", True),
        ("spec.containers[*].image", "spec.containers[2].name", False),
    ],
)
def test_a_path_contains_what_lies_inside_it(outer, inner, expected):
    paths = propertypath.parse(outer), propertypath.parse(inner)
    assert propertypath.contains(*paths) is expected
