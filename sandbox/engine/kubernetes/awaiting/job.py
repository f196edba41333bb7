"""A Job is ready when it has completed; it fails when it ran out of attempts or time."""

from sandbox.engine.kubernetes import directives, objects
from sandbox.engine.kubernetes.awaiting.condition import find_condition
from sandbox.engine.kubernetes.awaiting.wait import Progress, Wait
from sandbox.engine.kubernetes.objects import Object

_FINAL_REASONS = ("BackoffLimitExceeded", "DeadlineExceeded")


class JobReadiness:
    """Knows when a Job is done."""

    timeout_message = "'{name}' timed out waiting to be Ready"
    default_seconds = directives.DEFAULT_TIMEOUT_SECONDS

    def __init__(self, _wait: Wait) -> None:
        """Jobs need nothing but themselves."""

    def examine(self, live: Object) -> Progress:
        """Say how far the Job is."""
        if is_complete(live):
            return Progress(ready=True)
        name, status = objects.name(live), live.get("status") or {}
        if not status.get("startTime"):
            return Progress(ready=False, status=f'Waiting for Job "{name}" to start')
        failure = find_condition(live, "Failed") or {}
        if failure.get("status") == "True" and failure.get("reason") in _FINAL_REASONS:
            problem = f"[{failure['reason']}] {failure.get('message', '')}"
            return Progress(ready=False, status=problem, problems=[problem], failed=True)
        counts = " | ".join(
            f"{word}: {status.get(word.lower(), 0)}" for word in ("Active", "Succeeded", "Failed")
        )
        return Progress(ready=False, status=f'Waiting for Job "{name}" to succeed ({counts})')


def is_complete(live: Object) -> bool:
    """Whether the Job has started and completed."""
    complete = find_condition(live, "Complete") or {}
    started = objects.lookup(live, "status", "startTime")
    return bool(started) and complete.get("status") == "True"
