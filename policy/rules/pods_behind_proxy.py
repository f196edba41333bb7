"""Pods among the services stand behind their proxy, off the node, and are nobody else."""

from collections.abc import Iterator

from policy.cel import Check, Validation, listed, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.pod_templates import HOST, TEMPLATED, WORKLOADS, containers, pod_spec
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import CRON_JOB, POD
from vocabulary.labels import APP

INJECT = "sidecar.istio.io/inject"
PAST = (
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "traffic.sidecar.istio.io/includeInboundPorts",
    "traffic.sidecar.istio.io/includeOutboundIPRanges",
    "traffic.sidecar.istio.io/excludeInterfaces",
    "sidecar.istio.io/proxyImage",
    "sidecar.istio.io/bootstrapOverride",
    "inject.istio.io/templates",
)
"""Annotations by which requests come past the proxy, or to another one."""

ALL_OUT = "traffic.sidecar.istio.io/excludeOutboundIPRanges"


class Config(RuleConfig):
    """Who the services are."""

    accounts: dict[str, str] = {}
    """`namespace/name` of each service of the catalogue, and the ServiceAccount that it runs as."""

    @property
    def homes(self) -> tuple[str, ...]:
        """The namespaces of services."""
        return tuple(dict.fromkeys(key.partition("/")[0] for key in self.accounts))


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """The pod's node, its proxy, its labels and its account."""
    if resource.namespace not in config.homes:
        return
    pod, about = pod_spec(resource), _about(resource)
    for name in HOST:
        if pod[name].flag():
            yield pod[name].finding("true puts the pod past its proxy, onto the node; remove it")
    for volume in pod["volumes"].items():
        if not volume["hostPath"].missing and not volume["hostPath"].unknown:
            yield volume["hostPath"].finding("it opens the node's files; use another volume")
    for container in containers(resource):
        privileged = container["securityContext"]["privileged"]
        if privileged.flag():
            yield privileged.finding("true gives it the node, and its proxy; remove it")
    yield from _past(about)
    yield from _posing(resource, about["labels"][APP], pod["serviceAccountName"], config)


def _about(resource: Resource) -> Field:
    """The metadata of a workload's pods."""
    if resource.is_a(POD):
        return resource["metadata"]
    spec = resource["spec"]
    spec = spec["jobTemplate"]["spec"] if resource.is_a(CRON_JOB) else spec
    return spec["template"]["metadata"]


def _past(about: Field) -> Iterator[Finding]:
    for place in (about["labels"][INJECT], about["annotations"][INJECT]):
        if place.text() == "false":
            yield place.finding("the pod would have no proxy; remove it")
    for key in PAST:
        place = about["annotations"][key]
        if place.text() is not None:
            yield place.finding("requests would go past the pod's proxy; remove it")
    every = about["annotations"][ALL_OUT]
    if "/0" in (every.text() or ""):
        yield every.finding("every call would go past the pod's proxy; name addresses")


def _posing(resource: Resource, app: Field, account: Field, config: Config) -> Iterator[Finding]:
    home = resource.namespace
    if f"{home}/{app.text()}" in config.accounts and not _is_of(resource, app.text() or ""):
        yield app.finding(f"{app} is a service, whose requests it would get; use another label")
    owners = [
        key.partition("/")[2]
        for key, its in config.accounts.items()
        if its == account.text() and key.startswith(f"{home}/")
    ]
    if owners and not any(_is_of(resource, owner) for owner in owners):
        yield account.finding(
            f"{account} is {owners[0]}'s, which may call what this may not; use one of its own"
        )


def _is_of(resource: Resource, service: str) -> bool:
    """Whether it is named after the service, as `api`, `api-canary` and `shop-api` are."""
    name = resource.object_name
    return name is None or f"-{service}-" in f"-{name}-"


