from policy.rules.pods_image_built import RULE
from tests.policy.contract import RuleContract, case

IMAGE = "spec.jobTemplate.spec.template.spec.containers[0].image"
ZEROS = "0" * 64


class TestImageBuilt(RuleContract):
    rule = RULE
    good = {
        "a digest with some zeros": case({IMAGE: f"x@sha256:{'0' * 63}1"}),
        "a tag": case({IMAGE: "x:1.0.0"}),
    }
    bad = {
        "a digest of zeros": case({IMAGE: f"x:1@sha256:{ZEROS}"}, IMAGE, says="build and push"),
        "of a container that starts first": case(
            {
                "spec.jobTemplate.spec.template.spec.initContainers": [
                    {"name": "first", "image": f"x@sha256:{ZEROS}"}
                ]
            },
            "spec.jobTemplate.spec.template.spec.initContainers[0].image",
        ),
    }
