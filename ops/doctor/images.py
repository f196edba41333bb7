"""The images that a stack pins: whether they can be pulled, as far as one can tell from here."""

import re
from collections.abc import Iterator

from ops.cluster.objects import lookup
from ops.doctor.document import Check
from ops.doctor.room import Room, unknown, unwell, well
from vocabulary.kinds import NODE

REPOSITORY = re.compile(r"[a-z0-9][a-z0-9.-]*(:\d+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+")
DETECTOR = "ghcr.io/albertodimas/brisa-anomaly-runtime"
"""Where the detector's image comes from unless the stack file says otherwise."""


def images(room: Room) -> Iterator[Check]:
    """Addresses have the form of one, no digest is a placeholder; a node may have pulled it."""
    pulled = {
        str(name)
        for node in room.cluster.all(NODE)
        for each in lookup(node, "status", "images") or ()
        for name in each.get("names") or ()
    }
    for of, repository, digest in _pinned(room):
        name = f"image of {of}"
        if not digest.removeprefix("sha256:").strip("0"):
            remedy = "build the image, and write its digest: python -m ops image"
            yield unwell("its digest is a placeholder", remedy, name=name)
        elif not REPOSITORY.fullmatch(repository):
            remedy = "write REGISTRY/REPOSITORY in lower case, without scheme, tag and digest"
            yield unwell(f"{repository!r} names no registry", remedy, name=name)
        elif f"{repository}@{digest}" in pulled:
            yield well("a node has pulled it", name=name)
        else:
            yield unknown("no node has pulled it; only nodes can tell", name=name)


def _pinned(room: Room) -> Iterator[tuple[str, str, str]]:
    """Whose image, its registry and repository, and its digest."""
    for service in room.stack.services:
        if digest := lookup(service, "image", "digest"):
            named = lookup(service, "image", "newName") or lookup(service, "image", "name")
            yield str(service.get("name")), str(named), str(digest)
    digest = room.stack.says("anomaly", "image", "digest")
    if room.stack.says("anomaly", "install") and digest:
        named = room.stack.says("anomaly", "image", "repository") or DETECTOR
        yield "anomaly", str(named), str(digest)
