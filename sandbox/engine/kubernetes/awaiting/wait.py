"""Waiting: what is waited for, for how long, and how a wait ends.

The loop asks the API server again and again, ever less often. A wait ends by readiness, by
failure, by timeout or because the user gave up; in the last three cases the error carries the
object, because it exists.
"""

import time
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

from sandbox.engine.kubernetes import directives, objects
from sandbox.engine.kubernetes.errors import ApiError, InitializationError
from sandbox.engine.kubernetes.instance import Instance
from sandbox.engine.kubernetes.objects import Object

_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Wait:
    """One wait for one resource."""

    instance: Instance
    """Cluster, log and cancellation."""
    urn: str
    """For whom progress is shown."""
    inputs: Object
    """What the program gave; its annotations steer the wait."""
    timeout_seconds: float
    """How long to wait at most."""
    timeout_is_explicit: bool
    """Whether the user set the timeout; kinds that settle quickly have shorter defaults."""
    before: Object | None
    """The live object before an update; ``None`` for a creation."""

    @classmethod
    def of(
        cls,
        instance: Instance,
        urn: str,
        inputs: Object,
        timeout_option: float,
        before: Object | None = None,
    ) -> Self:
        """Make a wait with the timeout that option or annotation asks for."""
        explicit = bool(timeout_option) or directives.TIMEOUT_SECONDS in objects.annotations(inputs)
        seconds = directives.timeout_seconds(timeout_option, inputs)
        return cls(instance, urn, inputs, seconds, explicit, before)

    @property
    def is_skipped(self) -> bool:
        """Whether the program does not want to wait."""
        return directives.is_true(self.inputs, directives.SKIP_AWAIT)


@dataclass(frozen=True)
class Progress:
    """How far an object is."""

    ready: bool
    """Whether the wait is over, well."""
    status: str = ""
    """What is being waited for, for the user to watch."""
    problems: list[str] = field(default_factory=list)
    """What is wrong so far; becomes part of the error if it stays so."""
    failed: bool = False
    """Whether it will never become ready."""


class Readiness(Protocol):
    """Knows when objects of a kind are ready."""

    timeout_message: str
    """What a timeout is called; ``{name}`` stands for the object's name."""
    default_seconds: float
    """How long such objects may take when the user says nothing."""

    def examine(self, live: Object) -> Progress:
        """Say how far the object is."""


def until_ready(wait: Wait, readiness: Readiness, live: Object) -> Object:
    """Wait for an object.

    Raises:
        InitializationError: It did not become ready.
    """
    seconds = wait.timeout_seconds if wait.timeout_is_explicit else readiness.default_seconds
    deadline = time.monotonic() + seconds
    pause = _FIRST_PAUSE_SECONDS
    while True:
        progress = readiness.examine(live)
        if progress.ready:
            wait.instance.log.status(wait.urn, "")
            return live
        if progress.failed:
            raise not_initialized(live, progress)
        wait.instance.log.status(wait.urn, progress.status)
        if time.monotonic() + pause > deadline:
            message = readiness.timeout_message.format(name=objects.name(live))
            raise _unready(message, live, progress)
        if wait.instance.cancelled.wait(pause):
            raise _unready(cancellation(live), live, progress)
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
        live = wait.instance.cluster.get(live)


def not_initialized(live: Object, progress: Progress) -> InitializationError:
    """Say that an object exists but is not, or will never be, ready."""
    message = f"Resource '{objects.name(live)}' was created but failed to initialize"
    return _unready(message, live, progress)


def cancellation(live: Object) -> str:
    """Say that the user gave up."""
    return f'Resource operation was cancelled for "{objects.name(live)}"'


def _unready(message: str, live: Object, progress: Progress) -> InitializationError:
    reasons = progress.problems or ([progress.status] if progress.status else [])
    return InitializationError(message, live, reasons)


def until_deleted(wait: Wait, live: Object) -> None:
    """Wait until an object is gone.

    Raises:
        InitializationError: It is still there.
    """
    deadline = time.monotonic() + wait.timeout_seconds
    pause = _FIRST_PAUSE_SECONDS
    uid = objects.lookup(live, "metadata", "uid")
    while True:
        try:
            found = wait.instance.cluster.get(live)
        except ApiError as error:
            if error.not_found:
                return
            raise
        if uid and objects.lookup(found, "metadata", "uid") != uid:
            return  # another object of the same name
        live = found
        wait.instance.log.status(wait.urn, "Resource scheduled for deletion")
        if time.monotonic() + pause > deadline:
            finalizers = objects.lookup(live, "metadata", "finalizers") or []
            hint = f"finalizers might be preventing deletion ({', '.join(finalizers)})"
            wait.instance.log.warning(wait.urn, hint)
            raise InitializationError("timed out waiting for the condition", live, [hint])
        if wait.instance.cancelled.wait(pause):
            raise InitializationError(cancellation(live), live, [])
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
