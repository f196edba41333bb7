from policy.rules.pods_restricted import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

POD = "spec.jobTemplate.spec.template.spec"
CONTEXT = f"{POD}.containers[0].securityContext"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
spec: {template: {spec: {containers: [{name: a, securityContext: {privileged: true}}]}}}
"""


class TestRestricted(RuleContract):
    rule = RULE
    good = {
        "the container says it": case(
            {
                f"{POD}.securityContext": GONE,
                f"{CONTEXT}.runAsNonRoot": True,
                f"{CONTEXT}.seccompProfile": {"type": "Localhost"},
            }
        ),
        "a low port": case({f"{CONTEXT}.capabilities.add": ["NET_BIND_SERVICE"]}),
        "ordinary volumes": case({f"{POD}.volumes": [{"name": "tmp", "emptyDir": {}}]}),
    }
    bad = {
        "root": case(
            {f"{POD}.securityContext.runAsNonRoot": False}, f"{POD}.securityContext.runAsNonRoot"
        ),
        "maybe root": case(
            {f"{POD}.securityContext.runAsNonRoot": GONE}, f"{POD}.securityContext.runAsNonRoot"
        ),
        "the container is root": case(
            {f"{CONTEXT}.runAsNonRoot": False}, f"{CONTEXT}.runAsNonRoot"
        ),
        "user 0": case({f"{POD}.securityContext.runAsUser": 0}, f"{POD}.securityContext.runAsUser"),
        "privileged": case({f"{CONTEXT}.privileged": True}, f"{CONTEXT}.privileged"),
        "escalation": case(
            {f"{CONTEXT}.allowPrivilegeEscalation": GONE}, f"{CONTEXT}.allowPrivilegeEscalation"
        ),
        "capabilities kept": case(
            {f"{CONTEXT}.capabilities": GONE}, f"{CONTEXT}.capabilities.drop"
        ),
        "some capabilities kept": case(
            {f"{CONTEXT}.capabilities.drop": ["NET_RAW"]}, f"{CONTEXT}.capabilities.drop"
        ),
        "capabilities added": case(
            {f"{CONTEXT}.capabilities.add": ["SYS_ADMIN"]}, f"{CONTEXT}.capabilities.add[0]"
        ),
        "no seccomp": case(
            {f"{POD}.securityContext.seccompProfile": GONE},
            f"{POD}.securityContext.seccompProfile.type",
        ),
        "seccomp off": case(
            {f"{POD}.securityContext.seccompProfile.type": "Unconfined"},
            f"{POD}.securityContext.seccompProfile.type",
        ),
        "a writable image": case(
            {f"{CONTEXT}.readOnlyRootFilesystem": GONE}, f"{CONTEXT}.readOnlyRootFilesystem"
        ),
        "the node's network": case({f"{POD}.hostNetwork": True}, f"{POD}.hostNetwork"),
        "the node's processes": case({f"{POD}.hostPID": True}, f"{POD}.hostPID"),
        "the node's files": case(
            {f"{POD}.volumes": [{"name": "etc", "hostPath": {"path": "/etc"}}]},
            f"{POD}.volumes[0].hostPath",
        ),
        "an init container": case(
            {f"{POD}.initContainers": [{"name": "init"}]},
            f"{POD}.initContainers[0].securityContext.allowPrivilegeEscalation",
        ),
        "a Deployment": case(
            {}, "spec.template.spec.containers[0].securityContext.privileged", objects=DEPLOYMENT
        ),
    }
