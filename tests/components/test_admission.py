import pytest

from components.admission import AdmissionPolicies, AdmissionPoliciesArgs
from policy.errors import PolicyConfigError
from policy.stack import stack_configuration
from tests.program.stacks import configuration
from vocabulary.kinds import ADMISSION_BINDING, ADMISSION_POLICY


@pytest.fixture
def provision(deploy):
    def run(configuration, **args):
        return deploy(
            lambda: AdmissionPolicies(
                "admission", AdmissionPoliciesArgs(configuration, ("brisa",), **args), None
            )
        )

    return run


def actions(graph):
    return {tuple(binding.spec["validationActions"]) for binding in graph.all(ADMISSION_BINDING)}


class TestAdmissionPolicies:
    def test_pairs_every_policy_with_a_binding(self, provision):
        graph = provision(stack_configuration("prod", configuration("prod")))
        policies = {policy.metadata["name"] for policy in graph.all(ADMISSION_POLICY)}
        bound = {binding.spec["policyName"] for binding in graph.all(ADMISSION_BINDING)}
        assert policies
        assert policies == bound

    def test_a_binding_waits_for_its_policy(self, provision):
        graph = provision({})
        for binding in graph.all(ADMISSION_BINDING):
            policy = graph.one(ADMISSION_POLICY, binding.spec["policyName"])
            assert graph.waits(binding, policy)

    def test_everything_belongs_to_the_component(self, provision):
        graph = provision({})
        (component,) = graph.all("brisa:admission:AdmissionPolicies")
        assert {item.parent for item in graph.objects} == {component.urn}
        # Registrations arrive in any order.
        assert sorted(component.outputs["names"]) == sorted(
            item.metadata["name"] for item in graph.all(ADMISSION_POLICY)
        )

    def test_denies_unless_told_otherwise(self, provision):
        assert actions(provision({})) == {("Deny", "Audit")}

    @pytest.mark.parametrize(
        "enforcement, expected", [("Warn", ("Warn", "Audit")), ("Audit", ("Audit",))]
    )
    def test_can_be_tried_out_first(self, provision, enforcement, expected):
        assert actions(provision({}, enforcement=enforcement)) == {expected}

    def test_follows_the_levels_of_the_stack(self, provision):
        assert actions(provision({"all": "advisory"})) == {("Warn", "Audit")}
        assert provision({"all": "disabled"}).objects == []

    def test_a_wrong_configuration_is_named(self, provision):
        with pytest.raises(PolicyConfigError, match="chaos-durations: there is no such rule"):
            provision({"chaos-durations": "mandatory"})
