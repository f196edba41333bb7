"""What a cluster has to have before the stack's objects can be in it, and those objects."""

import json
from collections.abc import Iterable, Iterator

import yaml

from sandbox.folder import CHARTS, CHECKOUT
from sandbox.toolchain.sources import FLUX_OPERATOR, module_folder
from tests.cluster.definitions import define_monitoring
from tests.program.stacks import DIGEST

DEFINITION = "CustomResourceDefinition"
SERVER_SIDE = ("apply", "--server-side", "-f", "-")


def definitions(toolchain) -> Iterator[dict]:
    """The custom resource definitions of Istio, Chaos Mesh, the Flux Operator and Flux."""
    flux = module_folder(toolchain.go, FLUX_OPERATOR) / "config"
    for file in (
        CHARTS / "base" / "files" / "crd-all.gen.yaml",
        *(CHARTS / "chaos-mesh" / "crds").glob("*.yaml"),
        *(flux / "crd" / "bases").glob("*.yaml"),
        *(flux / "data" / "flux" / "v2.9.5").glob("*controller.yaml"),
    ):
        found = yaml.load_all(file.read_text(), yaml.CSafeLoader)
        yield from (each for each in found if each and each["kind"] == DEFINITION)


def objects(stack: str) -> list[dict]:
    """A stack's objects as its snapshot has them, namespaces first."""
    snapshots = CHECKOUT / "tests" / "program" / "snapshots"
    # Their own policies refuse an image that nobody has built.
    text = (snapshots / f"{stack}.yaml").read_text().replace("0" * 64, DIGEST)
    found = [
        {key: value for key, value in each.items() if key not in ("resource", "type")}
        for each in yaml.load_all(text, yaml.CSafeLoader)
        if not each["type"].startswith("kubernetes:helm.sh")
    ]
    kept = [each for each in found if each["kind"] not in ("ConfigMap", "Secret")]
    return sorted(kept, key=lambda each: each["kind"] != "Namespace")


def listed(found: Iterable[dict]) -> str:
    """Objects as kubectl takes them."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(found)}, default=str)


def install(cluster, toolchain) -> None:
    """Let a cluster serve every kind that the platform uses."""
    cluster.kubectl(*SERVER_SIDE, stdin=listed(definitions(toolchain)))
    define_monitoring(cluster)


def apply_stack(cluster, stack: str) -> None:
    """Bring a stack's objects into a cluster that has the definitions."""
    cluster.kubectl("create", "namespace", "monitoring")  # the monitoring stack's, not ours
    cluster.kubectl(*SERVER_SIDE, stdin=listed(objects(stack)))
