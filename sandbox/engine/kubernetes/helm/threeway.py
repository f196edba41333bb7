"""The patch from a release's state to its new inputs.

What the program dropped is deleted; what differs from the live state is changed, so that drift
shows.
"""

from typing import Any

from sandbox.engine.kubernetes import mergepatch

Document = dict[str, Any]


def create(old_inputs: Document, new_inputs: Document, state: Document) -> Document:
    """Return the merge patch; ``None`` stands for a deletion or for a value not known yet."""
    return _combined(_changes(state, new_inputs), _deletions(old_inputs, new_inputs))


def _changes(state: Document, wanted: Document) -> Document:
    patch: Document = {}
    for key, value in wanted.items():
        current = state.get(key)
        if isinstance(current, dict) and isinstance(value, dict):
            inner = _changes(current, value)
            if inner:
                patch[key] = inner
        elif key not in state or value is None or not mergepatch.same(current, value):
            patch[key] = value
    return patch


def _deletions(old: Document, new: Document) -> Document:
    patch: Document = {}
    for key, value in old.items():
        if key not in new:
            patch[key] = None
        elif isinstance(value, dict) and isinstance(new[key], dict):
            inner = _deletions(value, new[key])
            if inner:
                patch[key] = inner
    return patch


def _combined(changes: Document, deletions: Document) -> Document:
    """Combine both parts of a patch."""
    merged = dict(changes)
    for key, value in deletions.items():
        current = merged.get(key)
        if isinstance(current, dict) and isinstance(value, dict):
            merged[key] = _combined(current, value)
        else:
            merged.setdefault(key, value)
    return merged
