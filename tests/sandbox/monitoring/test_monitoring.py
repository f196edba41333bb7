"""What Prometheus and Alertmanager are told, and when a recording may be loaded."""

import os
from pathlib import Path

import pytest
import yaml

from sandbox.errors import UnhealthyError, UsageError
from sandbox.monitoring import Monitoring
from sandbox.monitoring.monitoring import Programs
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import GroupState, Phase, ServiceState

NOTHING = Path("/bin/true")


@pytest.fixture
def monitoring(tmp_path):
    return Monitoring(tmp_path / "monitoring")


@pytest.fixture
def planned(monitoring, monkeypatch):
    """The services that would be started, by name."""
    kept = {}

    def keep(plan, *, ports, owner):
        kept.update({service.name: service for service in plan()})

    monkeypatch.setattr(monitoring.group, "bring_up", keep)
    monitoring.start(Programs(NOTHING, NOTHING, NOTHING))
    return kept


def flags(service):
    return dict(part.removeprefix("--").partition("=")[::2] for part in service.command[1:])


def configuration(service):
    return yaml.safe_load(Path(flags(service)["config.file"]).read_text())


class TestServices:
    def test_listen_on_loopback_only(self, planned):
        for service in planned.values():
            assert flags(service)["web.listen-address"].startswith("127.0.0.1:")
        assert flags(planned["alertmanager"])["cluster.listen-address"] == ""

    def test_say_where_they_are_and_when_they_are_ready(self, planned):
        for service in planned.values():
            address = flags(service)["web.listen-address"]
            assert service.endpoint == f"http://{address}"
            assert service.ready.url == f"http://{address}/-/ready"

    def test_prometheus_takes_what_is_written_to_it_however_late(self, planned):
        assert "web.enable-remote-write-receiver" in flags(planned["prometheus"])
        storage = configuration(planned["prometheus"])["storage"]
        assert storage == {"tsdb": {"out_of_order_time_window": "30d"}}

    def test_alerts_of_prometheus_go_to_this_alertmanager(self, planned):
        (manager,) = configuration(planned["prometheus"])["alerting"]["alertmanagers"]
        target = flags(planned["alertmanager"])["web.listen-address"]
        assert manager == {"static_configs": [{"targets": [target]}]}

    def test_nothing_of_the_users_environment_reaches_them(self, planned):
        assert planned["alertmanager"].environment == {}
        assert set(planned["prometheus"].environment) == {"GOGC"}

    def test_data_lies_in_the_folder(self, planned, monitoring):
        for service, flag in (
            ("prometheus", "storage.tsdb.path"),
            ("alertmanager", "storage.path"),
        ):
            assert Path(flags(planned[service])[flag]).parent == monitoring.root


class TestRecordings:
    def test_are_refused_while_prometheus_runs(self, monitoring, tmp_path):
        monitoring.root.mkdir()
        here = ProcessIdentity.of(os.getpid())
        service = ServiceState(name="prometheus", phase=Phase.READY)
        GroupState(supervisor=here, services=[service]).write(monitoring.group.folder.state)
        with pytest.raises(UsageError, match="take the monitoring down first"):
            monitoring.start(Programs(NOTHING, NOTHING, NOTHING), recordings=[tmp_path / "x"])

    def test_that_promtool_does_not_take_are_refused_with_its_words(self, monitoring, tmp_path):
        promtool = tmp_path / "promtool"
        promtool.write_text("#!/bin/sh\necho 'line 7 is wrong' >&2\nexit 1\n")
        promtool.chmod(0o755)
        with pytest.raises(UsageError, match=r"recording\.om cannot be loaded.*line 7 is wrong"):
            monitoring.start(
                Programs(NOTHING, NOTHING, promtool), recordings=[tmp_path / "recording.om"]
            )


def test_who_asks_for_an_address_too_early_learns_what_to_do(monitoring):
    with pytest.raises(UnhealthyError, match="monitoring up"):
        _ = monitoring.prometheus_url


def test_stopping_what_never_ran_does_nothing(monitoring):
    monitoring.stop()
    assert not monitoring.root.exists()
