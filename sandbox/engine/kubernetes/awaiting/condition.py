"""Readiness that the user asks for: the ``pulumi.com/waitFor`` annotation.

``condition=Ready``, ``condition=Ready=False``, ``jsonpath={.status.phase}=Running``, or a JSON
array of them, all of which must hold.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from sandbox.engine.kubernetes import directives, objects
from sandbox.engine.kubernetes.awaiting import jsonpath
from sandbox.engine.kubernetes.awaiting.wait import Progress
from sandbox.engine.kubernetes.errors import InitializationError, ProviderError
from sandbox.engine.kubernetes.objects import Object

Check = Callable[[Object], Progress]

_PREFIX: Final = "condition="


class RequestedReadiness:
    """Holds when everything that the user asks for holds."""

    timeout_message = "timed out waiting for the condition"
    default_seconds = directives.DEFAULT_TIMEOUT_SECONDS

    def __init__(self, checks: list[Check]) -> None:
        self._checks = checks

    def examine(self, live: Object) -> Progress:
        """Say how far the object is."""
        open_checks = [
            progress for progress in (check(live) for check in self._checks) if not progress.ready
        ]
        if not open_checks:
            return Progress(ready=True)
        return Progress(
            ready=False,
            status=open_checks[0].status,
            problems=[progress.status for progress in open_checks],
        )


def requested(live: Object) -> RequestedReadiness | None:
    """Return the readiness that an object's annotation asks for, if any.

    Raises:
        InitializationError: The annotation is malformed. The object exists by then.
    """
    text = objects.annotations(live).get(directives.WAIT_FOR, "")
    if not text:
        return None
    try:
        return parse(text)
    except ProviderError as error:
        raise InitializationError(str(error), live, []) from None


def parse(text: str) -> RequestedReadiness:
    """Read the annotation's value.

    Raises:
        ProviderError: It is malformed.
    """
    try:
        listed = json.loads(text)
    except ValueError:
        listed = None
    is_list = isinstance(listed, list) and all(isinstance(item, str) for item in listed)
    expressions = listed if is_list else [text]
    if not expressions:
        raise ProviderError("at least one condition must be specified")
    return RequestedReadiness([_check(expression) for expression in expressions])


def _check(expression: str) -> Check:
    if expression.startswith(jsonpath.PREFIX):
        return _JsonPath(jsonpath.parse(expression))
    if expression.startswith(_PREFIX):
        kind, _, status = expression.removeprefix(_PREFIX).partition("=")
        return _Condition(kind, status or "True")
    raise ProviderError(f'expected a "jsonpath=" or "condition=" prefix, got "{expression}"')


class _JsonPath:
    def __init__(self, expression: jsonpath.Expression) -> None:
        self._expression = expression

    def __call__(self, live: Object) -> Progress:
        try:
            found = self._expression.match(live)
        except ProviderError as error:
            raise InitializationError(str(error), live, []) from None
        return Progress(ready=found.matched, status=found.message)


class _Condition:
    """One of ``.status.conditions``, told by the controller about the current generation."""

    def __init__(self, kind: str, status: str) -> None:
        self._kind = kind
        self._status = status

    def __call__(self, live: Object) -> Progress:
        found = find_condition(live, self._kind)
        if found is None:
            return Progress(ready=False, status=f"Waiting for condition {self._kind}")
        generation = objects.lookup(live, "metadata", "generation")
        observed = found.get("observedGeneration")
        if observed is None:
            observed = objects.lookup(live, "status", "observedGeneration")
        if observed is not None and generation is not None and observed < generation:
            return Progress(
                ready=False, status=f"Generation {observed} is less than expected {generation}"
            )
        status = str(found.get("status", ""))
        message = f"Resource has condition {self._kind}={status} (want {self._status})"
        explanation = found.get("message")
        if explanation:
            message += f": {explanation}"
        return Progress(ready=status.lower() == self._status.lower(), status=message)


def find_condition(live: Object, kind: str) -> dict[str, Any] | None:
    """Return one of an object's conditions; kinds of conditions are compared without case."""
    conditions = objects.lookup(live, "status", "conditions")
    for condition in conditions if isinstance(conditions, list) else []:
        if str(condition.get("type", "")).lower() == kind.lower():
            found: dict[str, Any] = condition
            return found
    return None
