"""Cutting a live object down to the shape of what the program gave.

The API server fills in defaults and other controllers add fields. For a comparison with the
program only the fields that the program once set matter.
"""

import copy
from typing import Any

from sandbox.engine.kubernetes.objects import Object


def prune(source: Object, shape: Object) -> Object:
    """Copy the entries of ``source`` whose keys ``shape`` has, recursively."""
    return {key: _prune_value(value, shape[key]) for key, value in source.items() if key in shape}


def _prune_value(value: Any, shape: Any) -> Any:
    if isinstance(value, dict) and isinstance(shape, dict):
        return prune(value, shape)
    if isinstance(value, list) and isinstance(shape, list):
        return _prune_list(value, shape)
    return copy.deepcopy(value)


def _prune_list(source: list[Any], shape: list[Any]) -> list[Any]:
    if not source or not shape:
        return []
    if type(source[0]) is not type(shape[0]):
        return copy.deepcopy(source)
    return [_prune_value(value, wanted) for value, wanted in zip(source, shape, strict=False)]
