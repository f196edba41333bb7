from policy.rules.mesh_no_posing import RULE
from tests.policy.contract import RuleContract, case

HOST = "spec.hosts[0]"
GROUP = """\
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: {name: legacy, namespace: brisa}
spec: {metadata: {labels: {app: api}}, template: {serviceAccount: legacy}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: api, namespace: brisa}
spec: {externalIPs: [198.51.100.7], ports: [{port: 443}]}
"""


class TestNoPosing(RuleContract):
    rule = RULE
    good = {
        "the service as Flagger leaves it": case(
            {"spec": {"selector": {"app": "api-primary"}}},
            objects=SERVICE,
            config={"accounts": {"brisa/api": "api"}},
        ),
        "a wildcard outside": case({f"1:{HOST}": "*.payments.example"}),
        "a machine without labels": case({"0:spec.labels": {}}),
    }
    bad = {
        "a service by its full name": case(
            {f"1:{HOST}": "api.brisa.svc.cluster.local"}, HOST, says="sent elsewhere"
        ),
        "a service by its short name": case({f"1:{HOST}": "api"}, HOST),
        "a machine that Services select": case(
            {"0:spec.labels": {"app": "api"}}, "spec.labels.app", says="app=api"
        ),
        "machines that Services select": case({}, "spec.metadata.labels.app", objects=GROUP),
        "every address": case({"1:spec.addresses": ["0.0.0.0/0"]}, "spec.addresses[0]"),
        "addresses of others": case({}, "spec.externalIPs[0]", objects=SERVICE),
        "a service that leads outside": case(
            {"spec": {"type": "ExternalName", "externalName": "evil.example.com"}},
            "spec.type",
            objects=SERVICE,
            config={"accounts": {"brisa/api": "api"}},
        ),
        "a service that leads to others": case(
            {"spec": {"selector": {"app": "evil"}}},
            "spec.selector.app",
            objects=SERVICE,
            config={"accounts": {"brisa/api": "api"}},
        ),
        "a service that anybody may answer for": case(
            {"spec": {"ports": [{"port": 80}]}},
            "spec.selector",
            objects=SERVICE,
            config={"accounts": {"brisa/api": "api"}},
        ),
        "half of all addresses": case({"1:spec.addresses": ["128.0.0.0/1"]}, "spec.addresses[0]"),
    }
