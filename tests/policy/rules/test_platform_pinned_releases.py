from policy.rules.platform_pinned_releases import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE


class TestPinnedReleases(RuleContract):
    rule = RULE
    good = {
        "an OCI chart": case(
            {"chart": "oci://ghcr.io/x/flux-operator", "version": "0.59.0", "repositoryOpts": GONE}
        ),
        "a release candidate": case({"version": "v1.31.0-rc.1"}),
        "a folder where that is configured": case(
            {"chart": "./charts/istiod", "version": GONE}, config={"allowPath": True}
        ),
    }
    bad = {
        "no version": case({"version": GONE}, "version"),
        "a range": case({"version": "~1.31"}, "version"),
        "any patch": case({"version": "1.31.x"}, "version"),
        "the latest": case({"version": "latest"}, "version", says="exact"),
        "a repository over http": case(
            {"repositoryOpts.repo": "http://charts.example"}, "repositoryOpts.repo"
        ),
        "a chart over http": case({"chart": "http://charts.example/x.tgz"}, "chart"),
        "a folder": case({"chart": "./charts/istiod"}, "chart"),
        "an absolute folder": case({"chart": "/srv/charts/istiod"}, "chart"),
    }
