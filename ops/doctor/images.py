"""The images that a stack pins: whether they can be pulled, as far as one can tell from here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ops.cluster.objects import lookup
from ops.doctor.document import Check
from ops.doctor.room import Room, unknown, unwell, well
from vocabulary.kinds import NODE

REPOSITORY = re.compile(r"[a-z0-9][a-z0-9.-]*(:\d+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+")
DETECTOR = "ghcr.io/albertodimas/brisa-anomaly-runtime"
"""Where the detector's image comes from unless the stack file says otherwise."""


@dataclass(frozen=True)
class Image:
    """One image of a stack."""

    of: str
    """Whose."""

    repository: str
    """Registry and repository."""

    digest: str
    """Its digest; empty where none is pinned."""


def images(room: Room) -> Iterator[Check]:
    """Addresses have the form of one, no digest is a placeholder; a node may have pulled it."""
    pulled = {
        str(name)
        for node in room.cluster.all(NODE)
        for each in lookup(node, "status", "images") or ()
        for name in each.get("names") or ()
    }
    for image in _pinned(room):
        name = f"image of {image.of}"
        if not image.digest.removeprefix("sha256:").strip("0"):
            remedy = "build the image, and write its digest: python -m ops image"
            yield unwell("services", name, "its digest is a placeholder", remedy)
        elif not REPOSITORY.fullmatch(image.repository):
            remedy = "write REGISTRY/REPOSITORY in lower case, without scheme, tag and digest"
            yield unwell("services", name, f"{image.repository!r} names no registry", remedy)
        elif f"{image.repository}@{image.digest}" in pulled:
            yield well("services", name, "a node has pulled it")
        else:
            yield unknown("services", name, "no node has pulled it; only nodes can tell")


def _pinned(room: Room) -> Iterator[Image]:
    for service in room.stack.services:
        if digest := lookup(service, "image", "digest"):
            named = lookup(service, "image", "newName") or lookup(service, "image", "name")
            yield Image(str(service.get("name")), str(named), str(digest))
    digest = room.stack.says("anomaly", "image", "digest")
    if room.stack.says("anomaly", "install") and digest:
        named = room.stack.says("anomaly", "image", "repository") or DETECTOR
        yield Image("anomaly", str(named), str(digest))
