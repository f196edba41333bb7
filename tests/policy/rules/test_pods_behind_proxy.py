from policy.rules.pods_behind_proxy import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

POD = "spec.template.spec"
ABOUT = "spec.template.metadata"
INJECT = '["sidecar.istio.io/inject"]'
EXCLUDED = '["traffic.sidecar.istio.io/excludeOutboundIPRanges"]'
CRON_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: api-report, namespace: brisa}
spec:
  schedule: 0 2 * * *
  jobTemplate: {spec: {template: {spec: {serviceAccountName: api, containers: [{name: c}]}}}}
"""
SINGLE = """\
apiVersion: v1
kind: Pod
metadata: {name: debug, namespace: brisa, annotations: {sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: c, image: x}]}
"""


class TestBehindProxy(RuleContract):
    rule = RULE
    config = {"accounts": {"brisa/api": "api", "brisa/web": "frontend"}}
    good = {
        "what Istio writes itself": case(
            {
                f"{ABOUT}.annotations": {
                    "traffic.sidecar.istio.io/includeInboundPorts": "*",
                    "traffic.sidecar.istio.io/excludeInboundPorts": "15020,15021,15090",
                    "sidecar.istio.io/interceptionMode": "REDIRECT",
                },
                f"{POD}.initContainers": [
                    {
                        "name": "istio-init",
                        "securityContext": {"capabilities": {"add": ["NET_ADMIN"]}},
                    }
                ],
            }
        ),
        "a proxy by another word for yes": case({f"{ABOUT}.labels{INJECT}": "True"}),
        "settings of the proxy": case(
            {f'{ABOUT}.annotations["proxy.istio.io/config"]': "concurrency: 2"}
        ),
        "a low port": case(
            {
                f"{POD}.containers[0].securityContext": {
                    "capabilities": {"add": ["NET_BIND_SERVICE"]}
                }
            }
        ),
        "the service itself": case({"metadata.name": "api"}),
        "a job of the service": case(objects=CRON_JOB),
        "somebody with an account of its own": case(
            {
                "metadata.name": "tool",
                f"{ABOUT}.labels": {"app": "tool"},
                f"{POD}.serviceAccountName": "t",
            }
        ),
        "some calls past the proxy": case({f"{ABOUT}.annotations{EXCLUDED}": "10.0.0.0/8"}),
        "where no services are": case({"metadata.namespace": "theirs", f"{POD}.hostNetwork": True}),
    }
    bad = {
        "the node's network": case({f"{POD}.hostNetwork": True}, f"{POD}.hostNetwork"),
        "the node's files": case(
            {f"{POD}.volumes": [{"name": "x", "hostPath": {"path": "/"}}]},
            f"{POD}.volumes[0].hostPath",
        ),
        "privileged": case(
            {f"{POD}.containers[0].securityContext": {"privileged": True}},
            f"{POD}.containers[0].securityContext.privileged",
        ),
        "no proxy": case({f"{ABOUT}.labels{INJECT}": "false"}, f"{ABOUT}.labels{INJECT}"),
        "a pod without a proxy": case({}, f"metadata.annotations{INJECT}", objects=SINGLE),
        "every call past it": case(
            {f"{ABOUT}.annotations{EXCLUDED}": "0.0.0.0/0"}, f"{ABOUT}.annotations{EXCLUDED}"
        ),
        "another proxy": case(
            {f'{ABOUT}.annotations["sidecar.istio.io/proxyImage"]': "evil"},
            f'{ABOUT}.annotations["sidecar.istio.io/proxyImage"]',
        ),
        "the label of a service": case(
            {"metadata.name": "tool", f"{POD}.serviceAccountName": GONE},
            f"{ABOUT}.labels.app",
            says="whose requests",
        ),
        "the account of a service": case(
            {f"{POD}.serviceAccountName": "frontend"}, f"{POD}.serviceAccountName", says="web's"
        ),
        "a job with the account of a service": case(
            {"metadata.name": "report"},
            "spec.jobTemplate.spec.template.spec.serviceAccountName",
            objects=CRON_JOB,
        ),
        "a port of the node": case(
            {f"{POD}.containers[0].ports": [{"hostPort": 80}]},
            f"{POD}.containers[0].ports[0].hostPort",
        ),
        "a right to redirect": case(
            {f"{POD}.containers[0].securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}},
            f"{POD}.containers[0].securityContext.capabilities.add[0]",
        ),
        "the proxy's user": case(
            {f"{POD}.securityContext": {"runAsUser": 1337}}, f"{POD}.securityContext.runAsUser"
        ),
        "the proxy's group": case(
            {f"{POD}.containers[0].securityContext": {"runAsGroup": 1337}},
            f"{POD}.containers[0].securityContext.runAsGroup",
        ),
        "no proxy in another word": case(
            {f"{ABOUT}.labels{INJECT}": "No"}, f"{ABOUT}.labels{INJECT}"
        ),
        "another data plane": case(
            {f'{ABOUT}.labels["istio.io/dataplane-mode"]': "ambient"},
            f'{ABOUT}.labels["istio.io/dataplane-mode"]',
        ),
        "another control plane": case(
            {f'{ABOUT}.annotations["proxy.istio.io/config"]': "discoveryAddress: evil:15012"},
            f'{ABOUT}.annotations["proxy.istio.io/config"]',
        ),
        "half of all calls past it": case(
            {f"{ABOUT}.annotations{EXCLUDED}": "10.0.0.0/8,128.0.0.0/1"},
            f"{ABOUT}.annotations{EXCLUDED}",
        ),
        "the label of a service on a ReplicaSet": case(
            {"kind": "ReplicaSet", "metadata.name": "tool", f"{POD}.serviceAccountName": GONE},
            f"{ABOUT}.labels.app",
        ),
    }
