"""The ``pulumi.com/`` annotations by which users steer this provider, and what they mean."""

from typing import Final

from sandbox.engine.kubernetes import objects
from sandbox.engine.kubernetes.objects import Object

AUTONAMED: Final = "pulumi.com/autonamed"
SKIP_AWAIT: Final = "pulumi.com/skipAwait"
WAIT_FOR: Final = "pulumi.com/waitFor"
TIMEOUT_SECONDS: Final = "pulumi.com/timeoutSeconds"
REPLACE_UNREADY: Final = "pulumi.com/replaceUnready"
PATCH_FORCE: Final = "pulumi.com/patchForce"
PATCH_FIELD_MANAGER: Final = "pulumi.com/patchFieldManager"
DELETION_PROPAGATION: Final = "pulumi.com/deletionPropagationPolicy"
HELM_HOOK: Final = "helm.sh/hook"
LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"

DEFAULT_TIMEOUT_SECONDS: Final = 600.0
"""How long an operation may wait when neither option nor annotation says otherwise."""


def is_true(obj: Object, key: str) -> bool:
    """Whether an annotation says ``true``."""
    return objects.annotations(obj).get(key) == "true"


def timeout_seconds(option: float, obj: Object) -> float:
    """Return how long to wait: the resource option, else the annotation, else ten minutes."""
    if option:
        return option
    try:
        return float(int(objects.annotations(obj).get(TIMEOUT_SECONDS, "")))
    except ValueError:
        return DEFAULT_TIMEOUT_SECONDS


def propagation_policy(obj: Object) -> str:
    """Return how the API server shall treat an object's dependents when it is deleted."""
    wanted = objects.annotations(obj).get(DELETION_PROPAGATION, "").lower()
    return {"orphan": "Orphan", "background": "Background"}.get(wanted, "Foreground")
