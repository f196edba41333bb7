"""Whether the detector still does its work."""

from datetime import timedelta

import pytest

from ops.detector import detector_of
from ops.errors import NotInstalledError
from tests.ops.conftest import NOW, made

HOUR = timedelta(hours=1)


def cron_job(*, success=None, age=HOUR, suspend=False, schedule="*/10 * * * *"):
    status = {}
    if success is not None:
        status["lastSuccessfulTime"] = (NOW - timedelta(minutes=success)).isoformat()
    spec = {"schedule": schedule, "suspend": suspend}
    return made("CronJob", age=age, spec=spec, status=status)


def deployment(replicas=1, available=1):
    return made("Deployment", spec={"replicas": replicas}, status={"readyReplicas": available})


def problem(*jobs, deployments=(), written=None):
    moment = None if written is None else NOW - timedelta(minutes=written)
    return detector_of(jobs, deployments, moment, NOW).problem


class TestCronJob:
    @pytest.mark.parametrize("minutes, well", [(5, True), (24, True), (26, False)])
    def test_may_miss_two_runs(self, minutes, well):
        assert (problem(cron_job(success=minutes)) == "") is well

    def test_says_for_how_long_it_has_not_succeeded(self):
        assert problem(cron_job(success=40)) == (
            "40m0s since its last success, of an interval of 10m0s"
        )

    def test_that_is_new_has_time(self):
        assert problem(cron_job(age=timedelta(minutes=5))) == ""

    def test_that_never_succeeded_is_told(self):
        assert problem(cron_job()).startswith("1h0m0s since it was installed")

    def test_is_believed_when_its_series_tell_of_a_success(self):
        assert problem(cron_job(success=40), written=5) == ""

    def test_that_is_switched_off_is_no_problem(self):
        assert problem(cron_job(success=400, suspend=True)) == ""

    def test_that_looks_rarely_has_more_time(self):
        assert problem(cron_job(success=100, schedule="0 * * * *")) == ""


class TestDeployment:
    def test_is_well_while_a_pod_is_ready(self):
        assert problem(deployments=[deployment()]) == ""

    def test_needs_a_pod(self):
        assert problem(deployments=[deployment(available=0)]) == (
            "no pod of its Deployment is ready"
        )

    def test_must_go_on_writing(self):
        assert problem(deployments=[deployment()], written=40).startswith("40m0s since")

    def test_that_is_scaled_to_nothing_is_switched_off(self):
        assert detector_of([], [deployment(0, 0)], None, NOW).suspended


def test_none_at_all_is_not_installed():
    with pytest.raises(NotInstalledError):
        problem()
