"""Who stopped something, when, until when and why: one annotation with JSON in it.

It lies on the object itself, so it needs no store, goes when the object goes, and whoever looks at
the object with kubectl sees it too.
"""

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, ValidationError

from ops.cluster.api import Cluster
from ops.cluster.objects import annotations
from ops.documents import Part
from ops.errors import ClusterError, UsageError
from vocabulary.timing.duration import format_duration

SHORTEST = timedelta(minutes=1)
"""The shortest time for which something is stopped."""


class Record(Part):
    """Why an operator has stopped an object."""

    by: str
    """Who: the login name, and what the cluster calls them."""

    at: AwareDatetime
    """Since when."""

    until: AwareDatetime | None = None
    """When it was to end; null when nothing was said."""

    reason: str
    """Why."""

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have ended by now."""
        return self.until is not None and self.until <= now

    def __str__(self) -> str:
        return f"{self.by}: {self.reason}"

    def text(self) -> str:
        """As it is written into an annotation."""
        return self.model_dump_json(exclude_none=True)


def noted(
    cluster: Cluster, reason: str, duration: timedelta | None, *, shortest: timedelta = SHORTEST
) -> Record:
    """What is noted on an object that we stop now; without a duration until somebody resumes it.

    Raises:
        UsageError: when no reason is given, or hardly any time.
    """
    if not reason.strip():
        raise UsageError("say why: whoever finds it stopped will want to know")
    if duration is not None and duration < shortest:
        least = format_duration(shortest)
        raise UsageError(f"stop it for at least {least}, or until somebody resumes: no --for")
    now = datetime.now(UTC).replace(microsecond=0)
    until = now + duration if duration else None
    return Record(by=myself(cluster), at=now, until=until, reason=reason.strip())


def record_on(item: Mapping[str, Any] | None, key: str) -> Record | None:
    """What an annotation of an object says; None when there is none, or it is not ours."""
    try:
        return Record.model_validate_json(annotations(item or {}).get(key, ""))
    except ValidationError:
        return None


def myself(cluster: Cluster) -> str:
    """Who acts: the login name, and what the cluster calls them where it says so."""
    try:
        login = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        login = "unknown"
    try:
        return f"{login} as {cluster.user}"
    except ClusterError:
        return login
