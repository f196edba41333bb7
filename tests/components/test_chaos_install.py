from components.chaos_install import ChaosInstall
from vocabulary.kinds import HELM_RELEASE, NAMESPACE, NETWORK_POLICY


class TestRelease:
    def test_it_comes_from_the_pinned_chart(self, deploy, chaos):
        inputs = deploy(lambda: ChaosInstall("chaos", chaos())).one(HELM_RELEASE).inputs
        assert (inputs["chart"], inputs["version"]) == ("chaos-mesh", "2.8.3")
        assert inputs["namespace"] == "chaos-mesh"

    def test_its_values_are_the_safe_ones(self, deploy, chaos):
        values = deploy(lambda: ChaosInstall("chaos", chaos())).one(HELM_RELEASE).inputs["values"]
        assert values["controllerManager"]["enableFilterNamespace"] is True
        assert values["controllerManager"]["leaderElection"] == {"enabled": True}
        assert values["dashboard"]["securityMode"] is True
        assert values["dashboard"]["service"] == {"type": "ClusterIP"}
        assert values["enableProfiling"] is False
        assert values["chaosDaemon"]["privileged"] is False
        assert values["chaosDaemon"]["socketPath"] == "/run/containerd/containerd.sock"
        assert values["chaosDaemon"]["mtls"] == {"enabled": True}
        assert values["webhook"] == {"FailurePolicy": "Fail"}

    def test_the_stacks_values_win_key_by_key(self, deploy, chaos):
        chart = {"values": {"chaosDaemon": {"socketPath": "/run/k3s/containerd/containerd.sock"}}}
        graph = deploy(lambda: ChaosInstall("chaos", chaos(chart=chart)))
        daemon = graph.one(HELM_RELEASE).inputs["values"]["chaosDaemon"]
        assert daemon["socketPath"] == "/run/k3s/containerd/containerd.sock"
        assert daemon["runtime"] == "containerd"

    def test_namespace_and_policies_stand_before_it(self, deploy, chaos):
        graph = deploy(lambda: ChaosInstall("chaos", chaos()))
        release = graph.one(HELM_RELEASE)
        assert graph.waits(release, graph.one(NAMESPACE))
        assert all(graph.waits(release, policy) for policy in graph.all(NETWORK_POLICY))

    def test_a_cluster_that_has_chaos_mesh_keeps_it(self, deploy, chaos):
        graph = deploy(lambda: ChaosInstall("chaos", chaos(install=False)))
        assert graph.objects == []
        component = graph.one("brisa:chaos_install:ChaosInstall")
        assert component.outputs == {"namespace": "chaos-mesh"}


class TestNetwork:
    def test_only_the_controller_commands_the_daemons(self, deploy, chaos):
        graph = deploy(lambda: ChaosInstall("chaos", chaos()))
        rules = graph.one(NETWORK_POLICY, "chaos-daemon").spec["ingress"]
        (commands,) = [rule for rule in rules if rule["ports"][0]["port"] == 31767]
        component = {"app.kubernetes.io/component": "controller-manager"}
        assert commands["from"] == [{"podSelector": {"matchLabels": component}}]

    def test_the_dashboard_answers_nobody_but_the_metrics_reader(self, deploy, chaos):
        graph = deploy(lambda: ChaosInstall("chaos", chaos()))
        (rule,) = graph.one(NETWORK_POLICY, "chaos-dashboard").spec["ingress"]
        assert [port["port"] for port in rule["ports"]] == [2334]

    def test_the_api_server_reaches_the_webhooks(self, deploy, chaos):
        graph = deploy(lambda: ChaosInstall("chaos", chaos()))
        (rule,) = graph.one(NETWORK_POLICY, "controller-manager").spec["ingress"]
        assert 10250 in [port["port"] for port in rule["ports"]]
        assert "from" not in rule

    def test_the_namespace_lets_the_daemon_in_and_the_mesh_out(self, deploy, chaos):
        labels = deploy(lambda: ChaosInstall("chaos", chaos())).one(NAMESPACE).metadata["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "privileged"
        assert labels["istio-injection"] == "disabled"
