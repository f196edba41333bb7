"""The node's network: an address, ways to pods and Services, and no way out."""

import subprocess
from pathlib import Path

from sandbox.node.addresses import ADDRESS, NETWORK, SERVICES

_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
_COMMANDS = (
    "link set lo up",
    # A bridge without members: it holds the address, and every kernel with veth has bridges too.
    "link add node0 type bridge",
    f"addr add {ADDRESS}/32 dev node0",
    "link set node0 up",
    # Without a route nothing gets as far as kube-proxy's rules, which then send it elsewhere.
    f"route add {SERVICES} dev node0",
    f"route add {NETWORK} dev node0",
)


def lay_out(path: str) -> None:
    """Set up the network namespace that this process is in; `path` finds `ip`."""
    for command in _COMMANDS:
        subprocess.run(["ip", *command.split()], env={"PATH": path}, check=True)
    _FORWARDING.write_text("1")
