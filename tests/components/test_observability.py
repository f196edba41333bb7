import json

import pytest
import yaml

from components.observability import Observability
from settings.observability import Observability as Area
from tests.monitoring.stack import stack
from vocabulary.kinds import (
    ALERTMANAGER_CONFIG,
    CONFIG_MAP,
    GRAFANA_DASHBOARD,
    NAMESPACE,
    POD_MONITOR,
    PROMETHEUS_RULE,
)
from vocabulary.labels import FLUX_SUBSTITUTE, GRAFANA_FOLDER
from vocabulary.labels import GRAFANA_DASHBOARD as SIDECAR


@pytest.fixture
def observed(deploy):
    """Deploy the component for the stack `prod` with another area."""

    def run(**keys):
        settings = stack()
        object.__setattr__(settings, "observability", Area.model_validate(keys))
        return deploy(lambda: Observability("observability", settings))

    return run


def outputs(graph):
    (component,) = [item for item in graph if item.type == "brisa:observability:Observability"]
    return component.outputs


class TestBoards:
    def test_lie_in_a_config_map_each_where_grafanas_sidecar_looks(self, observed):
        boards = observed(dashboards={"folder": "Brisa prod"}).all(CONFIG_MAP)
        assert [board.where for board in boards] == [
            ("monitoring", f"brisa-production-{name}")
            for name in ("anomaly", "chaos", "gitops", "mesh")
        ]
        for board in boards:
            assert board.metadata["labels"][SIDECAR] == "1"
            assert board.metadata["annotations"] == {GRAFANA_FOLDER: "Brisa prod"}

    def test_are_kept_from_fluxs_substitution(self, observed):
        for board in observed().all(CONFIG_MAP):
            assert "${datasource}" in next(iter(board.inputs["data"].values()))
            assert board.metadata["labels"][FLUX_SUBSTITUTE] == "disabled"

    def test_are_files_with_names_of_their_own(self, observed):
        # A sidecar writes all of them into one folder.
        files = [name for item in observed().all(CONFIG_MAP) for name in item.inputs["data"]]
        assert len(set(files)) == len(files) == 4
        assert all(name.startswith("brisa-production-") for name in files)

    def test_can_be_changed_in_place(self, observed):
        assert not any(board.inputs.get("immutable") for board in observed().all(CONFIG_MAP))

    def test_fit_into_a_config_map(self, observed):
        for board in observed().all(CONFIG_MAP):
            assert len(json.dumps(board.inputs["data"])) < 256 * 1024

    def test_are_grafana_dashboards_by_choice(self, observed):
        graph = observed(
            dashboards={"delivery": "grafanaOperator", "instanceSelector": {"team": "web"}}
        )
        assert graph.all(CONFIG_MAP) == []
        for board in graph.all(GRAFANA_DASHBOARD):
            assert board.spec["instanceSelector"] == {"matchLabels": {"team": "web"}}
            assert board.spec["folder"] == "Brisa"
            assert json.loads(board.spec["json"])["uid"] == board.metadata["name"]

    def test_open_with_the_data_source_of_the_stack(self, observed):
        (board, *_) = observed(dashboards={"datasource": "prod-eu"}).all(CONFIG_MAP)
        (text,) = board.inputs["data"].values()
        assert json.loads(text)["templating"]["list"][0]["current"]["value"] == "prod-eu"

    def test_are_told_by_their_identities(self, observed):
        told = outputs(observed())["boards"]
        assert told == [f"brisa-production-{n}" for n in ("gitops", "mesh", "anomaly", "chaos")]


class TestRules:
    def test_are_a_prometheus_rule_that_prometheus_selects(self, observed):
        rule = observed(operatorLabels={"prometheus": "main"}).one(PROMETHEUS_RULE)
        assert rule.where == ("monitoring", "brisa-rules")
        assert rule.metadata["labels"]["prometheus"] == "main"
        assert {group["name"] for group in rule.spec["groups"]} >= {
            "brisa-production-slo",
            "brisa-production-mesh",
        }

    def test_are_a_rule_file_by_choice(self, observed):
        graph = observed(rules={"delivery": "configMap"})
        assert graph.all(PROMETHEUS_RULE) == graph.all(ALERTMANAGER_CONFIG) == []
        rules = graph.one(CONFIG_MAP, "brisa-rules")
        (text,) = rules.inputs["data"].values()
        same = observed().one(PROMETHEUS_RULE).spec
        assert yaml.safe_load(text) == same

    def test_are_told_by_their_alerts(self, observed):
        told = outputs(observed())["alerts"]
        assert "SloErrorBudgetBurnsFast" in told
        assert told == sorted(set(told))

    def test_inhibitions_lie_where_the_alerts_say_they_are_from(self, observed):
        # The operator holds them to alerts of the object's own namespace.
        config = observed().one(ALERTMANAGER_CONFIG)
        assert config.metadata["namespace"] == "brisa-production"
        assert config.spec["inhibitRules"]


class TestScraping:
    def test_finds_whatever_boards_and_rules_ask_for(self, observed):
        monitors = {item.metadata["name"]: item.spec for item in observed().all(POD_MONITOR)}
        assert monitors.keys() == {
            "brisa-flux-controllers",
            "brisa-flux-operator",
            "brisa-istiod",
            "brisa-istio-proxies",
            "brisa-chaos-mesh",
        }
        where = {name: spec["namespaceSelector"]["matchNames"] for name, spec in monitors.items()}
        assert where["brisa-istio-proxies"] == ["brisa-production", "istio-ingress"]
        assert where["brisa-chaos-mesh"] == ["chaos-mesh"]

    def test_asks_proxies_where_their_certificates_are_told(self, observed):
        proxies = observed().one(POD_MONITOR, "brisa-istio-proxies").spec
        (endpoint,) = proxies["podMetricsEndpoints"]
        assert endpoint["path"] == "/stats/prometheus"
        (address,) = [
            each for each in endpoint["relabelings"] if each.get("targetLabel") == "__address__"
        ]
        assert address["replacement"] == "${1}:15020"

    def test_leaves_labels_alone_so_that_namespaces_are_exported_ones(self, observed):
        for monitor in observed().all(POD_MONITOR):
            for endpoint in monitor.spec["podMetricsEndpoints"]:
                assert "honorLabels" not in endpoint

    def test_has_the_interval_of_the_stack(self, observed):
        for monitor in observed(scraping={"interval": "15s"}).all(POD_MONITOR):
            assert monitor.spec["podMetricsEndpoints"][0]["interval"] == "15s"

    def test_can_be_left_to_others(self, observed):
        assert observed(scraping={"delivery": "none"}).all(POD_MONITOR) == []


class TestNamespace:
    def test_is_others_unless_the_stack_makes_it(self, observed):
        assert observed().all(NAMESPACE) == []

    def test_of_our_own_comes_first(self, observed):
        graph = observed(createNamespace=True)
        home = graph.one(NAMESPACE)
        assert home.metadata["name"] == "monitoring"
        assert all(graph.waits(item, home) for item in graph.all(CONFIG_MAP))


def test_nothing_is_made_where_nothing_is_wanted(observed):
    graph = observed(install=False, createNamespace=True)
    assert graph.objects == []
    assert outputs(graph) == {"boards": [], "alerts": []}


def test_each_part_can_be_left_out(observed):
    graph = observed(
        dashboards={"delivery": "none"}, rules={"delivery": "none"}, scraping={"delivery": "none"}
    )
    assert graph.objects == []
