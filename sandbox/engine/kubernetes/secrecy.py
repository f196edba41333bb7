"""What must be secret, and what must be unknown, in values that came back from elsewhere.

The API server and Helm know nothing of secrets and unknowns. These functions copy both from the
inputs to what was computed from them; the data of a Kubernetes Secret is secret whatever the
program said. They change the given map in place.
"""

from typing import Any

from sandbox.engine.kubernetes.wire import UNKNOWN, Properties, Secret, has_secret


def mark_secrets(outputs: Properties, inputs: Properties) -> None:
    """Mark as secret what was secret in ``inputs``; a list is secret as a whole."""
    if outputs.get("kind") == "Secret":
        for field in ("data", "stringData"):
            if field in outputs:
                outputs[field] = _secret(outputs[field])
        return
    for key, given in inputs.items():
        if key not in outputs:
            continue
        computed = outputs[key]
        if isinstance(computed, dict) and isinstance(given, dict):
            mark_secrets(computed, given)
        elif has_secret(given):
            outputs[key] = _secret(computed)


def mark_unknowns(outputs: Properties, inputs: Properties) -> None:
    """Mark as unknown what was unknown in ``inputs``."""
    for key, given in inputs.items():
        if key in outputs:
            outputs[key] = _with_unknowns(outputs[key], given)


def _secret(value: Any) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)


def _with_unknowns(computed: Any, given: Any) -> Any:
    if isinstance(given, Secret):
        return _with_unknowns(computed, given.value)
    if given is UNKNOWN:
        return UNKNOWN
    if isinstance(computed, dict) and isinstance(given, dict):
        mark_unknowns(computed, given)
    elif isinstance(computed, list) and isinstance(given, list):
        for index, item in enumerate(given[: len(computed)]):
            computed[index] = _with_unknowns(computed[index], item)
    return computed
