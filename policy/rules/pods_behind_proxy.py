"""Pods among the services stand behind their proxy, off the node, and are nobody else."""

import re
from collections.abc import Iterator

from policy.cel import Check, Validation, listed, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.pod_templates import HOST, TEMPLATED, WORKLOADS, containers, pod_spec
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import CRON_JOB, POD, REPLICA_SET, REPLICATION_CONTROLLER
from vocabulary.labels import APP

INJECT = "sidecar.istio.io/inject"
INJECTED = "(?i)^(y|yes|true|on)?$"
"""What Istio takes for yes; every other word means no."""

AMBIENT = "istio.io/dataplane-mode"
PAST = (
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "traffic.sidecar.istio.io/includeInboundPorts",
    "traffic.sidecar.istio.io/includeOutboundIPRanges",
    "traffic.sidecar.istio.io/excludeInterfaces",
    "sidecar.istio.io/proxyImage",
    "sidecar.istio.io/bootstrapOverride",
    "inject.istio.io/templates",
    "sidecar.istio.io/interceptionMode",
    "sidecar.istio.io/userVolume",
    "sidecar.istio.io/userVolumeMount",
)
"""Annotations by which requests come past the proxy, or to another one."""

KEPT = r"^([*]|REDIRECT|TPROXY|(15020|15021|15090)(,(15020|15021|15090))*)$"
"""Values of them that Istio itself writes, and that leave everything as it is."""

PROXY_CONFIG = "proxy.istio.io/config"
ANOTHER_PROXY = "discoveryAddress|interceptionMode|[bB]ootstrap|customConfigFile|binaryPath"
"""What makes a proxy another one, or ask another control plane."""

EVERY = r"/[0-7](,|$)"
"""The end of a range that is all addresses, or a large part of them."""

MINE = ("istio-init", "istio-validation", "istio-proxy")
"""Containers that Istio puts into a pod before it is judged; a template has none of them."""

PROXYS_ID = 1337
"""User and group whose packets are not redirected, as they are the proxy's own."""

CAPABILITIES = (
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"),
    *("NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
)
"""Those of the pod security standard `baseline`."""

REPLICATED = (REPLICA_SET, REPLICATION_CONTROLLER)
"""What most often a Deployment makes; then that is judged."""

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
    yield from _as_proxy(pod["securityContext"])
    for container in containers(resource):
        yield from _container(container)
    yield from _past(about)
    yield from _posing(resource, about["labels"][APP], pod["serviceAccountName"], config)


def _about(resource: Resource) -> Field:
    """The metadata of a workload's pods."""
    if resource.is_a(POD):
        return resource["metadata"]
    spec = resource["spec"]
    spec = spec["jobTemplate"]["spec"] if resource.is_a(CRON_JOB) else spec
    return spec["template"]["metadata"]


def _container(container: Field) -> Iterator[Finding]:
    security = container["securityContext"]
    if security["privileged"].flag():
        yield security["privileged"].finding("true gives it the node, and its proxy; remove it")
    for port in container["ports"].items():
        if port["hostPort"].number():
            yield port["hostPort"].finding("it is a port of the node; use a Service")
    if container["name"].text() in MINE:
        return
    yield from _as_proxy(security)
    for right in security["capabilities"]["add"].items():
        if right.text() is not None and right.text() not in CAPABILITIES:
            yield right.finding("with it the pod can get past its proxy; remove it")


def _as_proxy(security: Field) -> Iterator[Finding]:
    for key in ("runAsUser", "runAsGroup"):
        if security[key].number() == PROXYS_ID:
            yield security[key].finding("it is the proxy's, which is not redirected; use another")


def _past(about: Field) -> Iterator[Finding]:
    for place in (about["labels"][INJECT], about["annotations"][INJECT]):
        if not re.search(INJECTED, place.text() or ""):
            yield place.finding("the pod would have no proxy; remove it")
    if about["labels"][AMBIENT].text() not in (None, "none"):
        yield about["labels"][AMBIENT].finding("pods of services have sidecars; remove it")
    for key in PAST:
        place = about["annotations"][key]
        if place.text() is not None and not re.search(KEPT, place.text() or ""):
            yield place.finding("requests would go past the pod's proxy; remove it")
    changed = about["annotations"][PROXY_CONFIG]
    if re.search(ANOTHER_PROXY, changed.text() or ""):
        yield changed.finding("the pod would have another proxy; leave that away")
    every = about["annotations"][ALL_OUT]
    if re.search(EVERY, every.text() or ""):
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
        ("workloads", (*TEMPLATED, *REPLICATED), "object.spec.template"),
        ("pods", (POD,), "object"),
    ):
        made = "false" if name == "cronjobs" else "has(object.metadata.ownerReferences)"
        injected = listed(MINE if name == "pods" else ())
        variables = {
            "judged": f"object.metadata.namespace in variables.catalogue && !({made})",
            "pod": f"{path}.spec",
        }
        # Two policies, each small enough to be read.
        yield Check(
            name=name,
            kinds=kinds,
            variables={
                **variables,
                "services": _map(config.accounts),
                "labels": _kept(f"{path}.metadata", "labels"),
                "annotations": _kept(f"{path}.metadata", "annotations"),
            },
            validations=(*_about_the_proxy(),),
        )
        yield Check(
            name=f"{name}-rights",
            kinds=kinds,
            variables={
                **variables,
                "containers": "variables.pod.containers + (has(variables.pod.initContainers)"
                " ? variables.pod.initContainers : [])",
                "own": f"variables.containers.filter(c, !(c.name in {injected}))",
            },
            validations=(*_about_rights(),),
        )


