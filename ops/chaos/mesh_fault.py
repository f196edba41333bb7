"""Faults of requests by the mesh: delayed or answered with an error by the caller's own proxy.

They need nothing of the node's kernel, and hit one caller. Chaos Mesh cannot make them, so this
does, and Kubernetes ends them: the patch of the caller's proxies belongs to a Job that has no pods,
a deadline and nothing to live for. When the deadline is over the Job goes, and takes the patch with
it, whatever has become of whoever started it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ops.chaos.stop import kept_out
from ops.cluster import Cluster, Object, Ref
from ops.cluster.changes import Change
from ops.cluster.objects import annotations, lookup
from ops.errors import UsageError
from ops.records import noted
from vocabulary.kinds import ENVOY_FILTER, JOB, NAMESPACE, SERVICE
from vocabulary.labels import APP, CHAOS_INJECT, EXPERIMENT, MESH_FAULT, PAUSE, TARGET
from vocabulary.timing.duration import format_duration, format_seconds

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(minutes=15)
"""How long one may last."""

MOST_DELAY = timedelta(seconds=2)
MOST_PERCENT = 50
FIRST_ERROR, LAST_ERROR = 400, 599
FILTER = "envoy.filters.http.fault"
_TYPE = "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault"


@dataclass(frozen=True)
class MeshFault:
    """What happens to the requests of one service to another."""

    caller: str
    """Service whose proxies do it."""

    service: str
    """Service that is called."""

    delay: timedelta | None
    """How late requests are sent; None for at once."""

    status: int | None
    """What they are answered with in place of being sent; None for whatever the service says."""

    percent: int
    """Share of the requests."""

    duration: timedelta
    """How long it lasts."""

    def check(self) -> None:
        """Hold it against the bounds.

        Raises:
            UsageError: when it is beyond them.
        """
        if (self.delay is None) == (self.status is None):
            raise UsageError("give --delay or --abort, one of them")
        if self.delay is not None and not timedelta() < self.delay <= MOST_DELAY:
            raise UsageError(f"--delay is at most {format_duration(MOST_DELAY)}")
        if self.status is not None and not FIRST_ERROR <= self.status <= LAST_ERROR:
            raise UsageError(f"--abort is the status of an error, {FIRST_ERROR} to {LAST_ERROR}")
        if not 1 <= self.percent <= MOST_PERCENT:
            raise UsageError(f"--percent is 1 to {MOST_PERCENT}")
        if not SHORTEST <= self.duration <= LONGEST:
            raise UsageError(f"--for is {format_duration(SHORTEST)} to {format_duration(LONGEST)}")


def start(
    cluster: Cluster, fault: MeshFault, *, namespace: str, reason: str, dry_run: bool
) -> Change:
    """Start a fault; it ends by itself.

    Raises:
        UsageError: when it is beyond its bounds, or may not be there.
    """
    fault.check()
    _may(cluster, namespace)
    port = _port(cluster, namespace, fault.service)
    record = noted(cluster, reason, fault.duration, shortest=SHORTEST)
    about = {
        "namespace": namespace,
        "labels": {EXPERIMENT: MESH_FAULT, TARGET: fault.service},
        "annotations": {PAUSE: record.text()},
    }
    job = cluster.create(timer(fault, about), dry_run=dry_run)
    home = {**about, "name": job["metadata"]["name"], "ownerReferences": [_owner(job)]}
    patch = proxy_patch(fault, port, home)
    try:
        cluster.create(patch, dry_run=dry_run)
    except Exception:
        end(cluster, job, dry_run=dry_run)
        raise
    note = f"ends by itself at {record.until:%H:%M:%S} UTC"
    return Change.of(Ref.of(patch), action="create", applied=not dry_run, note=note)


def running(cluster: Cluster, namespace: str | None) -> list[Object]:
    """The Jobs of the faults that go on."""
    return cluster.all(JOB, namespace=namespace, labels={EXPERIMENT: MESH_FAULT})


def end(cluster: Cluster, job: Object, *, dry_run: bool) -> Change:
    """End a fault before its time."""
    cluster.delete(job, dry_run=dry_run)
    note = "a fault of the mesh ends"
    return Change.of(Ref.of(job), action="delete", applied=not dry_run, note=note)


def timer(fault: MeshFault, about: Mapping[str, Any]) -> Object:
    """The Job that has no pods and goes when its deadline is over. Pure."""
    container = {"name": "none", "image": "none"}
    return {
        "apiVersion": JOB.api_version,
        "kind": JOB.kind,
        "metadata": {**about, "generateName": f"mesh-fault-{fault.service[:40]}-"},
        "spec": {
            "parallelism": 0,
            "completions": 1,
            "activeDeadlineSeconds": int(fault.duration.total_seconds()),
            "ttlSecondsAfterFinished": 0,
            "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
        },
    }


def proxy_patch(fault: MeshFault, port: int, about: Mapping[str, Any]) -> Object:
    """What Istio makes of a VirtualService's fault, for the caller's proxies only. Pure."""
    share = {"percentage": {"numerator": fault.percent, "denominator": "HUNDRED"}}
    what: dict[str, Any] = {"@type": _TYPE}
    if fault.delay is not None:
        what["delay"] = {**share, "fixed_delay": format_seconds(fault.delay)}
    if fault.status is not None:
        what["abort"] = {**share, "http_status": fault.status}
    host = f"{fault.service}.{about['namespace']}.svc.cluster.local:{port}"
    return {
        "apiVersion": ENVOY_FILTER.api_version,
        "kind": ENVOY_FILTER.kind,
        "metadata": dict(about),
        "spec": {
            "workloadSelector": {"labels": {APP: fault.caller}},
            "configPatches": [
                {
                    "applyTo": "HTTP_ROUTE",
                    "match": {
                        "context": "SIDECAR_OUTBOUND",
                        "routeConfiguration": {"vhost": {"name": host}},
                    },
                    "patch": {
                        "operation": "MERGE",
                        "value": {"typed_per_filter_config": {FILTER: what}},
                    },
                }
            ],
        },
    }


def _may(cluster: Cluster, namespace: str) -> None:
    home = cluster.one(NAMESPACE, None, namespace)
    if home is None or annotations(home).get(CHAOS_INJECT) != "enabled":
        raise UsageError(
            f"namespace {namespace} has not opted in to experiments ({CHAOS_INJECT}: enabled)"
        )
    if kept_out(cluster) is not None:
        raise UsageError("all experiments are stopped; `chaos resume --all` lets new ones in")


def _port(cluster: Cluster, namespace: str, service: str) -> int:
    found = cluster.one(SERVICE, namespace, service)
    ports = lookup(found or {}, "spec", "ports") or ()
    if not ports:
        raise UsageError(f"there is no Service {namespace}/{service} with a port")
    # Istio looks at the name first, and at what is said where there is none.
    named = [each for each in ports if str(each.get("name")).startswith(("http", "grpc"))]
    return int((named or ports)[0]["port"])


def _owner(job: Object) -> dict[str, Any]:
    about = {key: job["metadata"][key] for key in ("name", "uid")}
    return {"apiVersion": JOB.api_version, "kind": JOB.kind, **about}
