"""A release's properties."""

from sandbox.engine.kubernetes.helm import model
from sandbox.engine.kubernetes.wire import UNKNOWN, Secret, Special


def test_every_switch_and_text_is_returned_whether_set_or_not():
    found = model.decode({"chart": "nginx"}).properties()
    assert found["chart"] == "nginx"
    assert found["atomic"] is False
    assert found["description"] == ""
    assert found["values"] == {}


def test_what_may_be_absent_is_absent():
    found = model.decode({"chart": "nginx"}).properties()
    assert found.keys().isdisjoint({"maxHistory", "repositoryOpts", "resourceNames", "status"})


def test_properties_survive():
    release = model.decode(
        {
            "chart": "nginx",
            "maxHistory": 3,
            "skipAwait": True,
            "repositoryOpts": {"repo": "https://example.com"},
            "values": {"a": {"b": 1}},
        }
    )
    assert model.decode(release.properties()) == release


def test_files_come_before_values():
    properties = {"valueYamlFiles": [Special({"text": "a: 1\nb: 2"})], "values": {"b": 3}}
    assert model.decode(properties).values == {"a": 1, "b": 3}


def test_secrets_are_revealed_and_unknowns_count_as_not_set():
    release = model.decode({"name": UNKNOWN, "values": Secret({"a": Secret("b")})})
    assert release.name == ""
    assert release.values == {"a": "b"}


def test_nulls_stay_only_if_they_are_allowed():
    given = {"values": {"a": [None]}}
    assert model.decode(given).values == {"a": []}
    assert model.decode(given | {"allowNullValues": True}).values == {"a": [None]}


def test_what_the_sdk_adds_for_itself_is_dropped():
    assert "compat" not in model.decode({"compat": "true"}).properties()
