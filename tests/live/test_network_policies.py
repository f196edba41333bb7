"""Network policies are enforced, where the kernel can."""

import signal
from collections.abc import Iterator

import pytest

from sandbox.node.preflight import NETWORK_POLICIES
from tests.live.conftest import eventually
from tests.live.workloads import namespace, pod_spec, web

HOME = "live-policies"


@pytest.fixture(scope="module", autouse=True)
def served(live, preflight) -> Iterator[None]:
    """A web server, and two pods that ask it."""
    if reason := preflight.reason(NETWORK_POLICIES):
        pytest.skip(reason)
    live.apply(namespace(HOME))
    asking = {"spec": {**pod_spec("import time; time.sleep(3600)")}, "apiVersion": "v1"}
    pods = [
        asking
        | {"kind": "Pod", "metadata": {"name": name, "namespace": HOME, "labels": {"who": name}}}
        for name in ("friend", "stranger")
    ]
    live.apply(*web("web", HOME), *pods)
    live.wait("-n", HOME, "--for=condition=Ready", "pod/friend", "pod/stranger")
    live.wait("-n", HOME, "--for=condition=Available", "deployment/web")
    yield
    live.kubectl("delete", "namespace", HOME, "--wait=false")


def answered(live, who: str) -> bool:
    """Whether a pod reaches the web server."""
    script = "import urllib.request as u; u.urlopen('http://web/x', timeout=2)"
    return live.try_kubectl("-n", HOME, "exec", who, "--", "python3", "-c", script) is not None


def test_only_who_is_named_gets_through_and_all_do_again_without_the_policy(live):
    """An ingress policy by label; names are resolved all the time."""
    assert answered(live, "friend")
    assert answered(live, "stranger")
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "friends-only", "namespace": HOME},
        "spec": {
            "podSelector": {"matchLabels": {"app": "web"}},
            "ingress": [{"from": [{"podSelector": {"matchLabels": {"who": "friend"}}}]}],
        },
    }
    live.apply(policy)
    eventually(lambda: not answered(live, "stranger"), what="the stranger is kept out")
    assert answered(live, "friend")
    live.kubectl("-n", HOME, "delete", "networkpolicy", "friends-only")
    eventually(lambda: answered(live, "stranger"), what="the stranger gets through again")


def test_a_pod_that_may_talk_to_nobody_reaches_nobody(live):
    """An egress policy without rules, names included."""
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "silent", "namespace": HOME},
        "spec": {"podSelector": {"matchLabels": {"who": "stranger"}}, "policyTypes": ["Egress"]},
    }
    live.apply(policy)
    eventually(lambda: not answered(live, "stranger"), what="the stranger reaches nobody")
    assert answered(live, "friend")
    live.kubectl("-n", HOME, "delete", "networkpolicy", "silent")


def test_when_the_enforcer_is_killed_it_comes_back(live):
    """And enforces again."""
    before = live.services()["network-policies"].process
    before.send(signal.SIGKILL)
    eventually(
        lambda: live.all_ready() and live.services()["network-policies"].process != before,
        what="the enforcer started again",
    )
    test_a_pod_that_may_talk_to_nobody_reaches_nobody(live)
