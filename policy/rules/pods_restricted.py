"""Pods run with no more rights than they need: the `restricted` pod security standard."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.pod_templates import HOST, WORKLOADS, checks, containers, pod_spec
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule

SECCOMP = ("RuntimeDefault", "Localhost")
VOLUMES = (
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
)


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """The pod's own settings, its volumes, and each container."""
    pod = pod_spec(resource)
    for name in HOST:
        if pod[name].flag():
            yield pod[name].finding("true shares the node with the pod; remove it")
    for volume in pod["volumes"].items():
        for key, source in volume.entries():
            if key != "name" and key not in VOLUMES:
                yield source.finding(
                    f"{key} volumes are not allowed; use one of {', '.join(VOLUMES)}"
                )
    for container in containers(resource):
        yield from _container(container, pod["securityContext"])


def _container(container: Field, pod_context: Field) -> Iterator[Finding]:
    context = container["securityContext"]
    yield from _must_be(context["allowPrivilegeEscalation"], expected=False)
    if context["privileged"].flag():
        yield context["privileged"].finding("true gives it the node; remove it")
    non_root = context["runAsNonRoot"]
    yield from _must_be(
        pod_context["runAsNonRoot"] if non_root.missing else non_root, expected=True
    )
    for place in (context["runAsUser"], pod_context["runAsUser"]):
        if place.number() == 0:
            yield place.finding("0 is root; write another user id")
    profile = context["seccompProfile"]["type"]
    profile = pod_context["seccompProfile"]["type"] if profile.missing else profile
    if profile.missing or (profile.text() or SECCOMP[0]) not in SECCOMP:
        yield profile.finding(f"{profile} is not allowed; write {' or '.join(SECCOMP)}")
    yield from _capabilities(context["capabilities"])
    yield from _must_be(context["readOnlyRootFilesystem"], expected=True)


def _capabilities(capabilities: Field) -> Iterator[Finding]:
    dropped = capabilities["drop"]
    known = not dropped.unknown and not any(item.unknown for item in dropped.items())
    if known and "ALL" not in dropped.texts():
        yield dropped.finding(f"{dropped} keeps capabilities; write [ALL]")
    for added in capabilities["add"].items():
        if added.text() not in ("NET_BIND_SERVICE", None):
            yield added.finding(f"{added} is not allowed; remove it")


def _must_be(place: Field, *, expected: bool) -> Iterator[Finding]:
    word = str(expected).lower()
    if place.missing or place.flag() is (not expected):
        yield place.finding(f"{place} is not allowed; write {word}")


def admission(_: RuleConfig) -> Iterator[Check]:
    """For the API server: the parts that let a pod out of its container."""
    context = "c.securityContext"
    yield from checks(
        Validation(
            " && ".join(f"!(has(variables.pod.{name}) && variables.pod.{name})" for name in HOST),
            f"pods must not use {', '.join(HOST)}",
        ),
        Validation(
            f"variables.containers.all(c, has({context})"
            f" && has({context}.allowPrivilegeEscalation) && !{context}.allowPrivilegeEscalation"
            f" && !(has({context}.privileged) && {context}.privileged))",
            "every container must set allowPrivilegeEscalation: false and not be privileged",
        ),
        Validation(
            "variables.containers.all(c,"
            f" (has({context}) && has({context}.runAsNonRoot) && {context}.runAsNonRoot)"
            f" || (!(has({context}) && has({context}.runAsNonRoot))"
            " && has(variables.pod.securityContext)"
            " && has(variables.pod.securityContext.runAsNonRoot)"
            " && variables.pod.securityContext.runAsNonRoot))",
            "every container must run as non-root",
        ),
        Validation(
            f"variables.containers.all(c, has({context}) && has({context}.capabilities)"
            f" && has({context}.capabilities.drop) && 'ALL' in {context}.capabilities.drop)",
            "every container must drop ALL capabilities",
        ),
    )


RULE = ResourceRule(
    id="pods-restricted",
    severity=HIGH,
    summary="Pods meet the restricted pod security standard and cannot write their image.",
    reason="A detector or a job needs no rights on its node. Each one given is a way out of the "
    "container for whoever gets in.",
    fix="Set runAsNonRoot, seccompProfile RuntimeDefault, allowPrivilegeEscalation false, "
    "capabilities drop ALL and readOnlyRootFilesystem; mount an emptyDir where it must write.",
    kinds=WORKLOADS,
    check=check,
    admission=admission,
    example="""\
apiVersion: batch/v1
kind: CronJob
metadata: {name: anomaly-detector, namespace: anomaly-detection}
spec:
  schedule: "*/10 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          securityContext:
            runAsNonRoot: true
            runAsUser: 65532
            seccompProfile: {type: RuntimeDefault}
          containers:
            - name: detector
              image: ghcr.io/example/detector:1.0.0
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities: {drop: [ALL]}
""",
)
