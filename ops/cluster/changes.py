"""Changing an object: read, decide, write only if nobody came between, say what became different.

With `dry_run` the same request goes to the API server, whose policies and webhooks judge it, and
nothing is kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from ops.cluster.api import MANAGER, Cluster
from ops.cluster.discovery import Resource
from ops.cluster.objects import Object, Ref, lookup
from ops.documents import Part
from ops.errors import ConflictError

Patch = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Decision = Callable[[Object], Patch | None]
"""From the object as it is now to the patch; None when there is nothing to do."""

ATTEMPTS = 5
"""How often a decision is taken anew because somebody else changed the object."""

_SHOWN = (("metadata", "annotations"), ("metadata", "finalizers"), ("spec",))


class Difference(Part):
    """One value that became another."""

    path: str
    """Where, as `spec.suspend`."""

    before: Any = None
    """The value before; null for none."""

    after: Any = None
    """The value after; null for none."""


class Change(Part):
    """What was done to one object."""

    kind: str
    """Its kind."""

    namespace: str | None
    """Its namespace; null for none."""

    name: str
    """Its name."""

    action: Literal["create", "patch", "delete", "none"]
    """`none`: it was already so."""

    applied: bool
    """False for a dry run and where there was nothing to do."""

    differences: tuple[Difference, ...] = ()
    """What is different now, or would be."""

    note: str = ""
    """Why nothing was done, or what to know about it."""

    @property
    def ref(self) -> Ref:
        """Which object."""
        return Ref(self.kind, self.namespace, self.name)


def edit(
    cluster: Cluster,
    resource: Resource,
    ref: Ref,
    decide: Decision,
    *,
    dry_run: bool = False,
    manager: str = MANAGER,
) -> Change:
    """Change an object by a decision that is taken on its newest state.

    Raises:
        ConflictError: when others change it faster than that.
    """
    attempt = 1
    while True:
        item = cluster.get(resource, ref.namespace, ref.name)
        patch = decide(item)
        if patch is None:
            return change(ref, "none")
        try:
            after = cluster.patch(resource, item, patch, dry_run=dry_run, manager=manager)
        except ConflictError:
            if attempt == ATTEMPTS:
                raise
            attempt += 1
            continue
        return change(ref, "patch", applied=not dry_run, differences=differences(item, after))


def change(
    ref: Ref,
    action: Literal["create", "patch", "delete", "none"],
    *,
    applied: bool = False,
    differences: Sequence[Difference] = (),
    note: str = "",
) -> Change:
    """The record of a change."""
    return Change(
        kind=ref.kind,
        namespace=ref.namespace,
        name=ref.name,
        action=action,
        applied=applied,
        differences=tuple(differences),
        note=note,
    )


def differences(before: Object, after: Object) -> list[Difference]:
    """What people would call the difference: annotations, finalizers and the specification."""
    return [
        found
        for path in _SHOWN
        for found in compare(".".join(path), lookup(before, *path), lookup(after, *path))
    ]


def compare(path: str, before: Any, after: Any) -> Iterator[Difference]:
    """The values that differ below a place; lists of different lengths differ as a whole."""
    if isinstance(before, Mapping | None) and isinstance(after, Mapping | None):
        old, new = before or {}, after or {}
        for key in sorted(old.keys() | new.keys()):
            yield from compare(f"{path}.{key}", old.get(key), new.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from compare(f"{path}[{index}]", old, new)
    elif before != after:
        yield Difference(path=path, before=before, after=after)
