"""Changing an object: read, decide, write only if nobody came between, say what became different.

With `dry_run` the same request goes to the API server, whose policies and webhooks judge it, and
nothing is kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from ops.cluster.api import MANAGER, Cluster
from ops.cluster.objects import Named, Object, Ref, lookup
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


class Change(Named):
    """What was done to one object."""

    action: Literal["create", "patch", "delete", "none"]
    """`none`: it was already so."""

    applied: bool = False
    """False for a dry run and where there was nothing to do."""

    differences: tuple[Difference, ...] = ()
    """What is different now, or would be."""

    note: str = ""
    """Why nothing was done, or what to know about it."""

    def noting(self, note: str) -> "Change":
        """The same with a note."""
        return self.model_copy(update={"note": note})


def edit(
    cluster: Cluster,
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

    def attempt() -> Change:
        item = cluster.get(*ref)
        patch = decide(item)
        if patch is None:
            return Change.of(ref, action="none")
        after = cluster.patch(item, patch, dry_run=dry_run, manager=manager)
        found = tuple(differences(item, after))
        return Change.of(ref, action="patch", applied=not dry_run, differences=found)

    return Retrying(
        retry=retry_if_exception_type(ConflictError),
        stop=stop_after_attempt(ATTEMPTS),
        reraise=True,
    )(attempt)


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
