"""What panels show of the recorded hours is what happened in them."""

import pytest

from observability.promql.presets import istio_signals
from tests.monitoring.history import History
from tests.monitoring.panels import filled_in, panels
from tests.monitoring.story import END, moment
from tests.observability.dashboards.conftest import BOARDS, STACK

pytestmark = pytest.mark.cluster

HOUR = 3600
SIGNALS = istio_signals([(service.namespace, service.name) for service in STACK.services])


def expr(board, number, reference="A", **chosen):
    """A query of a panel, by the panel's number."""
    (panel,) = [panel for panel in panels(BOARDS[board]) if panel["id"] == number]
    (target,) = [each for each in panel["targets"] if each["refId"] == reference]
    return filled_in(target["expr"], BOARDS[board], **chosen)


def by_service(found):
    """Values by the service's name."""
    return {each["metric"]["destination_service_name"]: float(each["value"][1]) for each in found}


class TestMesh:
    def test_failed_requests_are_those_of_the_bad_release(self, history: History):
        shares = by_service(history.instant(expr("mesh", 202), moment("05:20")))
        assert shares["booking-service"] == pytest.approx(0.12, abs=0.01)
        assert shares["web"] < 0.001

    def test_all_requests_are_encrypted_until_a_job_comes_in_plain_text(self, history: History):
        assert history.value(expr("mesh", 104), moment("05:20")) == 1
        assert history.value(expr("mesh", 104), moment("06:20")) < 1
        (caller,) = history.instant(expr("mesh", 402), END)
        assert caller["metric"]["source_workload"] == "legacy-job"

    def test_the_pods_of_the_bad_release_are_ejected(self, history: History):
        ejected = by_service(history.instant(expr("mesh", 501), moment("05:20")))
        assert ejected == {
            "api-service": 0,
            "booking-service": 1,
            "notification-service": 0,
            "web": 0,
        }

    def test_one_pool_is_full(self, history: History):
        full = by_service(history.instant(expr("mesh", 505), moment("05:20")))
        assert {name for name, value in full.items() if value} == {"booking-service"}

    def test_the_shortest_certificate_is_the_shortest_of_the_list(self, history: History):
        listed = [float(each["value"][1]) for each in history.instant(expr("mesh", 403))]
        assert history.value(expr("mesh", 106)) == min(listed)
        assert min(listed) >= 12 * HOUR

    def test_the_root_is_told_by_what_is_left(self, history: History):
        assert 8 < history.value(expr("mesh", 107)) / (365 * 24 * HOUR) < 9

    def test_the_objective_stands_beside_the_latency(self, history: History):
        assert history.value(expr("mesh", 702, "D", service="api-service")) == 300

    def test_a_page_goes_out_where_the_line_is(self, history: History):
        speeds = history.instant(expr("mesh", 302), moment("05:40"))
        booking = [
            float(each["value"][1])
            for each in speeds
            if each["metric"]["destination_service_name"] == "booking-service"
            and each["metric"]["slo"] == "availability"
        ]
        assert booking[0] > 14.4


class TestGitOps:
    def test_a_path_is_not_ready_while_its_release_is_not(self, history: History):
        assert history.value(expr("gitops", 101), moment("05:20")) == 1
        assert history.value(expr("gitops", 101), END) == 0

    def test_a_path_is_behind_between_fetch_and_attempt(self, history: History):
        assert history.value(expr("gitops", 103), moment("05:00")) == 1
        assert history.value(expr("gitops", 103), moment("05:20")) == 0
        assert history.value(expr("gitops", 302), moment("05:00")) == 0
        assert history.value(expr("gitops", 302), moment("05:20")) == 1

    def test_what_is_suspended_is_counted_and_not_as_failing(self, history: History):
        assert history.value(expr("gitops", 104)) == 1
        assert history.value(expr("gitops", 101)) == 0

    def test_the_history_has_every_revision_in_its_time(self, history: History):
        first = history.instant(expr("gitops", 404, "A"))
        begun = sorted(float(each["value"][1]) / 1000 for each in first)
        assert len(begun) == 3
        assert begun[1] == pytest.approx(moment("05:05"), abs=90)


class TestChaos:
    def test_an_experiment_is_active_while_it_runs(self, history: History):
        assert history.value(expr("chaos", 101), moment("02:32")) == 1
        assert history.value(expr("chaos", 101), moment("02:40")) == 0

    def test_the_window_is_open_from_two_to_six(self, history: History):
        states = [
            history.value(expr("chaos", 104), moment(text))
            for text in ("01:59", "02:01", "05:59", "06:01")
        ]
        assert states == [0, 1, 1, 0]

    def test_one_injection_of_seven_attempts_failed(self, history: History):
        assert history.value(expr("chaos", 105)) == pytest.approx(1 / 7)

    def test_recovery_is_the_time_that_the_service_needed(self, history: History):
        # Latency stays high for two and a half minutes after the CPU stress is over.
        assert history.value(expr("chaos", 107)) == pytest.approx(150, abs=45)

    def test_a_service_that_held_its_objectives_scores_all(self, history: History):
        scores = by_service(history.instant(expr("chaos", 301)))
        assert scores["booking-service"] == 1
        assert 0.5 < scores["api-service"] < 0.95

    def test_marks_of_experiments_are_where_they_ran(self, history: History):
        (marks,) = [
            each for each in BOARDS["mesh"]["annotations"]["list"] if each["name"] == "Experiments"
        ]
        found = history.over(marks["target"]["expr"], step=30)
        times = {each["metric"]["kind"]: [t for t, _ in each["values"]] for each in found}
        assert times.keys() == {"PodChaos", "StressChaos"}
        assert min(times["StressChaos"]) == moment("02:30") + 30
        assert max(times["StressChaos"]) <= moment("02:33") + 60

    def test_the_detector_sees_the_stress(self, history: History):
        seen = by_service(history.instant(expr("chaos", 403), moment("02:33")))
        assert seen["api-service"] > 1


class TestAnomaly:
    def test_the_bad_release_is_anomalous_in_several_signals(self, history: History):
        found = history.instant(expr("anomaly", 201), moment("05:30"))
        booking = {
            each["metric"]["for"]
            for each in found
            if each["metric"]["destination_service_name"] == "booking-service"
        }
        assert booking == {"latency_p95", "latency_p99", "error_rate"}
        assert history.value(expr("anomaly", 101), moment("04:55")) == 0

    @pytest.mark.parametrize("place", range(len(SIGNALS)), ids=[each.name for each in SIGNALS])
    def test_what_is_measured_is_what_the_detector_reads(self, place, history: History):
        shown = by_service(history.instant(expr("anomaly", 501 + place), moment("05:20")))
        read = history.instant(SIGNALS[place].query, moment("05:20"))
        assert shown == pytest.approx(by_service(read))

    def test_the_measured_value_leaves_its_band_in_the_bad_release(self, history: History):
        at = {"time": moment("05:20")}
        measured, _, lower, upper = (
            history.value(expr("anomaly", 501, each, service="booking-service"), **at)
            for each in "ABCD"
        )
        assert lower < upper < measured
