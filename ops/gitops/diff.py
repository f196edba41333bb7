"""What differs between the cluster and Git now: by a server-side dry run, which changes nothing.

The API server says for each object what it would be after Flux had applied it, defaults, webhooks
and other owners' fields included; whatever that changes has drifted.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime

from ops.cluster import Cluster, Named, Object, Ref, connect
from ops.cluster.changes import Difference, compare
from ops.cluster.objects import annotations, labels, lookup, matches
from ops.documents import Document
from ops.errors import ClusterError, NotFoundError, UsageError
from ops.gitops.build import OWNER, Built, build, is_encrypted
from ops.gitops.state import revision_of
from ops.gitops.status import NAMESPACE, find_target, held_by
from vocabulary.kinds import AUTOSCALER, KUSTOMIZATION, SECRET

APPLIER = "kustomize-controller"
"""Under whose name fields are Flux's."""

_SERVERS = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid")
"""What only the API server writes."""

_LEFT_ALONE = {f"{OWNER}/reconcile": {"disabled"}, f"{OWNER}/ssa": {"Ignore", "IfNotPresent"}}
"""Annotations of objects that Flux does not put back."""

What = Literal["created", "changed", "deleted", "refused", "unread"]


class Drifted(Named):
    """One object that is not as Git says."""

    what: What
    """What Flux would do with it: it is not there, is different, or is not in Git any more.
    `refused`: the API server would not take it. `unread`: SOPS encrypted it."""

    differences: tuple[Difference, ...] = ()
    """From what it is to what it would be; a Secret's values are not shown."""

    note: str = ""
    """Why it would be refused."""


class GitOpsDiff(Document):
    """What differs between the cluster and Git."""

    document: Literal["gitops-diff/1"] = "gitops-diff/1"
    """Name and version of this document."""

    at: AwareDatetime
    """When it was looked for."""

    kustomization: str
    """Which Kustomization, as `namespace/name`."""

    revision: str
    """What its source holds ready; the checkout should be there."""

    well: bool
    """Whether nothing differs."""

    objects: tuple[Drifted, ...]
    """What differs."""


def get_diff(
    target: str,
    *,
    folder: Path | None = None,
    namespace: str = NAMESPACE,
    cluster: Cluster | None = None,
) -> GitOpsDiff:
    """Compare what a Kustomization applies with what is there; nothing is changed.

    The folder is that of a checkout: `spec.path` below the present one when it is not given.

    Raises:
        UsageError: when the folder cannot be built.
    """
    cluster = cluster or connect()
    ref = find_target(cluster, target, namespace)
    if ref.kind != KUSTOMIZATION.kind:
        raise UsageError(f"{ref} is no Kustomization; only those are built from a folder")
    item = cluster.get(*ref)
    given = folder or Path(str(lookup(item, "spec", "path") or "."))
    built = build(cluster, item, given)
    wanted = built.objects
    rules = [*(lookup(item, "spec", "ignore") or ()), *_autoscaled(cluster)]
    found = [*_changed(cluster, built, rules), *_pruned(item, wanted)]
    return GitOpsDiff(
        at=datetime.now(UTC),
        kustomization=f"{ref.namespace}/{ref.name}",
        revision=_revision(cluster, item),
        well=not any(each.what != "unread" for each in found),
        objects=tuple(found),
    )


def _changed(
    cluster: Cluster, built: Built, rules: Sequence[Mapping[str, Any]]
) -> Iterator[Drifted]:
    for each in built.objects:
        ref = Ref.of(each)
        if is_encrypted(each):
            yield Drifted.of(ref, what="unread")
            continue
        try:
            there = cluster.get(*ref)
            if _is_left_alone(there) or _is_left_alone(each):
                continue
            after = cluster.dry_apply(each, manager=APPLIER)
        except NotFoundError:
            yield Drifted.of(ref, what="created")
        except ClusterError as error:
            yield Drifted.of(ref, what="refused", note=str(error))
        else:
            found = tuple(_differences(there, after, rules, built.hidden))
            if found:
                yield Drifted.of(ref, what="changed", differences=found)


def _differences(
    before: Object, after: Object, rules: Sequence[Mapping[str, Any]], hidden: frozenset[str]
) -> Iterator[Difference]:
    """What would change and no rule leaves alone; values of Secrets are not shown."""
    paths = {
        path
        for rule in rules
        if _is_meant(rule.get("target") or {}, before)
        for path in rule["paths"]
    }
    old, new = _kept(before), _kept(after)
    for key in sorted(old.keys() | new.keys()):
        for each in compare(key, old.get(key), new.get(key)):
            if any(_pointed(path, each.path) for path in paths):
                continue
            said = f"{each.before} {each.after}"
            is_secret = before["kind"] == SECRET.kind and key == "data"
            if is_secret or any(text in said for text in hidden):
                yield Difference(path=each.path, before="***", after="***")
            else:
                yield each


def _kept(item: Object) -> dict[str, Any]:
    about = {key: value for key, value in item["metadata"].items() if key not in _SERVERS}
    dropped = ("apiVersion", "kind", "status", "metadata")
    rest = {key: value for key, value in item.items() if key not in dropped}
    return {"metadata": about, **rest}


def _pointed(pointer: str, path: str) -> bool:
    """Whether a JSON pointer names a place, or one above it."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    named = "".join(f"[{step}]" if step.isdecimal() else f".{step}" for step in steps).lstrip(".")
    return path == named or path.startswith((f"{named}.", f"{named}["))


def _is_meant(target: Mapping[str, Any], item: Object) -> bool:
    """Whether a rule's target is this object; what it leaves out is any."""
    group = item["apiVersion"].rpartition("/")[0]
    said = {"kind": item["kind"], "name": item["metadata"]["name"], "group": group}
    said["namespace"] = item["metadata"].get("namespace", "")
    picks = dict(
        pair.split("=", 1) for pair in target.get("labelSelector", "").split(",") if "=" in pair
    )
    return all(target.get(key) in (None, "", value) for key, value in said.items()) and matches(
        picks, labels(item)
    )


def _autoscaled(cluster: Cluster) -> Iterator[Mapping[str, Any]]:
    """The number of pods is an autoscaler's, where there is one."""
    for each in cluster.all(AUTOSCALER):
        scaled = lookup(each, "spec", "scaleTargetRef") or {}
        target = {"kind": scaled.get("kind"), "name": scaled.get("name")}
        yield {
            "paths": ["/spec/replicas"],
            "target": {**target, "namespace": each["metadata"]["namespace"]},
        }


def _pruned(item: Object, wanted: Sequence[Object]) -> Iterator[Drifted]:
    """What Flux has applied and Git does not say any more."""
    if not lookup(item, "spec", "prune"):
        return
    kept = {(each.namespace, each.name, each.type.group, each.kind) for each in map(Ref.of, wanted)}
    for entry in lookup(item, "status", "inventory", "entries") or ():
        namespace, name, group, kind = str(entry["id"]).split("_")
        if (namespace or None, name, group, kind) not in kept:
            yield Drifted(kind=kind, namespace=namespace or None, name=name, what="deleted")


def _is_left_alone(item: Object) -> bool:
    said = annotations(item)
    return any(said.get(key) in values for key, values in _LEFT_ALONE.items())


def _revision(cluster: Cluster, item: Object) -> str:
    try:
        source = held_by(cluster, item)
        return revision_of(cluster.get(*source)) if source else ""
    except NotFoundError:
        return ""
