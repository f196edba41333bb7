"""What Helm knows of a live release."""

import json
from typing import Any, Final

import yaml

from sandbox.engine.kubernetes.helm import values
from sandbox.engine.kubernetes.helm.command import Helm, HelmError
from sandbox.engine.kubernetes.helm.model import Release

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The fast parser where there is one: charts with CRDs have tens of thousands of lines."""


def find(helm: Helm, name: str) -> dict[str, Any] | None:
    """Return a release's record, or ``None`` if there is none.

    Raises:
        HelmError: Nobody can tell.
    """
    try:
        record: dict[str, Any] = json.loads(helm.ask("status", name, "-o", "json"))
        record["metadata"] = json.loads(helm.ask("get", "metadata", name, "-o", "json"))
    except HelmError as error:
        if error.not_found:
            return None
        raise
    return record


def take_over(release: Release, record: dict[str, Any]) -> None:
    """Fill in what only the live release knows."""
    metadata = record["metadata"]
    for key, found in (
        ("name", record["name"]),
        ("namespace", record["namespace"]),
        ("chart", metadata["chart"]),
    ):
        release.texts[key] = release.texts[key] or found
    release.texts["version"] = metadata["version"]
    config = record.get("config") or {}
    if not release.switches["allowNullValues"]:
        config = values.without_nulls(config)
    release.values = values.merge(release.values, config)
    release.resource_names = resource_names(record.get("manifest", ""))
    release.status = {
        "appVersion": metadata.get("appVersion", ""),
        "chart": metadata["chart"],
        "name": record["name"],
        "namespace": record["namespace"],
        "revision": record["version"],
        "status": record["info"]["status"],
        "version": metadata["version"],
    }


def resource_names(manifest: str) -> dict[str, list[str]]:
    """Return the names of a manifest's objects by ``Kind.group/apiVersion``."""
    found: dict[str, set[str]] = {}
    for document in yaml.load_all(manifest, Loader=_LOADER):
        if not isinstance(document, dict) or not document.get("kind"):
            continue
        api_version = str(document.get("apiVersion", ""))
        group, slash, _ = api_version.rpartition("/")
        kind = f"{document['kind']}.{group}" if slash else str(document["kind"])
        metadata = document.get("metadata") or {}
        namespace = metadata.get("namespace")
        name = str(metadata.get("name", ""))
        found.setdefault(f"{kind}/{api_version}", set()).add(
            f"{namespace}/{name}" if namespace else name
        )
    return {key: sorted(names) for key, names in found.items()}
