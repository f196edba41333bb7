"""Whether the detector still does its work: when it last succeeded, by the cluster and its series.

It runs as a CronJob, or as a Deployment. The CronJob tells its last success by itself; of a
Deployment only the series that it writes do.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from ops.cluster import Cluster, Object
from ops.cluster.objects import lookup, parse_time
from ops.documents import Part
from ops.errors import NotInstalledError, SourceError
from ops.prometheus import Prometheus, given
from vocabulary import metrics as m
from vocabulary.kinds import CRON_JOB, DEPLOYMENT
from vocabulary.labels import NAME, PART_OF, PLATFORM
from vocabulary.timing.cron import Cron
from vocabulary.timing.duration import format_duration

DETECTOR = "anomaly-detector"
Mode = Literal["cronjob", "deployment"]
CRON: Mode = "cronjob"
STEADY: Mode = "deployment"
LAST_SUCCESS = f"max({m.LAST_SUCCESS})"
DEFAULT_INTERVAL = timedelta(minutes=10)
MISSED_RUNS = 2
"""Runs that may be missed: one can fail, and nothing has to be done about it."""


class DetectorState(Part):
    """How the detector stands."""

    mode: Mode
    """How it runs."""

    namespace: str
    """Where it runs."""

    suspended: bool
    """Whether it is switched off (`anomaly.enabled: false`)."""

    interval_seconds: float
    """How often it should look."""

    last_success: AwareDatetime | None
    """When it last succeeded; null when nobody knows of a success."""

    problem: str
    """What is wrong; empty when nothing is."""


def get_detector(
    cluster: Cluster, prometheus: Prometheus | None = None, *, now: datetime | None = None
) -> DetectorState:
    """Ask how the detector stands.

    Raises:
        NotInstalledError: when the cluster has none.
    """
    wanted = {NAME: DETECTOR, PART_OF: PLATFORM}
    jobs = cluster.list_all(CRON_JOB, labels=wanted)
    deployments = [] if jobs else cluster.list_all(DEPLOYMENT, labels=wanted)
    return detector_of(jobs, deployments, _written(prometheus), now or datetime.now(UTC))


def detector_of(
    jobs: Sequence[Object], deployments: Sequence[Object], written: datetime | None, now: datetime
) -> DetectorState:
    """How the detector stands, by its objects and its own series. Pure.

    Raises:
        NotInstalledError: when there is neither a CronJob nor a Deployment.
    """
    if not jobs and not deployments:
        raise NotInstalledError("the detector is not installed in this cluster")
    item, mode = (jobs[0], CRON) if jobs else (deployments[0], STEADY)
    interval, success, problem = DEFAULT_INTERVAL, written, ""
    if mode == CRON:
        suspended = bool(lookup(item, "spec", "suspend"))
        interval = _interval(str(lookup(item, "spec", "schedule") or ""), now)
        told = parse_time(lookup(item, "status", "lastSuccessfulTime"))
        success = max((each for each in (told, written) if each), default=None)
        since = success or parse_time(item["metadata"].get("creationTimestamp"))
    else:
        suspended, since = lookup(item, "spec", "replicas") == 0, written
    if not suspended and mode == STEADY and not lookup(item, "status", "readyReplicas"):
        problem = "no pod of its Deployment is ready"
    elif not suspended:
        problem = _problem(success, since or now, interval, now)
    return DetectorState(
        mode=mode,
        namespace=item["metadata"]["namespace"],
        suspended=suspended,
        interval_seconds=interval.total_seconds(),
        last_success=success,
        problem=problem,
    )


def _problem(
    success: datetime | None, reference: datetime, interval: timedelta, now: datetime
) -> str:
    late = now - reference
    if late <= MISSED_RUNS * interval + interval / 2:
        return ""
    minutes = timedelta(minutes=late // timedelta(minutes=1))
    since = "since it was installed" if success is None else "since its last success"
    return f"{format_duration(minutes)} {since}, of an interval of {format_duration(interval)}"


def _interval(schedule: str, now: datetime) -> timedelta:
    try:
        cron = Cron.parse(schedule)
    except ValueError:
        return DEFAULT_INTERVAL
    first = cron.next(now)
    second = cron.next(first) if first else None
    return second - first if first and second else DEFAULT_INTERVAL


def _written(prometheus: Prometheus | None) -> datetime | None:
    try:
        answer = given(prometheus).query(LAST_SUCCESS)
    except SourceError:
        return None  # the status says so where it asks for alerts
    return datetime.fromtimestamp(answer[0][1], UTC) if answer else None
