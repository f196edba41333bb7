"""What every rule must be like, and what follows from the configuration."""

import re

import pytest
import yaml

from observability.alerting_rules.model import Alert, Recording
from observability.alerting_rules.stack import groups, rule_file
from settings.anomaly import Anomaly
from settings.chaos import Chaos
from settings.gitops import GitOps
from settings.observability import Observability
from tests.docs.pages import ROOT, Page
from tests.monitoring.language import faults, parsed
from tests.monitoring.panels import documents
from tests.monitoring.stack import stack
from vocabulary import recorded

STACK = stack()
GROUPS = groups(STACK)
RULES = [rule for group in GROUPS for rule in group.rules]
ALERTS = [rule for rule in RULES if isinstance(rule, Alert)]
RUNBOOK = Page(ROOT / "docs" / "runbook.md")
each_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)


def bent(**areas):
    """The stack with other areas."""
    settings = stack()
    for name, area in areas.items():
        object.__setattr__(settings, name, area)
    return settings


def written(settings):
    """The rules of a stack as Prometheus gets them."""
    file = rule_file(settings, groups(settings))
    return [rule for group in file["groups"] for rule in group["rules"]]


class TestExpressions:
    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: getattr(rule, "name", None))
    def test_are_promql_and_ask_for_what_is_exported(self, rule):
        parsed(rule.expr)
        assert faults(rule.expr) == []

    def test_of_recordings_are_those_of_the_vocabulary(self):
        made = {rule.record for rule in RULES if isinstance(rule, Recording)}
        assert made == set(recorded.LABELS)

    def test_of_recordings_are_named_by_level_metric_and_operation(self):
        for name in recorded.LABELS:
            assert re.fullmatch(r"(service|platform):[a-z0-9_]+:[a-z0-9_]+", name)

    def test_ask_for_what_was_recorded_before(self):
        known = set()
        for rule in RULES:
            if isinstance(rule, Recording):
                known.add(rule.record)
            for name in recorded.LABELS:
                if re.search(rf"{name}\b", rule.expr):
                    assert name in known, f"{name} is recorded after it is asked for"


@each_alert
class TestAlerts:
    def test_begin_with_their_area(self, alert):
        areas = ("Slo", "Chaos", "Flux", "Mesh", "Anomaly", "Watchdog", "TelemetryMissing")
        assert alert.name.startswith(areas)

    def test_say_what_is_the_matter(self, alert):
        assert not alert.summary.endswith(".")
        assert alert.description.endswith(".")

    def test_have_no_figure_in_their_labels(self, alert):
        # It would make another alert of it at every evaluation.
        assert not any("$value" in text for text in alert.labels.values())

    def test_have_an_entry_in_the_runbook(self, alert):
        assert alert.name.lower() in RUNBOOK.anchors

    def test_page_only_for_objectives_and_what_is_about_to_break_them(self, alert):
        pages = {"SloErrorBudgetBurnsFast", "ChaosWhileSloBurning", "MeshWorkloadCertNotRotating"}
        assert (alert.severity == "critical") is (alert.name in pages)


def test_findings_of_the_detector_never_page():
    found = [alert for alert in ALERTS if alert.name.startswith("Anomaly")]
    assert {alert.severity for alert in found} == {"info", "warning"}


class TestLinks:
    def test_lead_to_a_board_that_exists(self):
        known = {document["uid"] for document in documents(STACK).values()}
        for rule in written(STACK):
            url = rule.get("annotations", {}).get("dashboard_url")
            if url:
                assert re.search(r"/d/([\w-]+)", url)[1] in known

    def test_choose_the_service_of_the_alert(self):
        (rule,) = [r for r in written(STACK) if r.get("alert") == "SloErrorBudgetSpent"]
        assert rule["annotations"]["dashboard_url"] == (
            "/d/brisa-production-mesh?var-service={{ $labels.destination_service_name }}"
        )

    def test_begin_with_the_addresses_of_the_stack(self):
        observability = Observability.model_validate(
            {
                "dashboards": {"grafana": "https://grafana.example/"},
                "rules": {"runbook": "https://wiki.example/runbook"},
            }
        )
        rules = written(bent(observability=observability))
        told = [rule["annotations"] for rule in rules if "alert" in rule]
        assert all(each["runbook_url"].startswith("https://wiki.example/runbook#") for each in told)
        links = [each["dashboard_url"] for each in told if "dashboard_url" in each]
        assert all(link.startswith("https://grafana.example/d/brisa-production-") for link in links)


class TestConfiguration:
    def test_names_of_groups_are_the_stacks_own(self):
        names = [group["name"] for group in rule_file(STACK, GROUPS)["groups"]]
        assert len(names) == len(set(names))
        assert all(name.startswith("brisa-production-") for name in names)

    def test_every_alert_says_from_which_environment_it_is(self):
        for rule in written(STACK):
            if "alert" in rule:
                assert rule["labels"]["environment"] == "production"

    def test_equal_configurations_give_equal_rules(self):
        assert yaml.safe_dump(written(stack())) == yaml.safe_dump(written(stack()))

    def test_certificates_are_told_when_a_quarter_of_their_life_is_left(self):
        mesh = STACK.mesh.model_validate({"certificateTtl": "8h"})
        (rule,) = [
            r for r in written(bent(mesh=mesh)) if r.get("alert") == "MeshWorkloadCertNotRotating"
        ]
        assert rule["expr"].endswith("< 7200")

    @pytest.mark.parametrize(
        "change", [{"enabled": False}, {"install": False}, {"results": {}}], ids=str
    )
    def test_nobody_waits_for_a_detector_that_writes_nothing(self, change):
        anomaly = Anomaly.model_validate(STACK.anomaly.model_dump() | change)
        names = {rule.get("alert", "") for rule in written(bent(anomaly=anomaly))}
        assert not {name for name in names if name.startswith("Anomaly")}

    def test_a_detector_that_stays_has_no_jobs(self):
        anomaly = Anomaly.model_validate(STACK.anomaly.model_dump() | {"mode": "deployment"})
        names = {rule.get("alert") for rule in written(bent(anomaly=anomaly))}
        assert "AnomalyDetectorFailing" in names
        assert "AnomalyDetectorJobsFailing" not in names

    @pytest.mark.parametrize(
        "signals",
        [{"preset": "http"}, {"saturation": True}, {"preset": "none", "saturation": True}],
        ids=str,
    )
    def test_findings_go_by_one_name_whatever_labels_a_signal_has(self, signals):
        anomaly = Anomaly.model_validate(STACK.anomaly.model_dump() | {"signals": signals})
        for rule in written(bent(anomaly=anomaly)):
            assert faults(rule["expr"]) == []
            if rule.get("alert") == "AnomalyDetected":
                assert '"destination_service_name", "$1", "service", "(.+)"' in rule["expr"]

    def test_without_experiments_of_its_own_nobody_misses_chaos_mesh(self):
        sources = [
            rule["labels"]["source"]
            for rule in written(bent(chaos=Chaos()))
            if rule.get("alert") == "TelemetryMissing"
        ]
        assert "chaos-mesh" not in sources
        assert "flux" in sources

    def test_the_state_of_flux_comes_from_kube_state_metrics_where_there_is_no_operator(self):
        gitops = STACK.gitops.model_dump() | {"install": "none"}
        rules = written(bent(gitops=GitOps.model_validate(gitops)))
        text = yaml.safe_dump(rules)
        assert "gotk_resource_info" in text
        assert "flux_resource_info" not in text
        for rule in rules:
            assert faults(rule["expr"]) == []
