"""Two renderings, before and after a change, as the report of a preview."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ops.delivery.preview.calendar import moved
from ops.delivery.preview.differences import differences, whole
from ops.delivery.preview.events import ORDER
from ops.delivery.preview.objects import kind_of, legible, name_of
from ops.delivery.preview.report import LONGEST_LINE, LONGEST_URN, Difference, Report, Step
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
        unchanged=0 if failed else len(new) - sum(step.urn in new for step in steps),
        steps=tuple(sorted(steps, key=lambda s: (ORDER.index(s.operation), s.kind, s.name))),
        findings=tuple(sorted(after.findings, key=lambda each: not each.mandatory)),
        calendar=calendar,
        month=month,
        diagnostics=after.diagnostics,
    )


def _steps(old: dict[str, Rendered], new: dict[str, Rendered]) -> Iterator[Step]:
    for urn in [*new, *(urn for urn in old if urn not in new)]:
        before, after = old.get(urn), new.get(urn)
        some: Any = after or before
        known = urn[:LONGEST_URN]
        kind, name = kind_of(some.type)[:LONGEST_LINE], name_of(urn, some.inputs)[:LONGEST_LINE]
        if before is None and after is not None:
            said = whole(legible(after.inputs))
            yield Step(operation="create", kind=kind, name=name, urn=known, differences=said)
        elif after is None:
            yield Step(operation="delete", kind=kind, name=name, urn=known)
        elif before is not None and (said := differences(before.inputs, after.inputs)):
            forced = tuple(_forced(after.type, said))
            yield Step(
                operation="replace" if forced else "update",
                kind=kind,
                name=name,
                urn=known,
                forced_by=forced,
                differences=said,
            )


def _forced(pulumi_type: str, found: tuple[Difference, ...]) -> Iterator[str]:
    fixed = (*IMMUTABLE[""], *IMMUTABLE.get(pulumi_type, ()))
    for each in found:
        if any(
            each.path == place or each.path.startswith((f"{place}.", f"{place}["))
            for place in fixed
        ):
            yield each.path
