"""Every query of every board is PromQL, asks for series that exist, and finds them."""

import math

import pytest

from tests.monitoring.history import History
from tests.monitoring.language import faults, parsed
from tests.monitoring.panels import BUILT_IN, filled_in, queries, variables
from tests.monitoring.story import END, moment
from tests.observability.dashboards.conftest import BOARDS

QUERIES = [
    pytest.param(query, id=str(query))
    for name, document in BOARDS.items()
    for query in queries(name, document)
]
each_query = pytest.mark.parametrize("query", QUERIES)

MOMENTS = (END, moment("05:20"), moment("06:10"), moment("02:01"))
"""The end of the recorded hours, a bad release, plain text, an experiment."""


@each_query
def test_a_query_is_promql_of_the_right_types(query):
    parsed(filled_in(query.expr, BOARDS[query.board]))


@each_query
def test_a_query_asks_for_metrics_and_labels_that_are_exported(query):
    assert faults(filled_in(query.expr, BOARDS[query.board])) == []


@each_query
def test_a_range_follows_from_the_scrape_interval_or_is_the_rules_own(query):
    assert "[5m]" not in query.expr or query.board == "anomaly"


def finite(found):
    return [
        float(value)
        for series in found
        for _, value in series.get("values", [series.get("value")])
        if math.isfinite(float(value))
    ]


@pytest.mark.cluster
@each_query
def test_a_query_finds_data_in_a_real_prometheus(query, history: History):
    expr = filled_in(query.expr, BOARDS[query.board])
    if query.instant:
        assert any(finite(history.instant(expr, time)) for time in MOMENTS)
    else:
        assert finite(history.over(expr))


@pytest.mark.cluster
@pytest.mark.parametrize("query", [each for each in QUERIES if "$service" in each.values[0].expr])
def test_a_query_about_services_finds_those_that_are_chosen(query, history: History):
    expr = filled_in(query.expr, BOARDS[query.board], service="api-service")
    found = history.over(expr)
    services = {
        name for series in found if (name := series["metric"].get("destination_service_name"))
    }
    assert services <= {"api-service"}


class TestTheCheckItself:
    """A wrong query is found out."""

    @pytest.mark.parametrize(
        "expr, fault",
        [
            ("rate(istio_request_total[5m])", "istio_request_total is not exported"),
            ('istio_requests_total{service="x"}', "istio_requests_total has no label service"),
            ("sum by (service) (istio_requests_total)", "no series has a label service"),
            ("gotk_reconcile_condition", "gotk_reconcile_condition is not exported"),
        ],
    )
    def test_names_that_nobody_exports(self, expr, fault):
        assert faults(expr) == [fault]

    @pytest.mark.parametrize("expr", ["rate(istio_requests_total)", "sum by (le", "1 + "])
    def test_what_is_no_promql(self, expr):
        with pytest.raises(ValueError, match=r"expected|unclosed|invalid"):
            parsed(expr)

    def test_variables_are_all_filled_in(self):
        for document in BOARDS.values():
            assert {*variables(document), *BUILT_IN}
