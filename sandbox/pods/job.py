"""What a CronJob says of the pods that it starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from sandbox.errors import PodError
from sandbox.pods.objects import Object

_INDEX = "JOB_COMPLETION_INDEX"


@dataclass(frozen=True)
class Job:
    """One run of a CronJob."""

    namespace: str
    name: str
    spec: Object
    """Specification of its pods."""
    labels: Object
    annotations: Object
    indexes: Sequence[int]
    """Of an Indexed Job: one pod each; empty for any other."""
    deadline_seconds: float | None
    """How long all of it may take."""

    @classmethod
    def of(cls, cron_job: Object) -> Self:
        """The Job that a CronJob would start now."""
        place, job = cron_job["metadata"], cron_job["spec"]["jobTemplate"]["spec"]
        template = job["template"]
        about = template.get("metadata", {})
        indexed = job.get("completionMode") == "Indexed"
        return cls(
            namespace=place["namespace"],
            name=place["name"],
            spec=template["spec"],
            labels=about.get("labels", {}),
            annotations=about.get("annotations", {}),
            indexes=range(job["completions"]) if indexed else (),
            deadline_seconds=job.get("activeDeadlineSeconds"),
        )

    @property
    def container(self) -> dict[str, Any]:
        """The only container of the pod."""
        containers = [*self.spec.get("initContainers", ()), *self.spec["containers"]]
        if len(containers) > 1:
            names = ", ".join(container["name"] for container in containers)
            raise PodError(f"the pod has {len(containers)} containers ({names}); one can be run")
        (container,) = containers
        return dict(container)

    def pod_name(self, index: int | None) -> str:
        """Name of a pod, and of its host."""
        return self.name if index is None else f"{self.name}-{index}"

    def given_environment(self, index: int | None) -> dict[str, str]:
        """What Kubernetes itself adds to the environment."""
        given = {"HOSTNAME": self.pod_name(index)}
        return given if index is None else {**given, _INDEX: str(index)}
