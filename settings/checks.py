"""What must hold between entries of the configuration; each check yields problems.

A check sees whatever areas could be read, so that one bad area does not hide what is wrong in
another.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from settings.catalogue import INGRESS, Service
from settings.gitops import GitOps
from settings.problems import Problem, nearest

RESERVED_NAMESPACES = frozenset(
    {"default", "kube-system", "kube-public", "kube-node-lease", "flux-system", "istio-system"}
    | {"chaos-mesh"}
)
"""Namespaces in which no catalogue service may live: what keeps the cluster or the platform up."""


def check_catalogue(
    services: Sequence[tuple[int, Service]], names: Sequence[str]
) -> Iterator[Problem]:
    """Names are unique and callers exist.

    `services` are the readable entries with their place in the list, `names` the names of all
    entries, readable or not.
    """
    counts = Counter(names)
    for place, service in services:
        path = ("services", place)
        if counts[service.name] > 1:
            yield Problem(
                (*path, "name"),
                "is declared more than once",
                "a name that no other service has",
                service.name,
            )
        if service.namespace in RESERVED_NAMESPACES or service.namespace.startswith("kube-"):
            yield Problem(
                (*path, "namespace"),
                "is reserved for the cluster or the platform itself",
                f"a namespace of its own, none of {', '.join(sorted(RESERVED_NAMESPACES))}",
                service.namespace,
            )
        known = {INGRESS, *names} - {service.name}
        for index, caller in enumerate(service.callers):
            if caller not in known:
                what = "calls itself" if caller == service.name else "no such service"
                yield Problem(
                    (*path, "callers", index),
                    f"{what}{nearest(caller, known)}",
                    f"one of {', '.join(sorted(known))}",
                    caller,
                )
        if len(set(service.callers)) < len(service.callers):
            yield Problem(
                (*path, "callers"),
                "names a caller twice",
                "every caller once",
                list(service.callers),
            )


def check_gitops(gitops: GitOps) -> Iterator[Problem]:
    """Kustomizations are unique, depend on one another by name, and not in a circle."""
    names = [kustomization.name for kustomization in gitops.kustomizations]
    counts = Counter(names)
    for place, kustomization in enumerate(gitops.kustomizations):
        path = ("gitops", "kustomizations", place)
        if counts[kustomization.name] > 1:
            yield Problem(
                (*path, "name"),
                "is declared more than once",
                "a name that no other kustomization has",
                kustomization.name,
            )
        for index, needed in enumerate(kustomization.depends_on):
            if needed not in names:
                yield Problem(
                    (*path, "dependsOn", index),
                    f"no such kustomization{nearest(needed, names)}",
                    f"one of {', '.join(sorted(names))}",
                    needed,
                )
            elif _reaches(gitops, needed, kustomization.name):
                yield Problem(
                    (*path, "dependsOn", index),
                    "closes a circle; neither would ever become ready",
                    "dependencies without circles",
                    needed,
                )


def _reaches(gitops: GitOps, start: str, goal: str) -> bool:
    needs = {item.name: item.depends_on for item in gitops.kustomizations}
    seen: set[str] = set()
    frontier = [start]
    while frontier:
        name = frontier.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            frontier.extend(needs.get(name, ()))
    return False
