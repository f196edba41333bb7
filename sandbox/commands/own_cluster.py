"""`up --context` and `down --context`: the stack in a cluster of the user's own."""

from sandbox.commands.lock import changing
from sandbox.console import MESSAGES
from sandbox.own_cluster import OwnCluster
from sandbox.session import STACK


def up(cluster: OwnCluster) -> int:
    """Bring demo and stack up in it."""
    cluster.folder.root.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with changing(cluster.folder):
        workspace = cluster.prepare()
        workspace.up(STACK)
        cluster.demo.introduce()
    MESSAGES.print(f"the stack is up in {cluster.context}", highlight=False)
    return 0


def down(cluster: OwnCluster) -> int:
    """Destroy the stack, then take the demo away."""
    cluster.folder.root.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with changing(cluster.folder):
        if workspace := cluster.find():
            workspace.destroy(STACK)
        cluster.demo.remove()
        cluster.forget()
    MESSAGES.print(f"nothing of the stack is left in {cluster.context}", highlight=False)
    return 0
