"""The effective mutual-TLS mode, as istiod decides it."""

import pytest

from ops.mesh.modes import effective, is_meshed, joins
from ops.mesh.mtls import coverage
from tests.ops.conftest import made

ROOT, AMBIENT = "istio-system", "istio.io/dataplane-mode"


def policy(
    mode, namespace="shop", name="default", *, selector=None, ports=None, created="2026-01-01"
):
    spec = {"mtls": {"mode": mode}} if mode else {}
    if selector:
        spec["selector"] = {"matchLabels": selector}
    if ports:
        spec["portLevelMtls"] = {port: {"mode": each} for port, each in ports.items()}
    metadata = {"creationTimestamp": f"{created}T00:00:00Z"}
    return made("PeerAuthentication", name, namespace, metadata=metadata, spec=spec)


def namespace(name="shop", **labels):
    return made("Namespace", name, None, metadata={"labels": labels})


def deployment(name="api", *, labels=None, notes=None):
    pod = {"labels": labels or {"app": name}, "annotations": notes or {}}
    return made("Deployment", name, spec={"template": {"metadata": pod}})


def mode(*policies, pod=None, space="shop"):
    return effective(space, pod or {"app": "api"}, policies, ROOT)[:2]


class TestEffectiveMode:
    @pytest.mark.parametrize(
        "policies, expected",
        [
            ([], "PERMISSIVE"),
            ([policy("STRICT", ROOT)], "STRICT"),
            ([policy("STRICT", ROOT), policy("PERMISSIVE")], "PERMISSIVE"),
            ([policy("PERMISSIVE"), policy("STRICT", selector={"app": "api"})], "STRICT"),
            ([policy("PERMISSIVE"), policy("STRICT", selector={"app": "web"})], "PERMISSIVE"),
            ([policy("STRICT", ROOT), policy("UNSET")], "STRICT"),
            ([policy("STRICT", ROOT), policy(None)], "STRICT"),
            ([policy("STRICT", ROOT), policy("UNSET", selector={"app": "api"})], "STRICT"),
            ([policy("DISABLE", "elsewhere")], "PERMISSIVE"),
            ([policy("STRICT", ROOT, selector={"app": "api"})], "PERMISSIVE"),
        ],
    )
    def test_is_that_of_the_nearest_policy(self, policies, expected):
        assert mode(*policies) == (expected, {})

    def test_of_several_the_oldest_counts(self):
        newer = policy("STRICT", name="a", created="2026-02-01")
        older = policy("PERMISSIVE", name="b", created="2026-01-01")
        assert mode(newer, older)[0] == "PERMISSIVE"

    def test_ports_may_have_one_of_their_own(self):
        exceptional = policy(
            "STRICT", selector={"app": "api"}, ports={8080: "DISABLE", 9090: "UNSET"}
        )
        assert mode(exceptional) == ("STRICT", {"8080": "DISABLE"})

    def test_ports_of_a_namespaces_policy_do_not_count(self):
        assert mode(policy("STRICT", ports={8080: "DISABLE"})) == ("STRICT", {})


class TestMembership:
    @pytest.mark.parametrize(
        "labels, meshed",
        [
            ({"istio-injection": "enabled"}, True),
            ({"istio.io/rev": "1-31"}, True),
            ({"istio.io/dataplane-mode": "ambient"}, True),
            ({"istio-injection": "disabled", "istio.io/rev": "1-31"}, False),
            ({}, False),
        ],
    )
    def test_of_a_namespace_follows_from_its_labels(self, labels, meshed):
        assert is_meshed(namespace(**labels)) is meshed

    @pytest.mark.parametrize(
        "labels, notes, space, joined",
        [
            ({}, {}, {"istio-injection": "enabled"}, True),
            ({"sidecar.istio.io/inject": "false"}, {}, {"istio-injection": "enabled"}, False),
            ({}, {"sidecar.istio.io/inject": "false"}, {"istio-injection": "enabled"}, False),
            ({"sidecar.istio.io/inject": "true"}, {}, {}, True),
            ({"sidecar.istio.io/inject": "true"}, {}, {"istio-injection": "disabled"}, False),
            (
                {"istio.io/dataplane-mode": "none"},
                {},
                {"istio.io/dataplane-mode": "ambient"},
                False,
            ),
        ],
    )
    def test_of_pods_can_be_their_own(self, labels, notes, space, joined):
        assert joins(labels, notes, namespace(**space)) is joined


class TestCoverage:
    MESHED = namespace(**{"istio-injection": "enabled"})

    def test_counts_what_takes_nothing_but_mutual_tls(self):
        (space,) = coverage([self.MESHED], [deployment()], [policy("STRICT")])
        assert space.is_as_declared
        assert space.workloads[0].is_strict

    @pytest.mark.parametrize(
        "workload, policies",
        [
            (deployment(), [policy("PERMISSIVE")]),
            (deployment(labels={"sidecar.istio.io/inject": "false"}), [policy("STRICT")]),
            (deployment(), [policy("STRICT"), policy("DISABLE", selector={"app": "api"})]),
            (
                deployment(),
                [policy("STRICT", selector={"app": "api"}, ports={80: "PERMISSIVE"}),
                 policy("STRICT")],
            ),
        ],
    )  # fmt: skip
    def test_sees_what_takes_plain_text(self, workload, policies):
        (space,) = coverage([self.MESHED], [workload], policies)
        assert not space.is_as_declared

    @staticmethod
    def opted(until, **keys):
        found = policy("STRICT", selector={"app": "api"}, ports={80: "PERMISSIVE"}, **keys)
        found["metadata"]["annotations"] = {
            "platform.brisa/plain-text-until": until,
            "platform.brisa/plain-text-reason": "old tills",
        }
        return [found, policy("STRICT")]

    def test_knows_which_service_has_been_let_take_plain_text(self):
        (space,) = coverage([self.MESHED], [deployment()], self.opted("2999-12-31"))
        (workload,) = space.workloads
        assert space.is_as_declared
        assert not workload.is_strict
        assert workload.opt_out.reason == "old tills"
        assert workload.opt_out.until.year == 2999

    @pytest.mark.parametrize("until", ["2026-01-31", "soon"])
    def test_a_leave_that_is_over_is_none(self, until):
        (space,) = coverage([self.MESHED], [deployment()], self.opted(until))
        assert not space.is_as_declared
        assert space.workloads[0].opt_out is None

    def test_leaves_out_what_is_no_part_of_the_mesh(self):
        assert list(coverage([namespace()], [deployment()], [policy("STRICT")])) == []

    def test_takes_in_a_namespace_of_which_one_workload_has_joined(self):
        joined = deployment(labels={"sidecar.istio.io/inject": "true"})
        (space,) = coverage([namespace()], [joined], [policy("STRICT", ROOT)])
        assert space.mode == "STRICT"
