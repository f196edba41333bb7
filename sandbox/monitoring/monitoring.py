"""Prometheus and Alertmanager of one sandbox: started, found again, stopped."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import UnhealthyError, UsageError
from sandbox.monitoring import alertmanager as am
from sandbox.monitoring import prometheus as prom
from sandbox.monitoring.recording import load_recording
from sandbox.supervision.group import Group
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.ports import LOOPBACK, choose_ports
from sandbox.supervision.service import GroupState, Service


@dataclass(frozen=True)
class Programs:
    """The executables."""

    prometheus: Path
    alertmanager: Path
    promtool: Path
    """Only needed for recordings."""


class Monitoring:
    """One Prometheus and one Alertmanager, whether they run or not."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.group = Group(self.root)
        self._ports = self.root / "ports.json"

    @property
    def prometheus_url(self) -> str:
        """Where Prometheus answers."""
        return self._endpoint(prom.NAME)

    @property
    def alertmanager_url(self) -> str:
        """Where Alertmanager answers."""
        return self._endpoint(am.NAME)

    def start(
        self,
        programs: Programs,
        *,
        recordings: Sequence[Path] = (),
        owner: ProcessIdentity | None = None,
    ) -> GroupState:
        """Bring both up and wait until they are ready; does nothing when they already are.

        Args:
            programs: What to run.
            recordings: OpenMetrics files whose samples Prometheus shall hold from the start.
            owner: Process with which both end; None lets them stay.

        Raises:
            UsageError: when there are recordings and Prometheus already runs, or one is no such.
        """
        if recordings and self.group.state() is not None:
            raise UsageError(
                "recordings are loaded before Prometheus starts, and it already runs; "
                "take the monitoring down first"
            )
        for folder in (self.root, self._prometheus_data, self._alertmanager_data):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for recording in recordings:
            load_recording(programs.promtool, recording.resolve(), self._prometheus_data)
        return self.group.bring_up(lambda: self._services(programs), ports=self._ports, owner=owner)

    def stop(self) -> None:
        """Stop both and remove the folder, with all series and alerts."""
        self.group.stop()
        if self.root.exists():
            shutil.rmtree(self.root)

    @property
    def _prometheus_data(self) -> Path:
        return self.root / "series"

    @property
    def _alertmanager_data(self) -> Path:
        return self.root / "alerts"

    def _services(self, programs: Programs) -> list[Service]:
        ports = choose_ports((prom.NAME, am.NAME), self._ports)
        for_prometheus, for_alertmanager = (self.root / f"{name}.yaml" for name in ports)
        prom.write_configuration(for_prometheus, alertmanager=f"http://{LOOPBACK}:{ports[am.NAME]}")
        am.write_configuration(for_alertmanager)
        return [
            am.alertmanager(
                programs.alertmanager,
                configuration=for_alertmanager,
                data=self._alertmanager_data,
                port=ports[am.NAME],
            ),
            prom.prometheus(
                programs.prometheus,
                configuration=for_prometheus,
                data=self._prometheus_data,
                port=ports[prom.NAME],
            ),
        ]

    def _endpoint(self, name: str) -> str:
        for service in self.group.services():
            if service.name == name:
                return service.endpoint
        raise UnhealthyError(f"{name} does not run; `python -m sandbox monitoring up` brings it up")