def admission(config: Config) -> Iterator[Check]:
    """The same for the API server; pods that a workload made are judged there."""
    for name, kinds, path in (
        ("cronjobs", (CRON_JOB,), "object.spec.jobTemplate.spec.template"),
        ("workloads", TEMPLATED, "object.spec.template"),
        ("pods", (POD,), "object"),
    ):
        made = "has(object.metadata.ownerReferences)" if name == "pods" else "false"
        yield Check(
            name=name,
            kinds=kinds,
            variables={
                "services": _map(config.accounts),
                "judged": f"object.metadata.namespace in variables.catalogue && !{made}",
                "pod": f"{path}.spec",
                "labels": _kept(f"{path}.metadata", "labels"),
                "annotations": _kept(f"{path}.metadata", "annotations"),
                "containers": "variables.pod.containers + (has(variables.pod.initContainers)"
                " ? variables.pod.initContainers : [])",
            },
            validations=(*_validations(),),
        )


def _kept(metadata: str, key: str) -> str:
    return f"has({metadata}) && has({metadata}.{key}) ? {metadata}.{key} : {{'': ''}}"


def _map(entries: dict[str, str]) -> str:
    return f"{{{', '.join(f'{quoted(k)}: {quoted(v)}' for k, v in entries.items())}}}"


def _validations() -> Iterator[Validation]:
    def judged(expression: str, message: str) -> Validation:
        return Validation(f"!variables.judged || ({expression})", message)

    yield judged(
        " && ".join(f"!(has(variables.pod.{key}) && variables.pod.{key})" for key in HOST),
        f"pods of services must not use {', '.join(HOST)}",
    )
    yield judged(
        "!has(variables.pod.volumes) || !variables.pod.volumes.exists(v, has(v.hostPath))",
        "pods of services must not mount the node's files",
    )
    yield judged(
        "!variables.containers.exists(c, has(c.securityContext)"
        " && has(c.securityContext.privileged) && c.securityContext.privileged)",
        "containers of services must not be privileged",
    )
    off = " || ".join(
        f"({quoted(INJECT)} in variables.{key} && variables.{key}[{quoted(INJECT)}] == 'false')"
        for key in ("labels", "annotations")
    )
    yield judged(f"!({off})", f"pods of services must have a proxy: {INJECT} must not be false")
    yield judged(
        f"!{listed(PAST)}.exists(k, k in variables.annotations)"
        f" && !({quoted(ALL_OUT)} in variables.annotations"
        f" && variables.annotations[{quoted(ALL_OUT)}].contains('/0'))",
        f"requests must not go past the proxy: none of {', '.join((*PAST, ALL_OUT))}",
    )
    name, service = "object.metadata.name", "object.metadata.namespace + '/' + "
    app = f"variables.labels[{quoted(APP)}]"
    yield judged(
        f"!has(object.metadata.name) || !({quoted(APP)} in variables.labels)"
        f" || !({service}{app} in variables.services)"
        f" || ('-' + {name} + '-').contains('-' + {app} + '-')",
        f"the label {APP} is that of a service: only a workload named after it may have it",
    )
    theirs = (
        "k.startsWith(object.metadata.namespace + '/')"
        " && variables.services[k] == variables.pod.serviceAccountName"
    )
    named = f"('-' + {name} + '-').contains('-' + k.split('/')[1] + '-')"
    yield judged(
        "!has(object.metadata.name) || !has(variables.pod.serviceAccountName)"
        f" || !variables.services.exists(k, {theirs})"
        f" || variables.services.exists(k, {theirs} && ({named}))",
        "the ServiceAccount is a service's: only a workload named after it may run as it",
    )


RULE = ResourceRule(
    id="pods-behind-proxy",
    severity=CRITICAL,
    summary="Pods among the services keep behind their proxy and off the node, and pose as nobody.",
    reason="Who may call whom rests on the proxy, label and ServiceAccount of each pod: one "
    "past its proxy takes calls from anybody, one with another's label gets its requests, one with "
    "another's account may call what that may.",
    fix="Remove what is told. A workload of a service has the service's name in its own, "
    "between dashes: `api`, `api-canary`, `shop-api`. What must be on the node has a namespace of "
    "its own.",
    kinds=WORKLOADS,
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api-canary, namespace: brisa}
spec:
  selector: {matchLabels: {app: api, version: canary}}
  template:
    metadata: {labels: {app: api, version: canary}}
    spec:
      serviceAccountName: api
      containers: [{name: api, image: ghcr.io/example/api:1.1.0}]
""",
)
