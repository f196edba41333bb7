from policy.rules.chaos_no_remote_cluster import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, workflow


class TestNoRemoteCluster(RuleContract):
    rule = RULE
    good = {"an empty name is none": case({"spec.podChaos.remoteCluster": ""})}
    bad = {
        "in a schedule": case(
            {"spec.podChaos.remoteCluster": "prod"}, "spec.podChaos.remoteCluster"
        ),
        "in a workflow": case(
            {"spec": workflow(fault(remoteCluster="prod"))},
            "spec.workflow.templates[0].podChaos.remoteCluster",
        ),
        "bare": case({"kind": "PodChaos", "spec": {"remoteCluster": "prod"}}, "spec.remoteCluster"),
        "declared": case({"kind": "RemoteCluster", "spec": {"namespace": "x"}}, "kind"),
    }