def _kept(metadata: str, key: str) -> str:
    return f"has({metadata}) && has({metadata}.{key}) ? {metadata}.{key} : {{'': ''}}"


def _map(entries: dict[str, str]) -> str:
    return f"{{{', '.join(f'{quoted(k)}: {quoted(v)}' for k, v in entries.items())}}}"


def _judged(expression: str, message: str) -> Validation:
    return Validation(f"!variables.judged || ({expression})", message)


def _about_rights() -> Iterator[Validation]:
    yield _judged(
        " && ".join(f"!(has(variables.pod.{key}) && variables.pod.{key})" for key in HOST),
        f"pods of services must not use {', '.join(HOST)}",
    )
    yield _judged(
        "!has(variables.pod.volumes) || !variables.pod.volumes.exists(v, has(v.hostPath))",
        "pods of services must not mount the node's files",
    )
    yield _judged(
        "!variables.containers.exists(c, has(c.securityContext)"
        " && has(c.securityContext.privileged) && c.securityContext.privileged)",
        "containers of services must not be privileged",
    )
    yield _judged(
        "!variables.containers.exists(c, has(c.ports) && c.ports.exists(p, has(p.hostPort)"
        " && p.hostPort > 0))",
        "containers of services must not have a hostPort",
    )
    yield _judged(
        "!variables.own.exists(c, has(c.securityContext) && has(c.securityContext.capabilities)"
        " && has(c.securityContext.capabilities.add)"
        f" && !c.securityContext.capabilities.add.all(a, a in {listed(CAPABILITIES)}))",
        "capabilities of services must be those of the standard baseline",
    )
    same = " || ".join(
        f"(has({{0}}.securityContext.{key}) && {{0}}.securityContext.{key} == {PROXYS_ID})"
        for key in ("runAsUser", "runAsGroup")
    )
    yield _judged(
        f"!(has(variables.pod.securityContext) && ({same.format('variables.pod')}))"
        f" && !variables.own.exists(c, has(c.securityContext) && ({same.format('c')}))",
        f"{PROXYS_ID} is the proxy's user and group, which are not redirected",
    )


def _about_the_proxy() -> Iterator[Validation]:
    off = " || ".join(
        f"({quoted(INJECT)} in variables.{key}"
        f" && !variables.{key}[{quoted(INJECT)}].matches({quoted(INJECTED)}))"
        for key in ("labels", "annotations")
    )
    yield _judged(f"!({off})", f"pods of services must have a proxy: {INJECT} must not be false")
    ambient = f"variables.labels[{quoted(AMBIENT)}]"
    yield _judged(
        f"!({quoted(AMBIENT)} in variables.labels) || {ambient} == 'none'",
        f"pods of services have sidecars: {AMBIENT} must not be set",
    )
    changed = f"variables.annotations[{quoted(PROXY_CONFIG)}]"
    yield _judged(
        f"!({quoted(PROXY_CONFIG)} in variables.annotations"
        f" && {changed}.matches({quoted(ANOTHER_PROXY)}))",
        f"{PROXY_CONFIG} must not make the proxy another one",
    )
    yield _judged(
        f"!{listed(PAST)}.exists(k, k in variables.annotations"
        f" && !variables.annotations[k].matches({quoted(KEPT)}))"
        f" && !({quoted(ALL_OUT)} in variables.annotations"
        f" && variables.annotations[{quoted(ALL_OUT)}].matches({quoted(EVERY)}))",
        f"requests must not go past the proxy: none of {', '.join((*PAST, ALL_OUT))}",
    )
    name, service = "object.metadata.name", "object.metadata.namespace + '/' + "
    app = f"variables.labels[{quoted(APP)}]"
    yield _judged(
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
    yield _judged(
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
    kinds=(*WORKLOADS, *REPLICATED),
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
