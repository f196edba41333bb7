"""The pods' network: one pair of interfaces per pod, no bridge, no way out of the node."""

from typing import Any

from sandbox.node.addresses import PODS

FILE = "10-brisa.conflist"


def configuration() -> dict[str, Any]:
    """The list of plugins; `bridge` would need br_netfilter, which not every kernel has."""
    addresses = {
        "type": "host-local",
        "dataDir": "/run/cni",
        "ranges": [[{"subnet": PODS}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    return {
        "cniVersion": "1.0.0",
        "name": "brisa",
        "plugins": [
            {"type": "ptp", "ipMasq": False, "ipam": addresses},
            {"type": "portmap", "capabilities": {"portMappings": True}, "backend": "nftables"},
        ],
    }
