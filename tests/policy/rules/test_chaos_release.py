from policy.rules.chaos_release import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

VALUES = "values"


class TestRelease(RuleContract):
    rule = RULE
    good = {
        "another chart": case({"chart": "istiod", "values": {}}),
        "a chart on disk": case({"chart": "./charts/chaos-mesh", "version": GONE}),
        "host network where that is configured": case(
            {f"{VALUES}.controllerManager.allowHostNetworkTesting": True},
            config={"allowHostNetworkTesting": True},
        ),
    }
    bad = {
        "a vulnerable chart": case({"version": "2.7.2"}, "version", says="2.7.3"),
        "vulnerable images": case({f"{VALUES}.images": {"tag": "v2.6.0"}}, f"{VALUES}.images.tag"),
        "faults in every namespace": case(
            {f"{VALUES}.controllerManager": GONE},
            f"{VALUES}.controllerManager.enableFilterNamespace",
        ),
        "the filter is off": case(
            {f"{VALUES}.controllerManager.enableFilterNamespace": False},
            f"{VALUES}.controllerManager.enableFilterNamespace",
        ),
        "a privileged daemon": case(
            {f"{VALUES}.chaosDaemon.privileged": True}, f"{VALUES}.chaosDaemon.privileged"
        ),
        "privileged by default": case(
            {f"{VALUES}.chaosDaemon.privileged": GONE}, f"{VALUES}.chaosDaemon.privileged"
        ),
        "Docker": case(
            {f"{VALUES}.chaosDaemon.runtime": "docker"}, f"{VALUES}.chaosDaemon.runtime"
        ),
        "Docker's socket": case(
            {f"{VALUES}.chaosDaemon.socketPath": "/var/run/docker.sock"},
            f"{VALUES}.chaosDaemon.socketPath",
        ),
        "Docker's socket by default": case(
            {f"{VALUES}.chaosDaemon.socketPath": GONE}, f"{VALUES}.chaosDaemon.socketPath"
        ),
        "an open dashboard": case(
            {f"{VALUES}.dashboard.securityMode": False}, f"{VALUES}.dashboard.securityMode"
        ),
        "a dashboard on every node": case(
            {f"{VALUES}.dashboard.service": GONE}, f"{VALUES}.dashboard.service.type"
        ),
        "profiling": case({f"{VALUES}.enableProfiling": GONE}, f"{VALUES}.enableProfiling"),
        "a webhook that fails open": case(
            {f"{VALUES}.webhook": {"FailurePolicy": "Ignore"}}, f"{VALUES}.webhook.FailurePolicy"
        ),
        "the old control server": case(
            {f"{VALUES}.enableCtrlServer": True}, f"{VALUES}.enableCtrlServer"
        ),
        "a debugger": case({f"{VALUES}.chaosDlv": {"enable": True}}, f"{VALUES}.chaosDlv.enable"),
        "the kernel": case({f"{VALUES}.bpfki": {"create": True}}, f"{VALUES}.bpfki.create"),
        "no encryption to the daemon": case(
            {f"{VALUES}.chaosDaemon.mtls": {"enabled": False}}, f"{VALUES}.chaosDaemon.mtls.enabled"
        ),
        "pods on the host's network": case(
            {f"{VALUES}.controllerManager.allowHostNetworkTesting": True},
            f"{VALUES}.controllerManager.allowHostNetworkTesting",
        ),
    }
