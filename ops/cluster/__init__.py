"""The Kubernetes API, as far as operations need it: any kind, untyped, listed in parallel.

Credentials, connections and TLS are those of the official client; only its generated classes are
not used, because most kinds here are defined by others and are found by asking the API server.
"""

from ops.cluster.api import Cluster, separate
from ops.cluster.connection import connect
from ops.cluster.discovery import Catalogue, Resource
from ops.cluster.objects import Named, Namespaced, Object, Ref

__all__ = [
    "Catalogue",
    "Cluster",
    "Named",
    "Namespaced",
    "Object",
    "Ref",
    "Resource",
    "connect",
    "separate",
]
