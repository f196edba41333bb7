"""Two renderings, before and after a change, as the report of a preview."""

from collections.abc import Iterator
from datetime import datetime

from ops.delivery.preview.calendar import moved
from ops.delivery.preview.objects import step
from ops.delivery.preview.report import Difference, Report, Step
from ops.delivery.rendering.rendering import Rendered, Rendering
from vocabulary.kinds import SCHEDULE

IMMUTABLE: dict[str, tuple[str, ...]] = {
    "": ("metadata.name", "metadata.namespace"),
    "kubernetes:core/v1:ConfigMap": ("data", "binaryData"),
    "kubernetes:core/v1:Secret": ("type", "data", "stringData"),
    "kubernetes:apps/v1:Deployment": ("spec.selector",),
    "kubernetes:batch/v1:Job": (
        "spec.completions",
        "spec.parallelism",
        "spec.selector",
        "spec.template",
    ),
    "kubernetes:core/v1:Service": ("spec.clusterIP",),
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": ("roleRef",),
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": ("roleRef",),
}
"""Type -> places that the Kubernetes provider cannot change, so that it replaces the object; those
under the empty name hold for every type."""


def compare(
    before: Rendering | None, after: Rendering, *, now: datetime, commit: str = ""
) -> Report:
    """What the change does.

    Without a base, which may not have been rendered, everything is new.
    """
    old = before.objects if before else {}
    new = after.objects
    failed = bool(after.diagnostics)
    steps = [] if failed else [*_steps(old, new)]
    stopping = any(finding.mandatory for finding in after.findings)
    schedules = {
        urn: (old[urn].inputs if urn in old else None, new[urn].inputs if urn in new else None)
        for urn, each in ({} if failed else {**old, **new}).items()
        if each.type == SCHEDULE.token
    }
    calendar, month = moved(schedules, now)
    return Report(
        stack=after.stack,
        source="rendered",
        succeeded=not failed and not stopping,
        at=now,
        commit=commit,
        unchanged=0 if failed else len(new) - sum(each.urn in new for each in steps),
        steps=tuple(steps),
        findings=after.findings,
        calendar=calendar,
        month=month,
        diagnostics=after.diagnostics,
    )


def _steps(old: dict[str, Rendered], new: dict[str, Rendered]) -> Iterator[Step]:
    for urn in dict.fromkeys([*new, *old]):
        before, after = old.get(urn), new.get(urn)
        if before and after:
            seen = step("update", urn, after.type, before.inputs, after.inputs)
            forced = tuple(_forced(after.type, seen.differences))
            if forced:
                yield seen.model_copy(update={"operation": "replace", "forced_by": forced})
            elif seen.differences:
                yield seen
        elif after:
            yield step("create", urn, after.type, None, after.inputs)
        elif before:
            yield step("delete", urn, before.type, before.inputs, None)


def _forced(pulumi_type: str, found: tuple[Difference, ...]) -> Iterator[str]:
    fixed = (*IMMUTABLE[""], *IMMUTABLE.get(pulumi_type, ()))
    for each in found:
        if any(
            each.path == place or each.path.startswith((f"{place}.", f"{place}["))
            for place in fixed
        ):
            yield each.path
