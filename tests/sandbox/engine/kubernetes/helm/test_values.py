"""The values of a release."""

import pytest

from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.helm import values
from sandbox.engine.kubernetes.wire import Special


def test_maps_are_merged_and_everything_else_is_overridden():
    base = {"a": {"b": 1, "c": 2}, "d": [1, 2], "e": {"f": 1}}
    assert values.merge(base, {"a": {"c": 3}, "d": [4], "e": "text"}) == {
        "a": {"b": 1, "c": 3},
        "d": [4],
        "e": "text",
    }


def test_nulls_are_left_out_at_every_depth():
    assert values.without_nulls({"a": None, "b": [{"c": None}, None, 1]}) == {"b": [{}, 1]}


def test_later_files_win(tmp_path):
    (tmp_path / "a.yaml").write_text("x: {y: 1, z: 2}\n")
    files = [Special({"path": str(tmp_path / "a.yaml")}), Special({"text": "x: {z: 3}"})]
    assert values.from_files(files) == {"x": {"y": 1, "z": 3}}


@pytest.mark.parametrize(
    "asset, message",
    [
        ("a.yaml", "FileAsset"),
        (Special({"uri": "https://example.com"}), "no archives"),
        (Special({"path": "/no/such/file"}), "cannot read"),
        (Special({"text": "- a"}), "not a map"),
        (Special({"text": "a: [b"}), "cannot read"),
    ],
)
def test_what_cannot_be_read_is_refused(asset, message):
    with pytest.raises(ProviderError, match=message):
        values.from_files([asset])
