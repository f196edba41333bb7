"""The supervising process: starts services in order, restarts what ends, stops all of it.

One thread, one loop. It sleeps in `sigtimedwait`, so that the end of a child or a request to stop
wakes it at once. It owns `state.json`; everybody else only reads that file.
"""

import os
import signal
import time
from datetime import UTC, datetime
from http import HTTPStatus

from sandbox.errors import ServiceError
from sandbox.supervision.child import Child
from sandbox.supervision.folder import GroupFolder
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import (
    Exit,
    GroupState,
    Phase,
    Service,
    ServiceList,
    ServiceState,
)

MAX_EXITS_BEFORE_READY = 3
"""A service others wait for that ends this often in a row, never ready, is left alone."""
_FIRST_BACKOFF_SECONDS = 0.25
_LAST_BACKOFF_SECONDS = 30.0
_BUSY_SECONDS = 0.1
_IDLE_SECONDS = 2.0
_WAKING = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


class _Watched:
    """A service with its running process and its history."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.state = ServiceState(name=service.name, endpoint=service.endpoint)
        self.child: Child | None = None
        self.exits_before_ready = 0
        self.next_start = 0.0

    @property
    def conditional(self) -> bool:
        """Whether it runs only at times; then no other service waits for it."""
        return self.service.only_while is not None

    @property
    def busy(self) -> bool:
        """Whether something is about to change, so that it is worth looking often."""
        phase = self.state.phase
        return phase in (Phase.STARTING, Phase.CRASHED) or (
            phase is Phase.WAITING and not self.conditional
        )


class Supervisor:
    """Keeps the services of one folder running until it is told to stop."""

    def __init__(
        self, folder: GroupFolder, plan: ServiceList, *, ends_with_failed: bool = False
    ) -> None:
        """Take over a folder.

        Args:
            folder: Where state and logs go.
            plan: What to run.
            ends_with_failed: Whether to end, with a message, when a service is given up, so that
                whoever supervises this supervisor starts everything again.
        """
        self._ends_with_failed = ends_with_failed
        self._folder = folder
        self._owner = plan.owner
        self._watched = [_Watched(service) for service in plan.services]
        self._identity = ProcessIdentity.of(os.getpid())

    def run(self) -> None:
        """Supervise until TERM or INT arrives, or the owner is gone; then stop everything."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _WAKING)
        try:
            while not self._asked_to_stop():
                self._advance()
                self._publish()
                if self._ends_with_failed:
                    self._raise_for_failed()
        finally:
            self._stop_all()

    def _raise_for_failed(self) -> None:
        for state in (watched.state for watched in self._watched):
            if state.phase is Phase.FAILED and state.last_exit is not None:
                raise ServiceError(
                    f"{state.name} does not start ({state.last_exit.reason}). "
                    f"The end of its log:\n{state.last_exit.log_tail}"
                )

    def _asked_to_stop(self) -> bool:
        busy = any(watched.busy for watched in self._watched)
        woken = signal.sigtimedwait(_WAKING, _BUSY_SECONDS if busy else _IDLE_SECONDS)
        if woken is not None and woken.si_signo != signal.SIGCHLD:
            return True
        return self._owner is not None and not self._owner.alive

    def _advance(self) -> None:
        """Move every service one step on; a service waits until all before it are ready."""
        may_start = True
        for watched in self._watched:
            self._notice_exit(watched)
            if watched.child is None and may_start:
                self._start_when_due(watched)
            elif watched.child is not None:
                self._check(watched)
            may_start = may_start and (watched.conditional or watched.state.phase is Phase.READY)

    def _notice_exit(self, watched: _Watched) -> None:
        reason = watched.child.exit_reason() if watched.child else None
        if watched.child is not None and reason is not None:
            self._record_exit(watched, reason, watched.child.log_tail())

    def _record_exit(self, watched: _Watched, reason: str, tail: str) -> None:
        """Remember how a service ended, and when to start it again, if at all."""
        state = watched.state
        if state.phase is not Phase.READY:
            watched.exits_before_ready += 1
        watched.child = None
        state.process = None
        state.exits += 1
        state.last_exit = Exit(at=datetime.now(UTC), reason=reason, log_tail=tail)
        if watched.exits_before_ready >= MAX_EXITS_BEFORE_READY and not watched.conditional:
            state.phase = Phase.FAILED
            return
        state.phase = Phase.CRASHED
        backoff = _FIRST_BACKOFF_SECONDS * 2**watched.exits_before_ready
        watched.next_start = time.monotonic() + min(backoff, _LAST_BACKOFF_SECONDS)

    def _start_when_due(self, watched: _Watched) -> None:
        if watched.state.phase is Phase.FAILED or time.monotonic() < watched.next_start:
            return
        condition = watched.service.only_while
        if condition is not None and not condition.passes():
            watched.next_start = time.monotonic() + _IDLE_SECONDS
            return
        log = self._folder.log(watched.state.name)
        try:
            watched.child = Child.start(watched.service, log=log, folder=self._folder.root)
        except OSError as problem:
            self._record_exit(watched, str(problem), "")
            return
        watched.state.process = watched.child.identity
        watched.state.phase = Phase.STARTING

    def _check(self, watched: _Watched) -> None:
        condition = watched.service.only_while
        if condition is not None and condition.status() == HTTPStatus.NOT_FOUND:
            self._stop(watched)
        elif watched.state.phase is Phase.STARTING and watched.service.ready.passes():
            watched.state.phase = Phase.READY
            watched.exits_before_ready = 0

    def _publish(self) -> None:
        states = [watched.state for watched in self._watched]
        state = GroupState(supervisor=self._identity, services=states)
        if state != GroupState.read(self._folder.state):  # it changed, or somebody damaged the file
            state.write(self._folder.state)

    def _stop_all(self) -> None:
        for watched in reversed(self._watched):
            self._stop(watched)
        self._publish()

    def _stop(self, watched: _Watched) -> None:
        if watched.child is not None:
            watched.child.stop(watched.service.grace_seconds)
        watched.child = None
        watched.state.process = None
        watched.state.phase = Phase.WAITING
