"""What Flux's controllers have written about an object, or about all of them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime

from ops.cluster import Cluster, Ref, connect
from ops.cluster.objects import parse_time
from ops.documents import Document, Part
from ops.errors import UsageError
from ops.gitops.status import NAMESPACE, find_target
from vocabulary.kinds import (
    FLUX_HELM_RELEASE,
    HELM_REPOSITORY,
    KUSTOMIZATION,
    POD,
    RECEIVER,
    SOURCES,
)

_ABOUT = ("level", "ts", "msg", "error", "controller", "name", "namespace")
_RECONCILED = {
    kind.kind.lower(): kind.kind
    for kind in (KUSTOMIZATION, FLUX_HELM_RELEASE, *SOURCES, HELM_REPOSITORY, RECEIVER)
}
"""Kinds by the name of their controller, for lines that say no more of what they are about."""


class LogLine(Part):
    """One line of a controller."""

    at: AwareDatetime
    """When it was written."""

    controller: str
    """Who wrote it."""

    level: str
    """`info` or `error`, as the controller has it."""

    about: str
    """Object that it is about, as `kind/name`; empty for the controller itself."""

    text: str
    """What it says, with the error if there was one."""


class GitOpsLogs(Document):
    """What Flux's controllers have written."""

    document: Literal["gitops-logs/1"] = "gitops-logs/1"
    """Name and version of this document."""

    lines: tuple[LogLine, ...]
    """Oldest first."""


def get_logs(
    target: str | None = None,
    *,
    since: timedelta,
    errors: bool = False,
    namespace: str = NAMESPACE,
    flux: str = NAMESPACE,
    cluster: Cluster | None = None,
) -> GitOpsLogs:
    """Read the logs of Flux's controllers.

    About an object, in `namespace`, or about all of them; the controllers run in `flux`.

    Raises:
        UsageError: when no controller runs there.
    """
    cluster = cluster or connect()
    ref = find_target(cluster, target, namespace) if target else None
    pods = cluster.list_all(POD, namespace=flux, labels={"app.kubernetes.io/part-of": "flux"})
    if not pods:
        raise UsageError(f"no pod of Flux runs in {flux}; say where with --flux-namespace")
    found = [
        line
        for pod in pods
        for line in lines_of(
            cluster.log(flux, pod["metadata"]["name"], seconds=int(since.total_seconds())),
            pod["metadata"]["name"].rsplit("-", 2)[0],
            ref,
        )
        if not errors or line.level == "error"
    ]
    return GitOpsLogs(lines=tuple(sorted(found, key=lambda each: each.at)))


def lines_of(text: str, controller: str, ref: Ref | None) -> Iterator[LogLine]:
    """The lines that are about an object, or all. Pure."""
    for line in text.splitlines():
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError:
            continue  # a library's own words
        if not isinstance(said, dict):
            continue
        named = (key for key in said if key not in _ABOUT and _names(said[key], said))
        about = next(named, _RECONCILED.get(str(said.get("controller")), ""))
        if ref and not (
            about == ref.kind
            and said.get("name") == ref.name
            and said.get("namespace") == ref.namespace
        ):
            continue
        text_ = " ".join(str(said[key]) for key in ("msg", "error") if said.get(key))
        yield LogLine(
            at=parse_time(str(said.get("ts"))) or datetime.now(UTC),
            controller=controller,
            level=str(said.get("level", "")),
            about=f"{about}/{said['name']}" if about and "name" in said else "",
            text=text_,
        )


def _names(value: object, said: dict[str, Any]) -> bool:
    """Whether a field is the object itself, which controller-runtime writes under its kind."""
    return isinstance(value, dict) and value.get("name") == said.get("name") is not None
