"""What counts against an objective."""

import pytest

from observability.alerting_rules.objectives import BUCKETS, objectives, slow, unavailable_share
from settings.catalogue import Service
from tests.monitoring.history import History
from tests.monitoring.language import parsed, selections
from tests.monitoring.story import moment
from vocabulary import recorded as r

SERVICE = 'destination_service_name="{}"'


def service(**keys):
    return Service.model_validate({"name": "api", "namespace": "shop", "port": 80} | keys)


def recordings(*services, record):
    return [
        rule
        for group in objectives(services)
        for rule in group.rules
        if getattr(rule, "record", None) == record
    ]


class TestBudgets:
    def test_are_what_the_catalogue_leaves(self):
        promised = service(slo={"availabilityPercent": 99.95})
        assert unavailable_share(promised) == 0.0005
        by_slo = {rule.labels["slo"]: rule.expr for rule in recordings(promised, record=r.BUDGET)}
        assert by_slo == {"availability": "vector(0.0005)", "latency": "vector(0.05)"}

    def test_are_one_for_each_objective_of_each_service(self):
        rules = recordings(service(), service(name="web"), record=r.BUDGET)
        assert len({tuple(sorted(rule.labels.items())) for rule in rules}) == len(rules) == 4


class TestCounting:
    def test_services_of_other_namespaces_are_not_mixed_in(self):
        both = service(), service(name="web", namespace="front")
        (events, _) = recordings(*both, record=r.EVENTS)
        assert (
            'destination_service_namespace="shop", destination_service_name=~"api"' in events.expr
        )
        assert (
            'destination_service_namespace="front", destination_service_name=~"web"' in events.expr
        )

    def test_is_done_where_callers_are(self):
        for rule in [
            *recordings(service(), record=r.EVENTS),
            *recordings(service(), record=r.ERRORS),
        ]:
            assert all("reporter" in each.labels for each in selections(parsed(rule.expr)))
            assert 'reporter="destination"' not in rule.expr


class TestSlowRequests:
    def test_are_those_beyond_a_bound_of_the_histogram(self):
        expr = slow(500, "5m")
        assert 'le=~"500(\\\\.0)?"' in expr
        assert expr.count("_bucket") == 1

    def test_between_two_bounds_are_shared_out(self):
        expr = slow(300, "5m")
        assert "0.2 * " in expr
        assert "0.8 * " in expr
        assert 'le=~"250(\\\\.0)?"' in expr
        assert 'le=~"500(\\\\.0)?"' in expr

    @pytest.mark.parametrize("objective", [1, 7, 42, 300, 999, 2500, 59_999, 60_000])
    def test_are_promql_for_every_objective(self, objective):
        parsed(slow(objective, "5m"))

    def test_bounds_are_in_order(self):
        assert list(BUCKETS) == sorted(BUCKETS)


@pytest.mark.cluster
class TestRecordedHours:
    """What a real Prometheus makes of eight hours of metrics."""

    @pytest.mark.parametrize("time", ["01:00", "02:34", "05:20", "07:00"])
    def test_the_latency_objective_agrees_with_the_percentile(self, history: History, time):
        # 5 % are slower than the objective exactly when the 95th percentile is at it.
        for name, objective in (("api-service", 300), ("booking-service", 500), ("web", 800)):
            of = SERVICE.format(name)
            share = f'{r.error_share("5m")}{{{of}, slo="latency"}}'
            buckets = (
                f'rate(istio_request_duration_milliseconds_bucket{{reporter="source", {of}}}[5m])'
            )
            percentile = f"histogram_quantile(0.95, sum by (le) ({buckets}))"
            missed = history.value(share, moment(time)) > 0.05
            assert missed is (history.value(percentile, moment(time)) > objective)

    def test_long_windows_count_every_request_once(self, history: History):
        of = f'{SERVICE.format("booking-service")}, reporter="source"'
        requests = "istio_requests_total"
        failed = f'sum(increase({requests}{{{of}, response_code=~"5.."}}[6h]))'
        share = f"{failed} / sum(increase({requests}{{{of}}}[6h]))"
        recorded = (
            f'{r.error_share("6h")}{{{SERVICE.format("booking-service")}, slo="availability"}}'
        )
        at = moment("08:00")
        assert history.value(recorded, at) == pytest.approx(history.value(share, at), rel=0.03)

    def test_a_budget_is_spent_by_what_is_missed(self, history: History):
        left = {
            (each["metric"]["destination_service_name"], each["metric"]["slo"]): float(
                each["value"][1]
            )
            for each in history.instant(r.BUDGET_LEFT)
        }
        assert left["booking-service", "availability"] < 0
        assert left["web", "availability"] == pytest.approx(0.8, abs=0.02)  # 0.02 % of 0.1 %
