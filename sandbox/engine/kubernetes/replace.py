"""Which changes cannot be made in place.

A table of the fields that force a replacement, by kind, as in the official plugin; and the test
whether a change touches one of them.
"""

from dataclasses import dataclass
from typing import Any, Final

from sandbox.engine.kubernetes import objects
from sandbox.engine.kubernetes.objects import Object
from sandbox.engine.kubernetes.propertypath import Path

IDENTITY: Final = ("metadata.name", "metadata.namespace")
"""Changing these makes another object of it, whatever the kind."""

_POD_FIELDS: Final = [
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostname",
    "imagePullSecrets",
    "nodeName",
    "nodeSelector",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "volumes",
]
_CONTAINER_FIELDS: Final = [
    "args",
    "command",
    "env",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "ports",
    "readinessProbe",
    "resources",
    "securityContext",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
]
_VOLUME_SOURCES: Final = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "hostPath",
    "iscsi",
    "local",
    "nfs",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
]

_POD: Final = (
    *(f"spec.{field}" for field in _POD_FIELDS),
    *(
        f"spec.{kind}.*.{field}"
        for kind in ("containers", "initContainers")
        for field in _CONTAINER_FIELDS
    ),
)
_STATEFUL_SET: Final = (
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
)
_JOB: Final = ("spec.completions", "spec.parallelism", "spec.selector", "spec.template")
_CONFIG_MAP: Final = ("binaryData", "data")
_SECRET: Final = ("type", "stringData", "data")

_FIELDS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("apps", "DaemonSet"): ("spec.selector",),
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "StatefulSet"): _STATEFUL_SET,
    ("batch", "Job"): _JOB,
    ("", "PersistentVolume"): tuple(f"spec.{source}" for source in _VOLUME_SOURCES),
    ("", "PersistentVolumeClaim"): (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    ("", "Pod"): _POD,
    ("", "ResourceQuota"): ("spec.scopes",),
    ("", "Secret"): ("type",),
    ("", "Service"): ("spec.clusterIP",),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
}


@dataclass(frozen=True)
class Mutability:
    """What the provider's options allow to change in place."""

    config_maps: bool
    """Data of ConfigMaps (``enableConfigMapMutable``); default no: users rely on the roll-out."""
    secrets: bool
    """Data of Secrets (option ``enableSecretMutable``); default no, for the same reason."""


def fields(obj: Object, mutability: Mutability) -> tuple[str, ...]:
    """Return the fields of an object whose change forces a replacement."""
    kind = objects.gvk(obj)
    frozen = obj.get("immutable") is True
    if objects.is_core(obj, "Secret") and (frozen or not mutability.secrets):
        return IDENTITY + _SECRET
    if objects.is_core(obj, "ConfigMap") and (frozen or not mutability.config_maps):
        return IDENTITY + _CONFIG_MAP
    return IDENTITY + _FIELDS.get((kind.group, kind.kind), ())


def forced(path: Path, value: Any, forcing: tuple[str, ...]) -> bool:
    """Whether a change at ``path`` to ``value`` touches one of the ``forcing`` fields.

    A change inside a forcing field counts, and so does a new map that holds one.
    """
    steps = tuple("*" if isinstance(step, int) else step for step in path)
    return any(_touches(steps, value, tuple(field.split("."))) for field in forcing)


def _touches(steps: tuple[str, ...], value: Any, field: tuple[str, ...]) -> bool:
    shared = min(len(steps), len(field))
    if steps[:shared] != field[:shared]:
        return False
    if len(steps) >= len(field):
        return value != "" or len(steps) > len(field)
    return _holds(value, field[shared:])


def _holds(value: Any, rest: tuple[str, ...]) -> bool:
    if not rest:
        return value not in ("", None)
    if rest[0] == "*":
        return isinstance(value, list) and any(_holds(item, rest[1:]) for item in value)
    return isinstance(value, dict) and rest[0] in value and _holds(value[rest[0]], rest[1:])
