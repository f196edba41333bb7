import pytest

from components.chaos_stop import ChaosStop
from vocabulary.stop import BY_HAND, KILL_SWITCH, POLICY

GROUP = "kubernetes:admissionregistration.k8s.io/v1:"
BINDING = f"{GROUP}ValidatingAdmissionPolicyBinding"


@pytest.fixture
def stop(deploy, chaos):
    return lambda **keys: deploy(lambda: ChaosStop("stop", chaos(**keys), ["shop", "bank"]))


class TestChaosStop:
    def test_new_experiments_of_every_kind_are_judged_in_the_catalogues_namespaces(self, stop):
        spec = stop().one(f"{GROUP}ValidatingAdmissionPolicy").spec
        (rule,) = spec["matchConstraints"]["resourceRules"]
        assert {"schedules", "workflows", "podchaos", "iochaos"} <= set(rule["resources"])
        assert rule["operations"] == ["CREATE"]
        (condition,) = spec["matchConditions"]
        assert condition["expression"] == "object.metadata.namespace in ['bank', 'shop']"

    def test_nothing_is_refused_until_somebody_stops_them(self, stop):
        graph = stop(namespace="chaos")
        binding = graph.one(BINDING).spec
        assert binding["policyName"] == POLICY
        assert binding["paramRef"] == {
            "name": BY_HAND,
            "namespace": "chaos",
            "parameterNotFoundAction": "Allow",
        }
        assert graph.all("kubernetes:core/v1:ConfigMap") == []

    def test_the_kill_switch_is_an_object_of_its_own(self, stop):
        """Whoever resumes what people stopped does not take the stack's away."""
        graph = stop(killSwitch=True)
        assert graph.one("kubernetes:core/v1:ConfigMap").where == ("chaos-mesh", KILL_SWITCH)
        names = {each.spec["paramRef"]["name"] for each in graph.all(BINDING)}
        assert names == {BY_HAND, KILL_SWITCH}
