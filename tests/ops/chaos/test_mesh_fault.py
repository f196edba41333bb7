"""Faults by the mesh: within bounds, for one caller, and never without an end."""

from datetime import timedelta

import pytest

from ops.chaos.mesh_fault import MeshFault, proxy_patch, timer
from ops.errors import UsageError

ABOUT = {"namespace": "shop"}


def fault(**keys):
    what = {
        "caller": "web",
        "service": "api",
        "delay": timedelta(milliseconds=500),
        "status": None,
        "percent": 50,
        "duration": timedelta(minutes=2),
    }
    return MeshFault(**(what | keys))


def test_what_is_within_bounds_is_let_through():
    fault().check()
    fault(delay=None, status=503).check()


@pytest.mark.parametrize(
    "keys, says",
    [
        ({"delay": None}, "one of them"),
        ({"status": 503}, "one of them"),
        ({"delay": timedelta(seconds=3)}, "at most 2s"),
        ({"delay": timedelta()}, "at most 2s"),
        ({"delay": None, "status": 200}, "400 to 599"),
        ({"percent": 51}, "1 to 50"),
        ({"percent": 0}, "1 to 50"),
        ({"duration": timedelta(hours=1)}, "10s to 15m0s"),
        ({"duration": timedelta(seconds=1)}, "10s to 15m0s"),
    ],
)
def test_what_is_beyond_them_is_refused(keys, says):
    with pytest.raises(UsageError, match=says):
        fault(**keys).check()


def test_its_job_has_no_pods_and_goes_when_its_time_is_up():
    spec = timer(fault(), ABOUT)["spec"]
    assert (spec["parallelism"], spec["activeDeadlineSeconds"]) == (0, 120)
    assert spec["ttlSecondsAfterFinished"] == 0


def test_only_the_callers_proxies_are_told_and_only_about_that_service():
    spec = proxy_patch(fault(), 8080, ABOUT)["spec"]
    assert spec["workloadSelector"] == {"labels": {"app": "web"}}
    (patch,) = spec["configPatches"]
    assert patch["match"] == {
        "context": "SIDECAR_OUTBOUND",
        "routeConfiguration": {"vhost": {"name": "api.shop.svc.cluster.local:8080"}},
    }


@pytest.mark.parametrize(
    "keys, what",
    [
        ({}, {"delay": {"fixed_delay": "0.5s"}}),
        ({"delay": None, "status": 503}, {"abort": {"http_status": 503}}),
    ],
)
def test_half_of_the_requests_have_it(keys, what):
    (patch,) = proxy_patch(fault(**keys), 80, ABOUT)["spec"]["configPatches"]
    config = patch["patch"]["value"]["typed_per_filter_config"]["envoy.filters.http.fault"]
    share = {"percentage": {"numerator": 50, "denominator": "HUNDRED"}}
    assert {key: each for key, each in config.items() if key != "@type"} == {
        key: each | share for key, each in what.items()
    }
