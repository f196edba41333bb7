"""What Flux would apply: a Kustomization's folder, built as its controller builds it.

By `kubectl kustomize` over a copy of the Kustomization's own fields; what SOPS encrypted stays
unread, as the keys are the cluster's.
"""

import base64
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops.cluster import Cluster, Object
from ops.cluster.objects import annotations, labels, lookup
from ops.errors import UsageError
from vocabulary.kinds import CONFIG_MAP, SECRET
from vocabulary.labels import FLUX_SUBSTITUTE

OWNER = "kustomize.toolkit.fluxcd.io"
_ROOTS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_FIELDS = {"patches": "patches", "images": "images", "targetNamespace": "namespace"}
_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)(?:(:?[-=])([^}]*))?\}", re.ASCII)
_ENOUGH_SECONDS = 120


@dataclass(frozen=True)
class Built:
    """What Flux would apply."""

    objects: tuple[Object, ...]
    """With the labels by which Flux knows its own."""

    hidden: frozenset[str] = frozenset()
    """Values of Secrets that may stand in them, and must not be shown."""


def build(cluster: Cluster, kustomization: Object, folder: Path) -> Built:
    """Build a Kustomization.

    The folder is its path in a checkout; variables come from the cluster.

    Raises:
        UsageError: when the folder cannot be built.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}; run this in a checkout, or give --path")
    found = [
        each for each in yaml.safe_load_all(_kustomized(kustomization["spec"], folder)) if each
    ]
    hidden: set[str] = set()
    if "postBuild" in kustomization["spec"]:
        values = variables(cluster, kustomization, hidden)
        found = [substituted(each, values) for each in found]
    about = kustomization["metadata"]
    mark = {f"{OWNER}/name": about["name"], f"{OWNER}/namespace": about["namespace"]}
    for each in found:
        each["metadata"]["labels"] = {**labels(each), **mark}
    return Built(tuple(found), frozenset(hidden))


def _kustomized(spec: Mapping[str, Any], folder: Path) -> str:
    with tempfile.TemporaryDirectory() as place:
        base = folder.resolve()
        if not any((base / name).is_file() for name in _ROOTS):
            base = _generated(base, Path(place) / "base")
        over = Path(place).resolve() / "over"
        over.mkdir()
        fields = {ours: spec[theirs] for theirs, ours in _FIELDS.items() if spec.get(theirs)}
        root = {"resources": [os.path.relpath(base, over)], **fields}
        (over / _ROOTS[0]).write_text(yaml.safe_dump(root))
        try:
            done = subprocess.run(
                ["kubectl", "kustomize", os.fspath(over)],
                capture_output=True,
                text=True,
                check=False,
                timeout=_ENOUGH_SECONDS,
            )
        except FileNotFoundError:
            raise UsageError("kubectl is not there; it builds what Flux would apply") from None
        if done.returncode:
            raise UsageError(f"{folder} cannot be built: {done.stderr.strip()[:500]}")
        return done.stdout


def _generated(source: Path, place: Path) -> Path:
    """A copy with the list of files that Flux makes up where there is none."""
    shutil.copytree(source, place)
    listed = sorted(os.fspath(each.relative_to(place)) for each in _resources(place))
    (place / _ROOTS[0]).write_text(yaml.safe_dump({"resources": listed}))
    return place


def _resources(folder: Path) -> Iterator[Path]:
    """Manifests, and folders that say themselves what is in them."""
    for each in folder.iterdir():
        if each.is_dir() and any((each / name).is_file() for name in _ROOTS):
            yield each
        elif each.is_dir():
            yield from _resources(each)
        elif each.suffix in (".yaml", ".yml"):
            yield each


def variables(cluster: Cluster, kustomization: Object, hidden: set[str]) -> dict[str, str]:
    """The values of `${name}`; those of the Kustomization go over those of objects.

    What comes from Secrets is put into `hidden` too.
    """
    home = kustomization["metadata"]["namespace"]
    found: dict[str, str] = {}
    for each in lookup(kustomization, "spec", "postBuild", "substituteFrom") or ():
        kind = SECRET if each["kind"] == SECRET.kind else CONFIG_MAP
        item = cluster.one(kind, home, each["name"])
        if item is None and not each.get("optional"):
            raise UsageError(f"there is no {kind.kind} {home}/{each['name']} for its variables")
        given = (item or {}).get("data") or {}
        if kind is SECRET:
            given = {key: base64.b64decode(text).decode() for key, text in given.items()}
            hidden |= {text for text in given.values() if text}
        found |= given
    return found | (lookup(kustomization, "spec", "postBuild", "substitute") or {})


def substituted(item: Object, values: Mapping[str, str]) -> Object:
    """An object with its variables replaced, unless it says no."""
    if "disabled" in (labels(item).get(FLUX_SUBSTITUTE), annotations(item).get(FLUX_SUBSTITUTE)):
        return item

    def value(found: re.Match[str]) -> str:
        return values.get(found[1], found[3] if found[2] else found[0])

    text = _VARIABLE.sub(value, yaml.safe_dump(item, sort_keys=False))
    replaced: Object = yaml.safe_load(text)
    return replaced


def is_encrypted(item: Object) -> bool:
    """Whether SOPS has encrypted it."""
    return "sops" in item
