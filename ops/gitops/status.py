"""How all of Flux stands: every kind it has, listed once."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime

from ops.cluster import Cluster, Object, Ref, Resource, connect, separate
from ops.cluster.discovery import meant
from ops.cluster.objects import lookup
from ops.documents import Document
from ops.errors import NotInstalledError, OpsError
from ops.gitops.state import GitOpsObject, read, revision_of
from vocabulary.kinds import KUSTOMIZATION, Kind

NAMESPACE = "flux-system"
"""Where Flux's objects are unless told otherwise."""

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


def find_target(cluster: Cluster, text: str, namespace: str) -> Ref:
    """The object that a person means: `kustomization/apps`, `ks/apps`, or only `apps`."""
    return meant(text, namespace, flux_kinds(cluster), default=KUSTOMIZATION, owner="Flux")


def held_by(cluster: Cluster, item: Object) -> Ref | None:
    """The source of an object, as the cluster serves it."""
    source = source_of(item)
    if source is None:
        return None
    return find_target(cluster, f"{source.kind}/{source.name}", str(source.namespace))


def status_of(
    listed: Mapping[Resource, list[Object] | OpsError], now: datetime | None = None
) -> GitOpsStatus:
    """The status that follows from what was listed. Pure but for the clock."""
    now = now or datetime.now(UTC)
    items, unknown = separate(listed)
    artifacts = {str(Ref.of(item)): revision_of(item) for item in items}
    objects = [read(item, now, available=_available(item, artifacts)) for item in items]
    bad = any(each.state == "failed" or each.overdue for each in objects)
    return GitOpsStatus(
        at=now, well=not bad and not unknown, objects=tuple(_sorted(objects)), unknown=unknown
    )


def source_of(item: Object) -> Ref | None:
    """The source that an object is applied from; nobody says of which API version it is."""
    places = (("spec", "sourceRef"), ("spec", "chartRef"), ("spec", "chart", "spec", "sourceRef"))
    for place in places:
        if found := lookup(item, *place):
            own = item["metadata"]["namespace"]
            return Ref(Kind("", found["kind"]), found.get("namespace") or own, found["name"])
    return None


def _available(item: Object, artifacts: Mapping[str, str]) -> str:
    """What its source holds ready; of a chart only its version is applied, so not comparable."""
    source = source_of(item) if item["kind"] == KUSTOMIZATION.kind else None
    return artifacts.get(str(source), "")


def _sorted(objects: Iterable[GitOpsObject]) -> list[GitOpsObject]:
    order = ("failed", "suspended", "progressing", "ready", "static")
    return sorted(
        objects,
        key=lambda each: (order.index(each.state), each.namespace, each.kind, each.name),
    )
