"""Nobody but the program patches the proxies' configuration, or puts code into them."""

from collections.abc import Iterator

from policy.cel import Check, Validation, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import MESH_WIDE
from policy.resources import Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import ENVOY_FILTER, TRAFFIC_EXTENSION, WASM_PLUGIN
from vocabulary.labels import MANAGED_BY, PART_OF, PLATFORM

ENDING_FAULT = (
    "has(object.metadata.ownerReferences)"
    " && object.metadata.ownerReferences.exists(o, o.kind == 'Job')"
    " && dyn(object.spec).configPatches.all(p, p.applyTo == 'HTTP_ROUTE'"
    " && p.patch.operation == 'MERGE' && p.patch.value.all(k, k == 'typed_per_filter_config'"
    " && p.patch.value[k].all(name, name == 'envoy.filters.http.fault'"
    " && p.patch.value[k][name].all(part, part == '@type'"
    " || p.patch.value[k][name][part].percentage.numerator <= 50))))"
)
"""A patch that delays or fails up to half of the requests, does nothing else, and goes with the Job
that times it."""

OURS = {PART_OF: PLATFORM, MANAGED_BY: "pulumi"}


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """An EnvoyFilter or a WasmPlugin has the labels of what the program makes."""
    labels = resource["metadata"]["labels"]
    if any(labels[key].text() != value and not labels[key].unknown for key, value in OURS.items()):
        yield resource["spec"].finding(
            "it can take any filter out of the proxies, access rules too; use Istio's own objects, "
            "or exempt it until a date"
        )


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    labelled = " && ".join(
        f"{quoted(key)} in object.metadata.labels"
        f" && object.metadata.labels[{quoted(key)}] == {quoted(value)}"
        for key, value in OURS.items()
    )
    ours = f"has(object.metadata.labels) && {labelled}"
    yield Check(
        name="plugins",
        kinds=(WASM_PLUGIN, TRAFFIC_EXTENSION),
        reach=MESH_WIDE,
        validations=(
            Validation(ours, "only the program puts code into proxies; exempt it by name"),
        ),
    )
    yield Check(
        kinds=(ENVOY_FILTER,),
        reach=MESH_WIDE,
        validations=(
            Validation(
                f"({ours}) || ({ENDING_FAULT})",
                "only the program patches proxies; use Istio's own objects, for a fault `ops chaos "
                "mesh-fault`, or exempt it by name",
            ),
        ),
    )


RULE = ResourceRule(
    id="mesh-envoy-filter-ours",
    severity=CRITICAL,
    summary="EnvoyFilters and WasmPlugins among the services and mesh-wide are the program's.",
    reason="A patch is applied as it is, unchecked: it can remove access rules or mutual TLS, and "
    "what it names may be called otherwise in Istio's next version.",
    fix="Use Telemetry, DestinationRule, Sidecar or another of Istio's own kinds. What must be is "
    "exempted by name, with a reason and a date.",
    kinds=(ENVOY_FILTER, WASM_PLUGIN, TRAFFIC_EXTENSION),
    subject=ENVOY_FILTER,
    check=check,
    admission=admission,
    example="""\
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: request-id
  namespace: istio-system
  labels: {app.kubernetes.io/part-of: brisa-platform, app.kubernetes.io/managed-by: pulumi}
spec:
  configPatches: []
""",
)
