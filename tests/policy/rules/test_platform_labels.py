from policy.rules.platform_labels import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

LABELS = "metadata.labels"


class TestLabels(RuleContract):
    rule = RULE
    good = {
        "others beside them": case({f"{LABELS}.team": "x"}),
        "a Helm release labels by itself": case(
            {"apiVersion": "helm.sh/v3", "kind": "Release", "metadata": GONE}
        ),
    }
    bad = {
        "none": case({LABELS: GONE}, f'{LABELS}["app.kubernetes.io/name"]'),
        **{
            f"no {name}": case(
                {f'{LABELS}["app.kubernetes.io/{name}"]': GONE},
                f'{LABELS}["app.kubernetes.io/{name}"]',
            )
            for name in ("name", "part-of", "managed-by")
        },
        "an empty one": case(
            {f'{LABELS}["app.kubernetes.io/name"]': ""}, f'{LABELS}["app.kubernetes.io/name"]'
        ),
        "a custom resource": case(
            {"apiVersion": "chaos-mesh.org/v1alpha1", "kind": "Schedule", "metadata": {}},
            f'{LABELS}["app.kubernetes.io/part-of"]',
        ),
    }
