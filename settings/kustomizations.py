"""What must hold between Kustomizations: own names and paths, and no waiting in vain."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from settings.catalogue import Service
from settings.gitops import GitOps, Kustomization
from settings.problems import Problem, listed, nearest
from settings.schema import Path


def check_gitops(gitops: GitOps, services: Iterable[Service]) -> Iterator[Problem]:
    """All that must hold for the stack's Kustomizations."""
    items = gitops.kustomizations
    names = Counter(item.name for item in items)
    paths = Counter((item.source, item.path) for item in items)
    needs = {item.name: item.depends_on for item in items}
    homes = {service.namespace: service.name for service in services}
    bringers = {item.name for item in items if item.services}
    for place, item in enumerate(items):
        path: Path = ("gitops", "kustomizations", place)
        if names[item.name] > 1:
            what, allowed = "is declared more than once", "a name that no other kustomization has"
            yield Problem((*path, "name"), what, allowed, item.name)
        if paths[item.source, item.path] > 1:
            yield Problem(
                (*path, "path"),
                "is applied by another kustomization too, which would fight over its objects",
                "a path that no other kustomization has",
                item.path,
            )
        outer = next((o for o in items if o.source == item.source and _holds(o, item)), None)
        if outer:
            yield Problem(
                (*path, "path"),
                f"is inside {outer.path}, which {outer.name} applies with all that is below it",
                "folders beside one another",
                item.path,
            )
        if item.source and item.source not in gitops.source_kinds:
            known = [*gitops.source_kinds]
            what = f"no such source{nearest(item.source, known)}"
            allowed = f"one of {listed(known)}" if known else "null, or one of gitops.sources"
            yield Problem((*path, "source"), what, allowed, item.source)
        others = sorted(homes.keys() - {item.target_namespace})
        if item.services and item.target_namespace and others:
            yield Problem(
                (*path, "targetNamespace"),
                f"the catalogue's {homes[others[0]]} is in {others[0]}, where it would be waited "
                "for in vain",
                "the namespace of all services, none, or services: false",
                item.target_namespace,
            )
        yield from _check_dependencies(path, item, needs)
        for index, watched in enumerate(item.health_checks):
            after = {*_needed(watched.name, needs), watched.name}
            if watched.kind == "Kustomization" and item.name in after:
                what = f"waits for {item.name}, which waits for it: neither is ever ready"
                place_of_it = (*path, "healthChecks", index, "name")
                yield Problem(place_of_it, what, "what is there without it", watched.name)
        first = _needed(item.name, needs)
        waiting = sorted(bringers & first)
        if item.services and waiting and item.name not in first:
            yield Problem(
                (*path, "services"),
                f"{waiting[0]}, which must be ready first, waits for the services too",
                "true for the one kustomization that brings the services, false for all others",
                item.services,
            )


def _holds(outer: Kustomization, inner: Kustomization) -> bool:
    return PurePosixPath(outer.path) in PurePosixPath(inner.path).parents


def _check_dependencies(
    path: Path, item: Kustomization, needs: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    for index, needed in enumerate(item.depends_on):
        place = (*path, "dependsOn", index)
        if needed not in needs:
            what = f"no such kustomization{nearest(needed, needs)}"
            yield Problem(place, what, f"one of {listed(needs)}", needed)
        elif needed == item.name or item.name in _needed(needed, needs):
            what = "closes a circle; neither would ever become ready"
            yield Problem(place, what, "dependencies without circles", needed)


def _needed(name: str, needs: Mapping[str, Sequence[str]]) -> set[str]:
    """Everything that must be ready before, over any number of steps."""
    found: set[str] = set()
    frontier = [*needs.get(name, ())]
    while frontier:
        needed = frontier.pop()
        if needed not in found:
            found.add(needed)
            frontier.extend(needs.get(needed, ()))
    return found
