"""How all of Flux stands: every kind it has, listed once."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime

from ops.cluster import Cluster, Object, Resource, connect
from ops.cluster.objects import Ref, lookup
from ops.documents import Document
from ops.errors import NotInstalledError, OpsError
from ops.gitops.state import GitOpsObject, read, revision_of

FLUX = ("toolkit.fluxcd.io", "fluxcd.controlplane.io")
"""Ends of the API groups whose kinds Flux reconciles."""
_REPORT = "FluxReport"
"""The operator writes it itself, over and over: nobody's wish, so nothing that can lag behind."""


class GitOpsStatus(Document):
    """How Flux's objects stand."""

    document: Literal["gitops-status/1"] = "gitops-status/1"
    """Name and version of this document."""

    at: AwareDatetime
    """When it was asked."""

    well: bool
    """Whether nothing failed, no suspension is overdue, and everything could be asked."""

    objects: tuple[GitOpsObject, ...]
    """Every object, worst first."""

    unknown: tuple[str, ...] = ()
    """What could not be asked, and why."""

    @property
    def failed(self) -> list[GitOpsObject]:
        """Those that failed."""
        return [each for each in self.objects if each.state == "failed"]

    @property
    def suspended(self) -> list[GitOpsObject]:
        """Those that Flux leaves alone."""
        return [each for each in self.objects if each.state == "suspended"]

    @property
    def overdue(self) -> list[GitOpsObject]:
        """Those whose suspension should have ended."""
        return [each for each in self.objects if each.overdue]


def get_gitops_status(
    cluster: Cluster | None = None, *, namespace: str | None = None
) -> GitOpsStatus:
    """Ask how Flux's objects stand.

    Raises:
        NotInstalledError: when the cluster has no Flux.
    """
    cluster = cluster or connect()
    return status_of(cluster.list_many(flux_kinds(cluster), namespace=namespace))


def flux_kinds(cluster: Cluster) -> list[Resource]:
    """The kinds that Flux reconciles.

    Raises:
        NotInstalledError: when there are none.
    """
    served = (each for suffix in FLUX for each in cluster.catalogue.group(suffix))
    found = [each for each in served if each.kind != _REPORT]
    if not found:
        raise NotInstalledError("Flux is not installed in this cluster: it has none of its kinds")
    return found


def status_of(
    listed: Mapping[Resource, list[Object] | OpsError], now: datetime | None = None
) -> GitOpsStatus:
    """The status that follows from what was listed. Pure but for the clock."""
    now = now or datetime.now(UTC)
    items = [item for found in listed.values() if isinstance(found, list) for item in found]
    artifacts = {Ref.of(item): revision_of(item) for item in items}
    objects = [read(item, now, available=_available(item, artifacts)) for item in items]
    unknown = tuple(
        f"{resource.plural}: {error}"
        for resource, error in listed.items()
        if isinstance(error, OpsError)
    )
    bad = any(each.state == "failed" or each.overdue for each in objects)
    return GitOpsStatus(
        at=now, well=not bad and not unknown, objects=tuple(_sorted(objects)), unknown=unknown
    )


def source_of(item: Object) -> Ref | None:
    """The source that an object is applied from."""
    places = (("spec", "sourceRef"), ("spec", "chartRef"), ("spec", "chart", "spec", "sourceRef"))
    for place in places:
        if reference := lookup(item, *place):
            own = item["metadata"]["namespace"]
            return Ref(reference["kind"], reference.get("namespace") or own, reference["name"])
    return None


def _available(item: Object, artifacts: Mapping[Ref, str]) -> str:
    """What its source holds ready; of a chart only its version is applied, so not comparable."""
    source = source_of(item)
    return artifacts.get(source, "") if source and item["kind"] == "Kustomization" else ""


def _sorted(objects: Iterable[GitOpsObject]) -> list[GitOpsObject]:
    order = ("failed", "suspended", "progressing", "ready", "static")
    return sorted(
        objects,
        key=lambda each: (order.index(each.state), each.namespace, each.kind, each.name),
    )
