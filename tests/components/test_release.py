"""Helm releases: whose values win, and what null means."""

import pulumi
import pytest
import yaml

from components.release import nulls, release
from settings.charts import Chart
from vocabulary.kinds import HELM_RELEASE


@pytest.fixture
def released(deploy):
    """Deploy a release with values of a stack; returns its inputs."""

    def run(values, **chart):
        settings = Chart.model_validate({"chart": "./charts/x", "values": values} | chart)
        ours = {"replicas": 2, "image": {"tag": "1", "pull": "Always"}}
        options = pulumi.ResourceOptions()
        graph = deploy(lambda: release("x", settings, "home", ours, options))
        return graph.one(HELM_RELEASE).inputs

    return run


def test_values_of_the_stack_win_key_by_key(released):
    inputs = released({"image": {"tag": "2"}, "more": True})

    assert inputs["values"] == {
        "replicas": 2,
        "image": {"tag": "2", "pull": "Always"},
        "more": True,
    }
    assert "valueYamlFiles" not in inputs


def test_null_goes_by_the_way_on_which_it_reaches_helm(released):
    inputs = released({"image": {"tag": None}, "limits": None})

    (file,) = inputs["valueYamlFiles"]
    assert yaml.safe_load(file["text"]) == {"image": {"tag": None}, "limits": None}


@pytest.mark.parametrize(
    "values, expected",
    [
        ({}, {}),
        ({"a": 1, "b": {"c": []}}, {}),
        (
            {"a": None, "b": {"c": {"d": None, "e": 1}}, "f": {}},
            {"a": None, "b": {"c": {"d": None}}},
        ),
    ],
)
def test_only_what_is_null_is_taken_away(values, expected):
    assert nulls(values) == expected
