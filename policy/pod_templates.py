"""The pods that a resource runs: their template, containers and images."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.resources import Field, Resource
from vocabulary.kinds import CRON_JOB, DAEMON_SET, DEPLOYMENT, POD, STATEFUL_SET, Kind
from vocabulary.labels import PART_OF, PLATFORM

JOB = Kind("batch/v1", "Job")
TEMPLATED = (
    DEPLOYMENT,
    STATEFUL_SET,
    DAEMON_SET,
    JOB,
)
WORKLOADS = (POD, CRON_JOB, *TEMPLATED)
HOST = ("hostNetwork", "hostPID", "hostIPC")
CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def pod_spec(resource: Resource) -> Field:
    """The specification of the pods that a workload runs."""
    spec = resource["spec"]
    if resource.is_a(POD):
        return spec
    if resource.is_a(CRON_JOB):
        spec = spec["jobTemplate"]["spec"]
    return spec["template"]["spec"]


def containers(resource: Resource) -> Iterator[Field]:
    """Every container of a workload's pods, init containers too."""
    spec = pod_spec(resource)
    for key in CONTAINERS:
        yield from spec[key].items()


def checks(*validations: Validation) -> Iterator[Check]:
    """The same validations for CronJobs and for templated workloads of the platform.

    Only objects labelled as part of the platform are judged: what others run in the cluster, Istio
    and Kubernetes itself, is not ours to refuse. Expressions read `variables.pod` and
    `variables.containers`.
    """
    for name, kinds, path in (
        ("cronjobs", (CRON_JOB,), "object.spec.jobTemplate.spec.template.spec"),
        ("workloads", TEMPLATED, "object.spec.template.spec"),
    ):
        init = f"(has({path}.initContainers) ? {path}.initContainers : [])"
        yield Check(
            name=name,
            kinds=kinds,
            variables={"pod": path, "containers": f"{path}.containers + {init}"},
            validations=validations,
            labels={PART_OF: PLATFORM},
        )
