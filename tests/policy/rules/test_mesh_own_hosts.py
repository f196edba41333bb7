from policy.rules.mesh_own_hosts import RULE
from tests.policy.contract import RuleContract, case

HOST = "spec.hosts[0]"
RULES = """\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: brisa}
spec:
  host: api.brisa.svc.cluster.local
"""


class TestOwnHosts(RuleContract):
    rule = RULE
    good = {
        "a short host": case({HOST: "api"}),
        "a host outside": case({HOST: "api.example.com"}),
        "a wildcard outside": case({HOST: "*.example.com"}),
        "many hosts at a gateway": case({HOST: "*", "spec.gateways": ["ingress/public"]}),
        "a rule about its own": case(objects=RULES),
    }
    bad = {
        "a host of another namespace": case(
            {"metadata.namespace": "web"}, HOST, says="write it in brisa"
        ),
        "every host": case({HOST: "*"}, HOST, says="every namespace"),
        "every host of the cluster": case({HOST: "*.local"}, HOST),
        "every host, in the mesh and at a gateway": case(
            {HOST: "*.svc.cluster.local", "spec.gateways": ["mesh", "ingress/public"]}, HOST
        ),
        "a rule about another's": case({"metadata.namespace": "web"}, "spec.host", objects=RULES),
        "a rule about everybody's": case({"spec.host": "*.local"}, "spec.host", objects=RULES),
    }
