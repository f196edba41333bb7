from policy.rules.chaos_namespaces import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, pod_failure, workflow

NAMESPACES = "spec.podChaos.selector.namespaces"


class TestNamespaces(RuleContract):
    rule = RULE
    good = {
        "another namespace of services": case({NAMESPACES: ["brisa", "web"]}),
        "an allowed one": case(config={"allowed": ["brisa"]}),
        "a protection that was lifted": case({NAMESPACES: ["default"]}, config={"protected": []}),
    }
    bad = {
        "the API server's": case({NAMESPACES: ["kube-system"]}, f"{NAMESPACES}[0]"),
        "GitOps": case({NAMESPACES: ["brisa", "flux-system"]}, f"{NAMESPACES}[1]"),
        "the mesh": case({NAMESPACES: ["istio-ingress"]}, f"{NAMESPACES}[0]", says="protected"),
        "Chaos Mesh": case({NAMESPACES: ["chaos-mesh"]}, f"{NAMESPACES}[0]"),
        "monitoring": case({NAMESPACES: ["monitoring"]}, f"{NAMESPACES}[0]"),
        "the detector": case({NAMESPACES: ["anomaly-detection"]}, f"{NAMESPACES}[0]"),
        "not an allowed one": case(
            {}, f"{NAMESPACES}[0]", config={"allowed": ["web"]}, says="allowed ones (web)"
        ),
        "by pod names": case(
            {"spec.podChaos.selector": {"pods": {"kube-system": ["etcd-0"]}}},
            "spec.podChaos.selector.pods.kube-system",
        ),
        "the object itself": case({"metadata.namespace": "flux-system"}, "metadata.namespace"),
        "in a workflow": case(
            {"spec": workflow(fault(selector={"namespaces": ["kube-system"]}))},
            "spec.workflow.templates[0].podChaos.selector.namespaces[0]",
        ),
        "the other side of a network fault": case(
            {
                "spec": {
                    "type": "NetworkChaos",
                    "networkChaos": pod_failure(
                        target={"selector": {"namespaces": ["kube-system"]}}
                    ),
                }
            },
            "spec.networkChaos.target.selector.namespaces[0]",
        ),
    }
