"""Starting, watching and stopping a supervised group from the outside."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from sandbox.errors import PortTakenError, ServiceError
from sandbox.files import write_atomically
from sandbox.locking import try_lock
from sandbox.supervision.child import log_tail
from sandbox.supervision.folder import GroupFolder
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import GroupState, Phase, Service, ServiceList, ServiceState

STARTUP_SECONDS = 120.0
"""How long a group may take to get ready; minutes, for machines that are busy compiling."""
_GRACE_SECONDS = 10.0
_UNKNOWN_SECONDS = 60.0
"""What services may take to end when nobody knows any more which they are."""
_POLL_SECONDS = 0.05
_REPAIR_SECONDS = 10.0
_CHECKOUT = Path(__file__).resolve().parents[2]
_SUPERVISOR = "supervisor"
_PORT_TAKEN = "address already in use"
_LOCK_DESCRIPTOR = 3
_ATTEMPTS_AT_PORTS = 3


class Group:
    """The services of one folder, seen from outside the supervising process."""

    def __init__(self, root: Path) -> None:
        self.folder = GroupFolder(root)

    def state(self) -> GroupState | None:
        """What the supervisor wrote last, None when it does not run."""
        deadline = time.monotonic() + _REPAIR_SECONDS
        while (state := GroupState.read(self.folder.state)) is None and self._supervised():
            if time.monotonic() > deadline:  # it writes anew what is missing or damaged
                return None
            time.sleep(_POLL_SECONDS)
        return state if state is not None and state.supervisor.alive else None

    def services(self) -> list[ServiceState]:
        """What runs; nothing when the supervisor does not."""
        state = self.state()
        return state.services if state is not None else []

    def bring_up(
        self,
        plan: Callable[[], Sequence[Service]],
        *,
        ports: Path,
        owner: ProcessIdentity | None = None,
        on_change: Callable[[GroupState], None] | None = None,
    ) -> GroupState:
        """Start the group and wait until it is ready; does nothing when it already is.

        Args:
            plan: Makes the services; asked again when somebody else took one of their ports.
            ports: The file that remembers them.
            owner: Process with which the group ends; None lets it stay.
            on_change: Called with every new state while waiting.
        """
        if self._is_cared_for():
            return self.wait_until_ready(on_change)
        attempts_left = _ATTEMPTS_AT_PORTS
        while True:
            self.stop()
            self.start(plan(), owner=owner)
            attempts_left -= 1
            try:
                return self.wait_until_ready(on_change)
            except PortTakenError:
                ports.unlink()
                if not attempts_left:
                    raise

    def start(self, services: Sequence[Service], *, owner: ProcessIdentity | None = None) -> None:
        """Start the supervisor, detached from the terminal and from this process."""
        self.folder.logs.mkdir(parents=True, exist_ok=True)
        with self.folder.lock.open("a") as lock:
            if not try_lock(lock.fileno()):
                raise ServiceError(f"a supervisor already runs in {self.folder.root}")
            self.folder.state.unlink(missing_ok=True)
            plan = ServiceList(services=list(services), owner=owner)
            write_atomically(self.folder.services, plan.model_dump_json(indent=2))
            self._spawn(lock)

    def wait_until_ready(self, on_change: Callable[[GroupState], None] | None = None) -> GroupState:
        """Wait for every unconditional service; raises with the log's tail when one fails."""
        deadline = time.monotonic() + STARTUP_SECONDS
        seen: GroupState | None = None
        while True:
            state = GroupState.read(self.folder.state)
            if state is not None and state != seen and on_change is not None:
                on_change(state)
            seen = state
            if state is not None and self._is_ready(state):
                return state
            if not self._supervised():
                tail = log_tail(self.folder.log(_SUPERVISOR))
                raise ServiceError(f"the supervisor of the sandbox ended by itself.\n{tail}")
            if time.monotonic() > deadline:
                raise ServiceError(self._late(state))
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Stop the supervisor and whatever it started; nothing happens when nothing runs."""
        # It stops its services one by one, each with its own grace.
        planned = sum(service.grace_seconds for service in self._planned())
        grace = _GRACE_SECONDS + (planned or _UNKNOWN_SECONDS)
        while self._supervised():
            for supervisor in self._supervisors():
                supervisor.stop(grace)
                _reap(supervisor.pid)
            time.sleep(_POLL_SECONDS)
        last = GroupState.read(self.folder.state)
        for service in last.services if last else []:
            if service.process is not None:
                service.process.stop(_GRACE_SECONDS)

    def _spawn(self, lock: IO[str]) -> None:
        log_file = self.folder.log(_SUPERVISOR)
        with log_file.open("ab") as log, Path(os.devnull).open("rb") as nothing:
            os.posix_spawn(
                sys.executable,
                [sys.executable, *self._arguments],
                {**os.environ, "PYTHONPATH": str(_CHECKOUT)},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, nothing.fileno(), 0),
                    (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                    (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
                    # The lock belongs to the open file, which the supervisor now shares.
                    (os.POSIX_SPAWN_DUP2, lock.fileno(), _LOCK_DESCRIPTOR),
                ],
                setsid=True,
            )

    @property
    def _arguments(self) -> list[str]:
        return ["-m", "sandbox.supervision", str(self.folder.root)]

    def _supervisors(self) -> list[ProcessIdentity]:
        return list(ProcessIdentity.with_arguments(self._arguments))

    def _is_cared_for(self) -> bool:
        """Whether a supervisor runs that has not given anything up, and of what is known."""
        state, planned = self.state(), {service.name for service in self._planned()}
        return state is not None and all(
            service.phase is not Phase.FAILED and service.name in planned
            for service in state.services
        )

    def _supervised(self) -> bool:
        """Whether a supervisor holds the lock, be it just started, or is found without."""
        try:
            with self.folder.lock.open("a") as lock:
                return not try_lock(lock.fileno()) or bool(self._supervisors())
        except FileNotFoundError:
            return False

    def _is_ready(self, state: GroupState) -> bool:
        """Whether every unconditional service answers now; raises when one cannot come up."""
        planned = {service.name: service for service in self._planned()}
        required = [s for s in state.services if planned[s.name].only_while is None]
        for service in required:
            self._raise_when_broken(service)
        # The state may be a moment old: somebody may have killed a service since.
        return bool(required) and all(
            service.phase is Phase.READY and planned[service.name].ready.passes()
            for service in required
        )

    def _planned(self) -> list[Service]:
        plan = ServiceList.read(self.folder.services)
        return plan.services if plan else []

    def _raise_when_broken(self, service: ServiceState) -> None:
        if service.phase not in (Phase.CRASHED, Phase.FAILED) or service.last_exit is None:
            return
        if _PORT_TAKEN in service.last_exit.log_tail:
            raise PortTakenError(f"{service.name}: somebody else took its port")
        if service.phase is Phase.FAILED:
            raise ServiceError(
                f"{service.name} does not start ({service.last_exit.reason}). "
                f"The end of {self.folder.log(service.name)}:\n{service.last_exit.log_tail}"
            )

    def _late(self, state: GroupState | None) -> str:
        services = state.services if state else []
        late = next((s.name for s in services if s.phase is not Phase.READY), _SUPERVISOR)
        log = self.folder.log(late)
        return (
            f"{late} is not ready after {STARTUP_SECONDS:.0f} s. The end of {log}:\n{log_tail(log)}"
        )


def _reap(pid: int) -> None:
    """Collect the exit status when the supervisor was started by this very process."""
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return
