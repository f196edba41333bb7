"""Starting what a Schedule starts once, now, as for a game day.

A copy of the Schedule fires at the next full minute and is paused then. So the same rules judge it
(window, freezes and bounds, by the API server), the same commands stop it, and the same report
tells what it showed. It stays for that report, until the next copy; a label says what it is.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ops.chaos.overview import find_chaos
from ops.chaos.state import is_paused, is_under_way, phase
from ops.cluster import Cluster, Object, Ref
from ops.cluster.changes import Change, edit
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
    ref = find_chaos(cluster, target, namespace)
    if ref.kind != SCHEDULE.kind:
        raise UsageError(f"{ref} is no Schedule; name one that `chaos list` shows")
    schedule = cluster.get(*ref)
    if is_paused(schedule):
        raise UsageError(f"{ref} is paused; `chaos resume {ref.name}` lets it go on")
    wanted = fires_once(schedule, datetime.now(UTC))
    made = Ref.of(wanted)
    _ask(cluster, wanted)
    if dry_run:
        return Change.of(made, action="create")

    def wait_while(look: Callable[[], str | None]) -> None:
        wait_until(look, timeout=timeout, report=report)

    if (before := cluster.one(*made)) is not None:
        cluster.delete(before)
        wait_while(lambda: f"{made} is there from before" if cluster.one(*made) else None)
    cluster.create(wanted)
    started = Kind(CHAOS_VERSION, str(lookup(schedule, "spec", "type")))
    runs: list[Object] = []

    def begins() -> str | None:
        by_it = {CHAOS_MANAGED_BY: made.name}
        runs[:] = cluster.all(started, namespace=made.namespace, labels=by_it)
        return None if runs else f"{made} fires at the next full minute"

    wait_while(begins)
    run = Ref.of(runs[0])

    def ends() -> str | None:
        item = cluster.one(*run)
        goes_on = item and (is_under_way(item) or phase(item) == "aborting")
        return f"{run} is under way" if goes_on else None

    wait_while(ends)
    # Only now: a Schedule that is paused undoes what it has started.
    edit(cluster, made, lambda _: {"metadata": {"annotations": {CHAOS_PAUSE: "true"}}})
    note = f"{run.kind.lower()}/{run.name} {phase(cluster.get(*run))}"
    return Change.of(made, action="create", applied=True, note=note)


def _ask(cluster: Cluster, wanted: Object) -> None:
    """Let the API server judge it, by another name: the copy of an earlier run may be there."""
    about = {key: value for key, value in wanted["metadata"].items() if key != "name"}
    about["generateName"] = wanted["metadata"]["name"]
    cluster.create({**wanted, "metadata": about}, dry_run=True)


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
