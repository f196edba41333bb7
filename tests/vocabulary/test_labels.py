import re

import pytest

from vocabulary import labels
from vocabulary.labels import standard_labels

KEYS = [
    value
    for name, value in vars(labels).items()
    if name.isupper() and isinstance(value, str) and value != labels.PLATFORM
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_one_that_kubernetes_takes(key):
    prefix, _, name = key.rpartition("/")
    assert re.fullmatch(r"[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?", name)
    assert re.fullmatch(r"([a-z0-9-]+\.)*[a-z0-9-]+|", prefix)


def test_no_key_is_listed_twice():
    assert len(KEYS) == len(set(KEYS))


def test_every_object_says_part_and_platform():
    assert standard_labels("mesh") == {
        "app.kubernetes.io/name": "mesh",
        "app.kubernetes.io/part-of": "brisa-platform",
        "app.kubernetes.io/managed-by": "pulumi",
    }
