"""What a node needs in the API: DNS and storage, applied anew at every `up`."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.cluster import Cluster
from sandbox.node import dns, network_policies, storage
from sandbox.node.addresses import NAME as NODE
from sandbox.node.layout import NodeFolder

_FIELD_MANAGER = "brisa-node"
_READY_SECONDS = 120


@dataclass(frozen=True)
class Addons:
    """The addons of one node."""

    node: NodeFolder
    cluster: Cluster
    """With an administrator's kubeconfig."""

    def apply(self) -> None:
        """Create or update all of them; a volume that nobody claims any more is emptied."""
        self._renew_volumes()
        storage.make_folders(self.node)
        items = [*dns.objects(), *network_policies.objects(), *storage.objects(self.node)]
        document = {"apiVersion": "v1", "kind": "List", "items": items}
        self.cluster.apply(json.dumps(document), owner=_FIELD_MANAGER)

    def wait_until_ready(self, *, on_wait: Callable[[str], None]) -> None:
        """Wait until the node takes pods and names are answered."""
        timeout = f"--timeout={_READY_SECONDS}s"
        on_wait("the node")
        self.cluster.run("wait", "--for=condition=Ready", f"node/{NODE}", timeout)
        on_wait(dns.NAME)
        place = f"--namespace={dns.NAMESPACE}"
        self.cluster.run("rollout", "status", f"deployment/{dns.NAME}", place, timeout)

    def _renew_volumes(self) -> None:
        """A volume stays with the claim that had it; without the claim, it serves nobody."""
        volumes = json.loads(self.cluster.run("get", "persistentvolumes", "--output=json"))["items"]
        for name in released(volumes):
            self.cluster.run("delete", "persistentvolume", name)
            shutil.rmtree(self.node.volumes / name, ignore_errors=True)


def released(volumes: list[dict[str, Any]]) -> list[str]:
    """Names of the node's volumes whose claim is gone."""
    return [
        volume["metadata"]["name"]
        for volume in volumes
        if volume["metadata"]["name"] in storage.VOLUMES
        and volume.get("status", {}).get("phase") in ("Released", "Failed")
    ]
