"""Istio's configuration is refused, not waved through, while nobody can check it."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import MEDIUM, ResourceRule
from vocabulary.kinds import HELM_RELEASE

CHARTS = ("base", "istiod")


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """The validation webhook of the Istio charts is on and fails closed from the start."""
    chart = (resource["chart"].text() or "").rstrip("/").rpartition("/")[2]
    if chart not in {*CHARTS, "istio-discovery"}:
        return
    values = resource["values"]
    policy, validation = values["base"]["validationFailurePolicy"], values["global"]
    if policy.missing:
        yield policy.finding(
            "not set, so the chart writes Ignore and istiod changes it; write Fail"
        )
    elif (text := policy.text()) is not None and text != "Fail":
        yield policy.finding(f"{policy} lets invalid configuration through; write Fail")
    if validation["configValidation"].flag() is False:
        yield validation["configValidation"].finding("validation is switched off; remove this")


RULE = ResourceRule(
    id="mesh-webhooks-closed",
    severity=MEDIUM,
    summary="Istio's releases validate configuration and fail closed.",
    reason="The charts create the webhook with Ignore and istiod flips it to Fail later: a second "
    "field owner, so every `up` and every preview shows a difference, and until then invalid "
    "configuration gets in.",
    fix="Set base.validationFailurePolicy: Fail in the values of the base and istiod charts, and "
    "leave global.configValidation on.",
    kinds=(HELM_RELEASE,),
    check=check,
    example="""\
apiVersion: helm.sh/v3
kind: Release
chart: istiod
version: 1.31.1
namespace: istio-system
values:
  base: {validationFailurePolicy: Fail}
""",
)
