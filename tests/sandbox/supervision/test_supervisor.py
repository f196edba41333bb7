"""The supervisor with real processes: order, readiness, crashes, conditions, stopping."""

import os
import signal
import subprocess
import sys

import pytest

from sandbox.errors import PortTakenError, ServiceError
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Phase, Service, ServiceList

UNREACHABLE = Probe(url="http://127.0.0.1:9/")


def break_file(path, damage):
    if damage == "missing":
        path.unlink()
    else:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if damage == "half" else b"")


def failing(script: str) -> Service:
    return Service(name="broken", command=(sys.executable, "-S", "-c", script), ready=UNREACHABLE)


class TestStarting:
    def test_services_start_in_order_and_get_ready(self, group, web, tmp_path):
        services = [web("first"), web("second")]
        group.start(services)
        state = group.wait_until_ready()
        assert [s.phase for s in state.services] == [Phase.READY, Phase.READY]
        started = (tmp_path / "starts").read_text().split()
        assert [f"http://127.0.0.1:{port}" for port in started] == [s.endpoint for s in services]

    def test_a_second_supervisor_is_refused(self, group, web):
        group.start([web("one")])
        group.wait_until_ready()
        with pytest.raises(ServiceError, match="already runs"):
            group.start([web("two")])

    def test_a_service_that_never_comes_up_is_reported_with_the_end_of_its_log(self, group):
        group.start([failing("import sys; sys.exit('no such flag')")])
        with pytest.raises(ServiceError, match=r"broken does not start \(exit code 1\)") as error:
            group.wait_until_ready()
        assert "no such flag" in str(error.value)

    def test_later_services_do_not_start_before_earlier_ones_are_ready(self, group, web, tmp_path):
        group.start([failing("raise SystemExit(3)"), web("later")])
        with pytest.raises(ServiceError):
            group.wait_until_ready()
        assert not (tmp_path / "starts").exists()

    def test_a_taken_port_is_told_apart(self, group):
        group.start([failing("import sys; sys.exit('bind: address already in use')")])
        with pytest.raises(PortTakenError):
            group.wait_until_ready()

    def test_a_program_that_cannot_be_run_is_reported(self, group):
        group.start([Service(name="gone", command=("/no/such/program",), ready=UNREACHABLE)])
        with pytest.raises(ServiceError, match=r"gone does not start .*/no/such/program"):
            group.wait_until_ready()


class TestBringingUp:
    @pytest.fixture
    def ports(self, tmp_path):
        file = tmp_path / "ports.json"
        file.touch()
        return file

    def test_what_is_up_is_left_alone(self, group, web, ports):
        first = group.bring_up(lambda: [web("one")], ports=ports)
        assert group.bring_up(lambda: [web("another")], ports=ports) == first

    def test_another_port_is_tried_when_somebody_took_the_first(self, group, web, ports):
        plans = [[failing("import sys; sys.exit('bind: address already in use')")], [web("well")]]
        state = group.bring_up(lambda: plans.pop(0), ports=ports)
        assert [service.name for service in state.services] == ["well"]
        assert not ports.exists()

    def test_what_was_given_up_is_started_anew(self, group, web, ports):
        with pytest.raises(ServiceError):
            group.bring_up(lambda: [failing("raise SystemExit(1)")], ports=ports)
        state = group.bring_up(lambda: [web("mended")], ports=ports)
        assert [service.phase for service in state.services] == [Phase.READY]


class TestCrashes:
    def test_a_killed_service_is_started_again_and_the_crash_remembered(self, group, web, wait_for):
        group.start([web("fragile")])
        victim = group.wait_until_ready().services[0].process
        os.kill(victim.pid, signal.SIGKILL)
        state = wait_for(group, lambda s: s.services[0].exits == 1 and _ready(s))
        assert state.services[0].process != victim
        assert state.services[0].last_exit.reason == "killed by SIGKILL"
        assert "serving" in state.services[0].last_exit.log_tail

    def test_children_do_not_outlive_a_killed_supervisor(self, group, web):
        group.start([web("orphan")])
        state = group.wait_until_ready()
        os.kill(state.supervisor.pid, signal.SIGKILL)
        assert state.services[0].process.wait(seconds=10)
        assert group.state() is None

    def test_the_folder_of_a_killed_supervisor_can_be_used_again(self, group, web):
        group.start([web("first")])
        os.kill(group.wait_until_ready().supervisor.pid, signal.SIGKILL)
        group.stop()
        group.start([web("second")])
        assert group.wait_until_ready().services[0].name == "second"


