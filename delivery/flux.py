"""What Flux says of its own work: is everything applied, and what is not.

Pure, over objects as the cluster gives them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from delivery.cluster import Object, condition, reference


@dataclass(frozen=True)
class Unready:
    """A Flux object that is not as it should be."""

    kind: str
    """Its kind."""

    name: str
    """`namespace/name`."""

    what: str
    """What is the matter."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.what}"


def unready(appliers: Iterable[Object], sources: Iterable[Object]) -> list[Unready]:
    """Kustomizations and HelmReleases that are not ready at their source's last revision."""
    revisions = {(source["kind"], reference(source)): _artifact(source) for source in sources}
    return [found for item in appliers for found in _unready(item, revisions)]


def revisions(appliers: Iterable[Object]) -> dict[str, str]:
    """`namespace/name` of each Kustomization -> the revision that it has applied."""
    return {
        reference(item): str((item.get("status") or {}).get("lastAppliedRevision") or "none")
        for item in appliers
        if item["kind"] == "Kustomization"
    }


def _unready(
    item: Object, revisions_of_sources: Mapping[tuple[str, str], str]
) -> Iterator[Unready]:
    def is_wrong(what: str) -> Unready:
        return Unready(item["kind"], reference(item), what)

    spec, status, ready = item.get("spec") or {}, item.get("status") or {}, condition(item, "Ready")
    if spec.get("suspend"):
        yield is_wrong("is suspended, so nothing is applied and no drift is healed")
        return
    if ready.get("status") != "True":
        said = " ".join(str(ready.get("message", "")).split())[:300]
        reason = ready.get("reason") or "it has not reported yet"
        yield is_wrong(f"is not ready: {reason}{f', {said}' if said else ''}")
        return
    if status.get("observedGeneration") != item["metadata"].get("generation"):
        yield is_wrong("has not seen its last change yet")
        return
    source = spec.get("sourceRef") or {}
    home = source.get("namespace") or item["metadata"]["namespace"]
    wanted = revisions_of_sources.get((str(source.get("kind")), f"{home}/{source.get('name')}"))
    applied = status.get("lastAppliedRevision")
    if wanted is not None and applied != wanted:
        yield is_wrong(f"has applied {applied}, and its source is at {wanted or 'nothing yet'}")


def _artifact(source: Object) -> str:
    artifact = (source.get("status") or {}).get("artifact") or {}
    return str(artifact.get("revision") or "")
