"""The provider as a resource."""

import pytest
import yaml
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import providerconfig, wire
from sandbox.engine.kubernetes.wire import UNKNOWN, Secret


def config(server="https://one"):
    return yaml.safe_dump(
        {
            "current-context": "c",
            "clusters": [{"name": "k", "cluster": {"server": server}}],
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        }
    )


def check(arguments, name="mine"):
    urn = f"urn:pulumi:stack::project::pulumi:providers:kubernetes::{name}"
    request = pb.CheckRequest(urn=urn, news=wire.encode(arguments))
    return {failure.property: failure.reason for failure in providerconfig.check(request).failures}


def diff(old, new):
    request = pb.DiffRequest(olds=wire.encode(old), news=wire.encode(new))
    answer = providerconfig.diff(request)
    return list(answer.diffs), list(answer.replaces)


class TestCheck:
    def test_a_plain_provider_is_fine(self):
        assert check({"kubeconfig": config(), "context": "c"}) == {}

    def test_strict_mode_wants_kubeconfig_and_context(self):
        assert check({"strictMode": "true"}).keys() == {"kubeconfig", "context"}

    def test_strict_mode_prohibits_the_default_provider(self):
        failures = check({"strictMode": "true"}, name="default_4_34_2")
        assert failures[""] == "strict mode prohibits default provider"

    def test_strict_mode_can_be_set_for_the_project(self, monkeypatch):
        monkeypatch.setenv("PULUMI_CONFIG", '{"strictMode": "true"}')
        assert "context" in check({"kubeconfig": config()})

    @pytest.mark.parametrize("argument", ["cluster", "context", "kubeconfig"])
    def test_rendering_needs_no_cluster(self, argument):
        assert argument in check({"renderYamlToDirectory": "out", argument: "x"})


class TestDiff:
    def test_nothing_changed(self):
        assert diff({"context": "a"}, {"context": "a"}) == ([], [])

    def test_another_cluster_replaces(self):
        old, new = {"kubeconfig": config()}, {"kubeconfig": config("https://two")}
        assert diff(old, new) == (["kubeconfig"], ["kubeconfig"])

    def test_other_changes_of_the_kubeconfig_do_not(self):
        old, new = {"kubeconfig": config()}, {"kubeconfig": config() + "# a comment\n"}
        assert diff(old, new) == (["kubeconfig"], [])

    def test_a_secret_kubeconfig_is_compared_too(self):
        old, new = {"kubeconfig": Secret(config())}, {"kubeconfig": Secret(config("https://two"))}
        assert diff(old, new) == (["kubeconfig"], ["kubeconfig"])

    def test_the_same_identifier_rules_replacement_out(self):
        old = {"kubeconfig": config(), "clusterIdentifier": "k"}
        new = {"kubeconfig": config("https://two"), "clusterIdentifier": "k"}
        assert diff(old, new) == (["kubeconfig"], [])

    def test_another_identifier_replaces(self):
        old, new = {"clusterIdentifier": "k"}, {"clusterIdentifier": "l"}
        assert diff(old, new) == (["clusterIdentifier"], ["clusterIdentifier"])

    def test_adding_an_identifier_does_not(self):
        assert diff({}, {"clusterIdentifier": "k"}) == (["clusterIdentifier"], [])

    def test_an_unknown_kubeconfig_may_be_another_cluster(self):
        assert diff({"kubeconfig": config()}, {"kubeconfig": UNKNOWN})[1] == ["kubeconfig"]
