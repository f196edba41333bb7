"""A fault of the mesh ends by itself: by Kubernetes, not by whoever started it."""

import time

import pytest

from ops.chaos.mesh_fault import running
from vocabulary.kinds import ENVOY_FILTER
from vocabulary.labels import CHAOS_INJECT

pytestmark = pytest.mark.cluster


@pytest.fixture
def open_space(platform, space):
    platform.kubectl("annotate", "namespace", space, f"{CHAOS_INJECT}=enabled")
    platform.kubectl("create", "service", "clusterip", "api", "--tcp=80:80", "-n", space)
    return space


@pytest.fixture
def start(ops, space):
    given = ("chaos", "mesh-fault", "api", "-n", space, "--caller", "web", "--reason", "x", "--yes")
    return lambda *more: ops(*given, *more)


def gone_within(look, seconds):
    end = time.monotonic() + seconds
    while look():
        assert time.monotonic() < end
        time.sleep(0.5)


def test_it_goes_when_its_time_is_up(cluster, open_space, start):
    done = start("--delay", "500ms", "--for", "10s")
    assert done.code == 0, done.err
    assert len(cluster.all(ENVOY_FILTER, namespace=open_space)) == 1
    gone_within(lambda: cluster.all(ENVOY_FILTER, namespace=open_space), 40)
    assert running(cluster, open_space) == []


def test_stopping_everything_ends_it(cluster, open_space, start, ops):
    assert start("--abort", "503", "--for", "10m").code == 0
    done = ops("chaos", "pause-all", "-n", open_space, "--reason", "x", "--yes", "--no-wait")
    assert done.code == 0, done.err
    gone_within(lambda: cluster.all(ENVOY_FILTER, namespace=open_space), 20)


def test_a_trial_leaves_nothing(cluster, open_space, start):
    assert start("--delay", "1s", "--for", "1m", "--dry-run").code == 0
    assert cluster.all(ENVOY_FILTER, namespace=open_space) == []


def test_a_namespace_that_did_not_opt_in_is_refused(space, start):
    done = start("--delay", "1s", "--for", "1m")
    assert (done.code, "has not opted in" in done.err) == (2, True)
