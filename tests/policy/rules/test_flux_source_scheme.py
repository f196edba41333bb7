from policy.rules.flux_source_scheme import RULE
from tests.policy.contract import RuleContract, case, judge

URL = "spec.url"


class TestSourceScheme(RuleContract):
    rule = RULE
    good = {
        "ssh": case({URL: "ssh://git@github.com/albertodimas/x"}),
        "an image repository": case({"kind": "OCIRepository", URL: "oci://ghcr.io/x/y"}),
        "a Flux instance without sync": case(
            {"apiVersion": "fluxcd.controlplane.io/v1", "kind": "FluxInstance", "spec": {}}
        ),
    }
    bad = {
        "plain http": case({URL: "http://github.com/x/y"}, URL, says="https://"),
        "git's own protocol": case({URL: "git://github.com/x/y"}, URL),
        "a file": case({URL: "file:///srv/git"}, URL),
        "an scp-like address": case({URL: "git@github.com:x/y"}, URL),
        "a password": case({URL: "https://bot:hunter2@github.com/x/y"}, URL, says="credentials"),
        "a token": case({URL: "https://ghp_abc@github.com/x/y"}, URL, says="credentials"),
        "an insecure registry": case(
            {"kind": "OCIRepository", URL: "oci://x/y", "spec.insecure": True}, "spec.insecure"
        ),
        "an insecure bucket": case({"kind": "Bucket", "spec": {"insecure": True}}, "spec.insecure"),
        "a Flux instance": case(
            {
                "apiVersion": "fluxcd.controlplane.io/v1",
                "kind": "FluxInstance",
                "spec": {"sync": {"url": "http://x/y"}},
            },
            "spec.sync.url",
        ),
    }

    def test_the_password_is_not_repeated(self):

        given = case({URL: "git://bot:hunter2@github.com/x/y"})
        texts = [str(f) for f in judge(RULE, self.manifests(given), given).findings]
        assert texts
        assert not any("hunter2" in text for text in texts)
