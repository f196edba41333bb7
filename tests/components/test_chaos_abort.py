from components.chaos_abort import AbortableWorkflows

GROUP = "kubernetes:admissionregistration.k8s.io/v1:"


class TestAbortableWorkflows:
    def test_every_workflow_born_without_annotations_gets_one(self, deploy):
        graph = deploy(lambda: AbortableWorkflows("abort"))
        spec = graph.one(f"{GROUP}MutatingAdmissionPolicy").spec
        (rule,) = spec["matchConstraints"]["resourceRules"]
        assert (rule["apiGroups"], rule["resources"]) == (["chaos-mesh.org"], ["workflows"])
        assert rule["operations"] == ["CREATE"]
        assert spec["matchConditions"][0]["expression"] == "!has(object.metadata.annotations)"
        (mutation,) = spec["mutations"]
        assert 'path: "/metadata/annotations"' in mutation["jsonPatch"]["expression"]

    def test_the_policy_is_in_force(self, deploy):
        graph = deploy(lambda: AbortableWorkflows("abort"))
        policy = graph.one(f"{GROUP}MutatingAdmissionPolicy")
        binding = graph.one(f"{GROUP}MutatingAdmissionPolicyBinding")
        assert binding.spec == {"policyName": policy.metadata["name"]}
        assert graph.waits(binding, policy)
