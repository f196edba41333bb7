"""Starting what a Schedule starts once, now, as for a game day.

A copy of the Schedule fires at the next full minute and is paused then. So the same rules judge it
(window, freezes and bounds, by the API server), the same commands stop it, and the same report
tells what it showed. It stays for that report, until the next copy; a label says what it is.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ops.chaos.overview import find_chaos
from ops.chaos.pausing import is_under_way
from ops.chaos.phases import phase_of
from ops.chaos.state import is_paused, is_workflow, workflow
from ops.cluster import Cluster, Object, Ref
from ops.cluster.changes import Change, change, edit
from ops.cluster.objects import annotations, labels, lookup
from ops.errors import UsageError
from ops.waiting import Report, wait_until
from vocabulary.kinds import CHAOS_VERSION, SCHEDULE, Kind
from vocabulary.labels import CHAOS_MANAGED_BY, CHAOS_PAUSE, EXPERIMENT, ONCE

_SUFFIX = "-now"
_LONGEST_NAME = 51
"""Chaos Mesh appends to it twice, for a Workflow and its steps."""
_LEAD = timedelta(seconds=10)
"""How long the controller needs to see the copy before it fires."""
_ZONE = re.compile(r"^(?:CRON_)?TZ=(\S+)\s+")
_OURS = "platform.brisa/"


def run_once(
    cluster: Cluster,
    target: str,
    *,
    namespace: str,
    timeout: timedelta,
    dry_run: bool = False,
    report: Report,
) -> Change:
    """Start a Schedule's experiment or Workflow at the next full minute; returns when it is over.

    The timeout counts for its begin, and then for its end.

    Raises:
        UsageError: when it is no Schedule, or one that is paused.
        RefusedError: when a rule of the cluster forbids it now.
    """
    resource, ref = find_chaos(cluster, target, namespace)
    if ref.kind != SCHEDULE.kind:
        raise UsageError(f"{ref} is no Schedule; name one that `chaos list` shows")
    schedule = cluster.get(resource, ref.namespace, ref.name)
    if is_paused(schedule):
        raise UsageError(f"{ref} is paused; `chaos resume {ref.name}` lets it go on")
    wanted = fires_once(schedule, datetime.now(UTC))
    made = Ref.of(wanted)
    _ask(cluster, resource.path(made.namespace), wanted)
    if dry_run:
        return change(made, "create")
    if (before := cluster.one(SCHEDULE, made.namespace, made.name)) is not None:
        cluster.delete(resource, before)
        wait_until(
            lambda: f"{made} is there from before" if _is_there(cluster, made) else None,
            timeout=timeout,
            report=report,
        )
    cluster.request("POST", resource.path(made.namespace), wanted)
    run = _begun(cluster, made, str(lookup(schedule, "spec", "type")), timeout, report)
    _wait_for_end(cluster, run, timeout, report)
    edit(cluster, resource, made, lambda _: {"metadata": {"annotations": {CHAOS_PAUSE: "true"}}})
    over = cluster.get(cluster.catalogue.find(_kind(run)), run.namespace, run.name)
    said = workflow(over).phase if is_workflow(run.kind) else phase_of(over, datetime.now(UTC))
    return change(made, "create", applied=True, note=f"{run.kind.lower()}/{run.name} {said}")


def _ask(cluster: Cluster, path: str, wanted: Object) -> None:
    """Let the API server judge it, by another name: the copy of an earlier run may be there."""
    about = {key: value for key, value in wanted["metadata"].items() if key != "name"}
    about["generateName"] = wanted["metadata"]["name"]
    cluster.request("POST", path, {**wanted, "metadata": about}, query={"dryRun": "All"})


def _begun(cluster: Cluster, schedule: Ref, kind: str, timeout: timedelta, report: Report) -> Ref:
    runs: list[Object] = []

    def look() -> str | None:
        runs[:] = cluster.all(
            Kind(CHAOS_VERSION, kind),
            namespace=schedule.namespace,
            labels={CHAOS_MANAGED_BY: schedule.name},
        )
        return None if runs else f"{schedule} fires at the next full minute"

    wait_until(look, timeout=timeout, report=report)
    return Ref.of(runs[0])


def _wait_for_end(cluster: Cluster, run: Ref, timeout: timedelta, report: Report) -> None:
    """A Schedule that is paused undoes what it has started, so it is paused afterwards."""

    def look() -> str | None:
        item = cluster.one(_kind(run), run.namespace, run.name)
        return f"{run} is under way" if item is not None and _goes_on(item) else None

    wait_until(look, timeout=timeout, report=report)


def _goes_on(run: Object) -> bool:
    return is_under_way(run) or (is_workflow(run["kind"]) and workflow(run).phase == "aborting")


def _kind(run: Ref) -> Kind:
    return Kind(CHAOS_VERSION, run.kind)


def fires_once(schedule: Object, now: datetime) -> Object:
    """A copy that fires at the next full minute, in the Schedule's own zone. Pure."""
    about, spec = schedule["metadata"], schedule["spec"]
    zone = _ZONE.match(spec["schedule"])
    soon = (now + _LEAD + timedelta(minutes=1)).replace(second=0, microsecond=0)
    at = soon.astimezone(ZoneInfo(zone[1]) if zone else UTC)
    cron = f"{at.minute} {at.hour} {at.day} {at.month} *"
    return {
        "apiVersion": schedule["apiVersion"],
        "kind": schedule["kind"],
        "metadata": {
            "name": about["name"][: _LONGEST_NAME - len(_SUFFIX)] + _SUFFIX,
            "namespace": about["namespace"],
            "labels": {**labels(schedule), EXPERIMENT: ONCE},
            "annotations": {k: v for k, v in annotations(schedule).items() if k.startswith(_OURS)},
        },
        "spec": {**spec, "schedule": f"{zone[0] if zone else ''}{cron}"},
    }


def _is_there(cluster: Cluster, ref: Ref) -> bool:
    return cluster.one(SCHEDULE, ref.namespace, ref.name) is not None
