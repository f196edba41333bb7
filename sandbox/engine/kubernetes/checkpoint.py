"""The state of a resource: the live object, and beside it what the program gave.

Owns the layout of the checkpoint and the two spellings of ``x-kubernetes-*`` keys: objects have
dashes, the SDKs' property names have underscores.
"""

from typing import Any, Final

from sandbox.engine.kubernetes.objects import Object
from sandbox.engine.kubernetes.secrecy import mark_secrets
from sandbox.engine.kubernetes.wire import Properties, Secret, reveal

INPUTS: Final = "__inputs"
INITIAL_API_VERSION: Final = "__initialApiVersion"
FIELD_MANAGER: Final = "__fieldManager"

_TO_DASHES: Final = {
    key.replace("-", "_"): key
    for key in (
        "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-map-type",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-validations",
    )
}
_TO_UNDERSCORES: Final = {dashed: underscored for underscored, dashed in _TO_DASHES.items()}


def _rename(value: Any, names: dict[str, str]) -> Any:
    """Copy a value with keys renamed at every depth."""
    if isinstance(value, dict):
        return {names.get(key, key): _rename(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_rename(item, names) for item in value]
    return value


def to_object(properties: Properties) -> Object:
    """Make a Kubernetes object of what the engine sent: no secrets, dashed keys."""
    renamed: Object = _rename(reveal(properties), _TO_DASHES)
    return renamed


def compose(
    *,
    inputs: Object,
    live: Object,
    given: Properties,
    initial_api_version: str,
    field_manager: str,
) -> Properties:
    """Make the state of a resource.

    Args:
        inputs: What the program gave, as checked.
        live: What the API server answered.
        given: The properties in which the program's secrets are still marked.
        initial_api_version: The version under which the object was first made.
        field_manager: Who owns our fields at the API server.
    """
    state: Properties = _rename(live, _TO_UNDERSCORES)
    kept: Properties = _rename(inputs, _TO_UNDERSCORES)
    mark_secrets(state, given)
    mark_secrets(kept, given)
    state[INPUTS] = kept
    state[INITIAL_API_VERSION] = initial_api_version
    state[FIELD_MANAGER] = field_manager
    return state


def split(state: Properties) -> tuple[Object, Object]:
    """Return the old inputs and the old live object of a state."""
    live = to_object(state)
    inputs = live.pop(INPUTS, {})
    return inputs, live


def initial_api_version(state: Properties, inputs: Object) -> str:
    """Return the version under which the object was first made."""
    found = state.get(INITIAL_API_VERSION) or inputs.get("apiVersion") or ""
    return str(found.value if isinstance(found, Secret) else found)
