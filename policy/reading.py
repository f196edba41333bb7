"""Each resource is read once, and then judged by every rule.

The SDK turns the properties of a resource into Python anew for every policy, which would be most of
what judging a stack costs. Rules only read them, so that all can be given the same.
"""

from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from google.protobuf import json_format
from pulumi_policy import policy

_SDK: Any = policy
_RECENT = 16
"""Of how many things the last results are kept: the resources under judgement, their providers."""


def read_once() -> None:
    """Have the SDK keep what it has read."""
    _SDK.json_format = SimpleNamespace(MessageToDict=_Kept(json_format.MessageToDict))
    _SDK.deserialize_properties = _Kept(_SDK.deserialize_properties)
    _SDK.unknown_checking_proxy = _Kept(_SDK.unknown_checking_proxy)


class _Kept:
    """A function that gives the same result for the very same thing, while that is recent."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._recent: deque[tuple[Any, tuple[Any, ...], Any]] = deque(maxlen=_RECENT)

    def __call__(self, thing: Any, *options: Any) -> Any:
        for known, of, result in tuple(self._recent):
            if known is thing and of == options:
                return result
        result = self._function(thing, *options)
        self._recent.append((thing, options, result))
        return result
