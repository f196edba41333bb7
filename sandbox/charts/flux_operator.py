"""Makes a Helm chart of the Flux Operator's manifests, whose Go module brings none.

The chart renders what the module's own kustomization installs. Its one value, `installCRDs`, has
the name and the default that the published chart gives it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from sandbox.errors import ChartError

NAME = "flux-operator"
_MANIFESTS = (
    "config/default/rbac.yaml",
    "config/manager/account.yaml",
    "config/manager/deployment.yaml",
    "config/manager/service.yaml",
)
_CLUSTER_SCOPED = ("ClusterRole", "ClusterRoleBinding")
_RELEASE_NAMESPACE = "{{ .Release.Namespace }}"


def write_chart(module: Path, target: Path) -> None:
    """Write the chart for the manifests of one version of the module."""
    image, tag = _image(module)
    templates = target / "templates"
    templates.mkdir(parents=True)
    chart = {
        "apiVersion": "v2",
        "name": NAME,
        "description": "The Flux Operator, from the manifests of its Go module",
        "type": "application",
        "version": tag.removeprefix("v"),
        "appVersion": tag,
    }
    (target / "Chart.yaml").write_text(_dump(chart), encoding="utf-8")
    (target / "values.yaml").write_text(
        "# Install and remove the CustomResourceDefinitions with the release.\ninstallCRDs: true\n",
        encoding="utf-8",
    )
    for manifest in _MANIFESTS:
        source = module / manifest
        documents = [_templated(doc, f"{image}:{tag}") for doc in _documents(source)]
        (templates / source.name).write_text(_join(documents), encoding="utf-8")
    definitions = _join(
        [_escaped(_dump(doc)) for doc in _definitions(module)],
    )
    (templates / "crds.yaml").write_text(
        f"{{{{- if .Values.installCRDs }}}}\n{definitions}{{{{- end }}}}\n", encoding="utf-8"
    )


def _image(module: Path) -> tuple[str, str]:
    """Name and tag of the operator's image, as its kustomization sets them."""
    (kustomization,) = _documents(module / "config/manager/kustomization.yaml")
    image = kustomization["images"][0]
    return image["newName"], image["newTag"]


def _definitions(module: Path) -> Iterator[dict[str, Any]]:
    files = sorted((module / "config/crd/bases").glob("*.yaml"))
    if not files:
        raise ChartError("the Flux Operator's module holds no CustomResourceDefinitions")
    for file in files:
        yield from _documents(file)


def _templated(document: dict[str, Any], image: str) -> str:
    """One manifest as a template: in the release's namespace, with the real image."""
    if document["kind"] not in _CLUSTER_SCOPED:
        document["metadata"]["namespace"] = _RELEASE_NAMESPACE
    for subject in document.get("subjects", []):
        subject["namespace"] = _RELEASE_NAMESPACE
    if document["kind"] == "Deployment":
        for container in document["spec"]["template"]["spec"]["containers"]:
            container["image"] = image
    return _dump(document)


def _escaped(text: str) -> str:
    """Keep Helm from reading braces of the text as its own."""
    return text.replace("{{", '{{ "{{" }}')


def _documents(file: Path) -> list[dict[str, Any]]:
    return [doc for doc in yaml.safe_load_all(file.read_text(encoding="utf-8")) if doc]


def _join(documents: list[str]) -> str:
    return "".join(f"---\n{document}" for document in documents)


def _dump(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, sort_keys=False)
