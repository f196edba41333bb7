from policy.rules.mesh_subset_exists import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

DESTINATION = "spec.http[0].route[0].destination"


class TestSubsetExists(RuleContract):
    rule = RULE
    good = {
        "a short host means the same": case({"spec.host": "api", f"1:{DESTINATION}.host": "api"}),
        "no subset is asked for": case({f"1:{DESTINATION}.subset": GONE}),
        "a mirror to a known subset": case(
            {"1:spec.http[0].mirror": {"host": "api", "subset": "stable"}}
        ),
        "a route from another namespace": case({"1:metadata.namespace": "web"}),
    }
    bad = {
        "misspelt": case({f"1:{DESTINATION}.subset": "stabel"}, f"{DESTINATION}.subset"),
        "no subsets": case({"spec.subsets": GONE}, f"{DESTINATION}.subset", says="none"),
        "the rule is for another host": case(
            {"spec.host": "web.brisa.svc.cluster.local"}, f"{DESTINATION}.subset"
        ),
        "the rule is in another namespace": case(
            {"metadata.namespace": "other"}, f"{DESTINATION}.subset"
        ),
        "a short host in another namespace is another host": case(
            {"1:metadata.namespace": "web", f"1:{DESTINATION}.host": "api"},
            f"{DESTINATION}.subset",
        ),
        "a mirror": case(
            {"1:spec.http[0].mirror": {"host": "api", "subset": "shadow"}},
            "spec.http[0].mirror.subset",
        ),
        "one of several mirrors": case(
            {"1:spec.http[0].mirrors": [{"destination": {"host": "api", "subset": "shadow"}}]},
            "spec.http[0].mirrors[0].destination.subset",
        ),
        "a stream": case(
            {"1:spec.tcp": [{"route": [{"destination": {"host": "api", "subset": "shadow"}}]}]},
            "spec.tcp[0].route[0].destination.subset",
        ),
        "only the second destination": case(
            {
                "1:spec.http[0].route[1]": {
                    "destination": {"host": "api.brisa.svc.cluster.local", "subset": "canary"}
                }
            },
            "spec.http[0].route[1].destination.subset",
        ),
    }
