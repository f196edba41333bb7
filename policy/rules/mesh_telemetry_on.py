"""The mesh goes on counting requests."""

from collections.abc import Iterator

from policy.cel import Check, Validation, listed, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import MESH_WIDE
from policy.resources import Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import TELEMETRY
from vocabulary.labels import METRICS

NEEDED = ("ALL_METRICS", "REQUEST_COUNT", "REQUEST_DURATION")
"""What boards, alerts, objectives and the detector ask for."""


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """No override switches them off, unless the stack has declared it."""
    if resource["metadata"]["annotations"][METRICS].text() == "off":
        return
    for section in resource["spec"]["metrics"].items():
        for override in section["overrides"].items():
            metric = override["match"]["metric"]
            named = metric.text() if not metric.missing else "ALL_METRICS"
            if override["disabled"].flag() and named in NEEDED:
                yield override["disabled"].finding(
                    f"{named} is off: boards and alerts would see nothing, which looks well; "
                    "remove the override, or set mesh.telemetry.metrics: false in the stack"
                )
            for label, change in override["tagOverrides"].entries():
                if named in NEEDED and change["operation"].text() == "REMOVE":
                    yield change.finding(
                        f"{named} would be without {label}, by which boards and alerts tell "
                        "services apart; remove the override"
                    )


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    yield Check(
        kinds=(TELEMETRY,),
        reach=MESH_WIDE,
        validations=(
            Validation(
                "(has(object.metadata.annotations) &&"
                f" {quoted(METRICS)} in object.metadata.annotations &&"
                f" object.metadata.annotations[{quoted(METRICS)}] == 'off') ||"
                " !has(object.spec) || !has(object.spec.metrics) ||"
                " object.spec.metrics.all(m, !has(m.overrides) || m.overrides.all(o,"
                " !has(o.disabled) || o.disabled != true || (has(o.match) && has(o.match.metric)"
                f" && !(o.match.metric in {listed(NEEDED)}))))",
                "requests must go on being counted; mesh.telemetry.metrics: false in the stack "
                "says otherwise",
            ),
            Validation(
                "!has(object.spec) || !has(object.spec.metrics) ||"
                " object.spec.metrics.all(m, !has(m.overrides) || m.overrides.all(o,"
                " !has(o.tagOverrides) || (has(o.match) && has(o.match.metric)"
                f" && !(o.match.metric in {listed(NEEDED)})) || o.tagOverrides.all(label,"
                " !has(o.tagOverrides[label].operation)"
                " || o.tagOverrides[label].operation != 'REMOVE')))",
                "series must keep the labels by which boards and alerts tell services apart",
            ),
        ),
    )


RULE = ResourceRule(
    id="mesh-telemetry-on",
    severity=HIGH,
    summary="Telemetry goes on counting requests, unless the stack itself declares otherwise.",
    reason="Without request metrics no alert fires, no objective is missed and the detector finds "
    "nothing: an outage looks like silence.",
    fix="Remove the override. A stack that wants none says mesh.telemetry.metrics: false.",
    kinds=(TELEMETRY,),
    check=check,
    admission=admission,
    example="""\
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: default, namespace: istio-system}
spec:
  metrics: [{providers: [{name: prometheus}]}]
""",
)