class TestDamagedFiles:
    @pytest.mark.parametrize("damage", ["missing", "half", "empty"])
    def test_the_supervisor_writes_its_state_anew(self, group, web, damage):
        group.start([web("one")])
        state = group.wait_until_ready()
        break_file(group.folder.state, damage)
        assert group.state() == state

    def test_what_nobody_knows_the_plan_of_is_started_anew(self, group, web, tmp_path):
        first = group.bring_up(lambda: [web("one")], ports=tmp_path / "ports.json")
        break_file(group.folder.services, "half")
        second = group.bring_up(lambda: [web("one")], ports=tmp_path / "ports.json")
        assert not first.services[0].process.alive
        assert second.services[0].phase is Phase.READY


class TestConditions:
    def test_a_service_runs_only_while_its_condition_holds(self, group, web, wait_for, tmp_path):
        gate = web("gate")
        wanted = Probe(url=f"{gate.endpoint}/wanted")
        group.start([gate, web("sometimes", only_while=wanted)])
        state = group.wait_until_ready()
        assert state.services[1].phase is Phase.WAITING
        (tmp_path / "wanted").touch()
        wait_for(group, _ready)
        (tmp_path / "wanted").unlink()
        state = wait_for(group, lambda s: s.services[1].phase is Phase.WAITING)
        assert state.services[1].process is None
        assert state.services[1].exits == 0

    def test_a_service_nobody_waits_for_is_never_given_up(self, group, web, wait_for):
        gate = web("gate")
        broken = failing("raise SystemExit(1)").model_copy(update={"only_while": gate.ready})
        group.start([gate, broken])
        group.wait_until_ready()
        state = wait_for(group, lambda s: s.services[1].exits > 3)
        assert state.services[1].phase is not Phase.FAILED


class TestStopping:
    def test_everything_is_stopped(self, group, web):
        group.start([web("first"), web("second")])
        state = group.wait_until_ready()
        group.stop()
        assert not any(s.process.alive for s in state.services)
        assert not state.supervisor.alive
        assert group.state() is None

    def test_a_service_that_ignores_the_request_is_killed(self, group, web):
        group.start([web("stubborn", "stubborn", grace_seconds=0.5)])
        state = group.wait_until_ready()
        group.stop()
        assert not state.services[0].process.alive

    def test_stopping_what_never_started_does_nothing(self, group):
        group.stop()
        assert group.state() is None

    def test_a_supervisor_that_has_not_written_anything_yet_is_stopped_too(self, group, web):
        group.start([web("young")])
        group.stop()
        assert group.state() is None

    @pytest.mark.parametrize("damage", ["missing", "half", "empty"])
    def test_a_damaged_state_keeps_nothing_alive(self, group, web, damage):
        group.start([web("one")])
        state = group.wait_until_ready()
        break_file(group.folder.state, damage)
        break_file(group.folder.services, damage)
        group.stop()
        assert not state.services[0].process.alive
        assert not state.supervisor.alive

    def test_the_group_ends_with_its_owner(self, tmp_path, group, web):
        owner = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
        group.start([web("owned")], owner=ProcessIdentity.of(owner.pid))
        state = group.wait_until_ready()
        owner.communicate()
        assert state.supervisor.wait(seconds=20)
        assert not state.services[0].process.alive


def _ready(state) -> bool:
    return all(service.phase is Phase.READY for service in state.services)


class TestEndingWithWhatFailed:
    """A supervisor that is itself supervised: what cannot start here may start after all anew."""

    def test_it_ends_and_says_which_service_and_why(self, tmp_path):
        script = (
            "import sys\n"
            "from pathlib import Path\n"
            "from sandbox.supervision.folder import GroupFolder\n"
            "from sandbox.supervision.service import ServiceList\n"
            "from sandbox.supervision.supervisor import Supervisor\n"
            "plan = ServiceList.model_validate_json(sys.argv[2])\n"
            "Supervisor(GroupFolder(Path(sys.argv[1])), plan, ends_with_failed=True).run()"
        )
        (tmp_path / "logs").mkdir()
        plan = ServiceList(services=[failing("import sys; sys.exit('no such flag')")])
        ended = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path), plan.model_dump_json()],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 1
        assert "broken does not start (exit code 1)" in ended.stderr
        assert "no such flag" in ended.stderr
