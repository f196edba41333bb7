from policy.rules.pods_image_digest import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

POD = "spec.jobTemplate.spec.template.spec"
IMAGE = f"{POD}.containers[0].image"
DIGEST = f"sha256:{'a' * 64}"


class TestImageDigest(RuleContract):
    rule = RULE
    good = {"a digest alone": case({IMAGE: f"python@{DIGEST}"})}
    bad = {
        "a tag": case({IMAGE: "python:3.11"}, IMAGE, says="can change"),
        "nothing": case({IMAGE: "python"}, IMAGE),
        "latest": case({IMAGE: "python:latest"}, IMAGE),
        "half a digest": case({IMAGE: "python@sha256:abc"}, IMAGE),
        "no image": case({IMAGE: GONE}, IMAGE),
        "an init container": case(
            {f"{POD}.initContainers": [{"name": "init", "image": "busybox"}]},
            f"{POD}.initContainers[0].image",
        ),
        "a bare pod": case(
            {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "x:1"}]}},
            "spec.containers[0].image",
        ),
    }
