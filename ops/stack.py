"""What a stack file says, as far as operations ask for it.

The file is read as it is: whether it is right is the program's to say, and what it leaves out is
taken as the program's defaults have it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.cluster.objects import lookup
from ops.errors import UsageError
from ops.files import read_mapping

ROOT = Path(__file__).resolve().parents[1]
"""This checkout, where stack files are."""

NAME = r"[A-Za-z0-9][-A-Za-z0-9_.]{0,99}"
"""The plain name of a stack, without organization and project; its files are called so."""

PROJECT = "brisa-platform"
_DEFAULTS = {
    ("gitops", "install"): "operator",
    ("mesh", "install"): True,
    ("mesh", "mtls", "mode"): "STRICT",
    ("mesh", "ingress", "kind"): "gatewayApi",
    ("mesh", "ingress", "namespace"): "istio-ingress",
    ("chaos", "install"): True,
    ("chaos", "abortable"): True,
    ("anomaly", "install"): True,
    ("observability", "namespace"): "monitoring",
    ("observability", "createNamespace"): False,
    ("observability", "operatorLabels"): {"release": "kube-prometheus-stack"},
    ("observability", "rules", "delivery"): "prometheusOperator",
    ("observability", "scraping", "delivery"): "prometheusOperator",
}


@dataclass(frozen=True)
class Stack:
    """One stack, by its file."""

    name: str = ""
    """Its name; empty when no stack was named."""

    areas: Mapping[str, Any] = field(default_factory=dict)
    """Area -> what the file says of it."""

    rules: Mapping[str, Any] = field(default_factory=dict)
    """Its policy configuration, `policy/<stack>.json`; empty where there is none."""

    @property
    def is_given(self) -> bool:
        """Whether there is a stack to hold the cluster against."""
        return bool(self.name)

    @property
    def context(self) -> str | None:
        """Context of its cluster."""
        found = self.says("cluster", "context")
        return str(found) if found else None

    @property
    def services(self) -> Sequence[Mapping[str, Any]]:
        """The catalogue."""
        return [each for each in self.areas.get("services") or () if isinstance(each, dict)]

    def says(self, *path: str) -> Any:
        """What stands at a place, or the default of it."""
        found = lookup(self.areas, *path)
        return _DEFAULTS.get(path) if found is None else found


def stack_content(name: str, folder: Path) -> dict[str, Any]:
    """What the file of a stack says, in the engine's own words.

    Raises:
        UsageError: when it is not there or no YAML.
    """
    path = folder / f"Pulumi.{name}.yaml"
    if not path.is_file():
        known = sorted(each.name.split(".")[1] for each in folder.glob("Pulumi.*.yaml"))
        raise UsageError(f"{path.name} is missing; stacks here: {', '.join(known) or 'none'}")
    return read_mapping(path)


def read_stack(name: str, folder: Path = ROOT) -> Stack:
    """Read a stack file, and its policy configuration if it has one.

    Raises:
        UsageError: when it is not there, or one of them cannot be read.
    """
    values = stack_content(name, folder).get("config") or {}
    prefix = f"{PROJECT}:"
    areas = {key.removeprefix(prefix): value for key, value in values.items() if prefix in key}
    return Stack(name, areas, read_mapping(folder / "policy" / f"{name}.json", optional=True))
