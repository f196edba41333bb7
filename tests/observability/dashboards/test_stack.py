"""What boards take from the configuration."""

import pytest

from settings.anomaly import Anomaly
from settings.catalogue import Service
from settings.chaos import Chaos
from settings.manual import Example
from settings.observability import Observability
from tests.monitoring.language import faults, parsed, selections
from tests.monitoring.panels import documents, filled_in, panels, queries

CALENDAR = 501


def service(name, namespace="shop"):
    return Service(name=name, namespace=namespace, port=80, chaos=True)


def signals(**keys):
    anomaly = {"prometheusUrl": "http://prometheus:9090", "signals": keys}
    return Anomaly.model_validate(anomaly)


STACKS = {
    "one service": Example(),
    "several namespaces": Example(services=[service("web", "front"), service("api")]),
    "kube-state-metrics": Example(observability=Observability(flux_state="kubeStateMetrics")),
    "no experiments": Example(chaos=Chaos()),
    "services' own metrics": Example(anomaly=signals(preset="http", saturation=True)),
    "a signal of one's own": Example(
        anomaly=signals(extra=[{"name": "sales", "query": "sum by (namespace, service) (up)"}])
    ),
}


OTHERS = {
    *("process_resident_memory_bytes", "go_goroutines", "up"),
    *("http_requests_total", "http_request_duration_seconds_bucket"),
}
"""What services export themselves, which nobody here can know."""


@pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)
def test_every_query_asks_for_what_is_exported(stack):
    for name, document in documents(stack).items():
        for query in queries(name, document):
            expr = filled_in(query.expr, document)
            if not OTHERS & {each.metric for each in selections(parsed(expr))}:
                assert faults(expr) == [], query


def test_boards_of_stacks_that_share_a_grafana_are_apart():
    one, other = documents(Example()), documents(Example(environment="staging"))
    assert {each["uid"] for each in one.values()}.isdisjoint(each["uid"] for each in other.values())


class TestCatalogue:
    def test_every_service_and_namespace_can_be_chosen(self):
        stack = STACKS["several namespaces"]
        for name in ("mesh", "anomaly", "chaos"):
            variables = {
                each["name"]: each["query"] for each in documents(stack)[name]["templating"]["list"]
            }
            assert variables["service"] == "web,api"
            assert variables["namespace"] == "front,shop"

    def test_a_service_more_makes_no_panel_more(self):
        many = Example(services=[service(f"service-{place}") for place in range(50)])
        for name, document in documents(many).items():
            assert len(list(panels(document))) == len(list(panels(documents(Example())[name])))


class TestSignals:
    def test_each_has_a_panel_in_its_own_unit(self):
        document = documents(STACKS["services' own metrics"])["anomaly"]
        units = {
            panel["title"]: panel["fieldConfig"]["defaults"]["unit"]
            for panel in panels(document)
            if panel["title"].startswith("$service: ")
        }
        assert units["$service: latency_p95"] == "s"
        assert units["$service: saturation_memory"] == "bytes"

    def test_one_of_ones_own_is_kept_to_the_services_that_are_chosen(self):
        document = documents(STACKS["a signal of one's own"])["anomaly"]
        (panel,) = [each for each in panels(document) if each["title"] == "$service: sales"]
        expr = panel["targets"][0]["expr"]
        assert expr.startswith("(sum by (namespace, service) (up)) and on (namespace, service)")
        assert 'service=~"$service"' in expr


class TestFlux:
    def test_kube_state_metrics_have_other_names(self):
        text = str(documents(STACKS["kube-state-metrics"])["gitops"])
        assert "gotk_resource_info" in text
        assert "flux_resource_info" not in text


class TestCalendar:
    @staticmethod
    def text(**keys):
        document = documents(Example(chaos=Chaos.model_validate(keys)))["chaos"]
        (panel,) = [panel for panel in panels(document) if panel["id"] == CALENDAR]
        return panel["options"]["content"]

    @staticmethod
    def schedule(**keys):
        fault = {"kind": "podFailure", "name": "api-pod-failure", "target": "api"}
        return {"cron": "0 3 * * mon", "hypothesis": "it holds", "fault": fault} | keys

    def test_lists_schedules_with_their_hypotheses(self):
        line = "| api-pod-failure | `0 3 * * mon` | podFailure on api | it holds |"
        assert line in self.text(schedules=[self.schedule()])

    def test_says_what_is_paused(self):
        assert "| api-pod-failure (paused) |" in self.text(schedules=[self.schedule(paused=True)])
        assert "kill switch" in self.text(killSwitch=True)
        assert "kill switch" not in self.text()

    def test_says_when_nothing_may_run(self):
        freeze = {"first": "2026-12-20", "last": "2026-12-31", "reason": "holidays"}
        text = self.text(window={"timezone": "America/Havana"}, freezes=[freeze])
        assert "02:00 to 06:00 America/Havana" in text
        assert "| 2026-12-20 | 2026-12-31 | holidays |" in text

    def test_takes_no_template_and_no_column_from_words(self):
        words = "a | b costs $service [[x]]\nand more"
        text = self.text(schedules=[self.schedule(hypothesis=words)])
        assert "a \\| b costs &#36;service [ [x]] and more |" in text
