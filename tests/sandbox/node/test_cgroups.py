"""Where cgroups are made, for both versions; that real ones come and go is a live test."""

import pytest

from sandbox.node.cgroups import Cgroups


@pytest.fixture
def version_1(tmp_path):
    """What is mounted on a hybrid machine: a hierarchy per controller, and one of version 2."""
    for name in ("cpu,cpuacct", "cpuset", "memory", "pids", "unified"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cgroup.procs").touch()
    (tmp_path / "unified" / "cgroup.controllers").touch()
    (tmp_path / "cpu").symlink_to("cpu,cpuacct")
    (tmp_path / "no-hierarchy").mkdir()
    return tmp_path


@pytest.fixture
def version_2(tmp_path):
    """What is mounted on a machine with version 2: one hierarchy."""
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu memory pids\n")
    (tmp_path / "cgroup.procs").touch()
    (tmp_path / "system.slice").mkdir()
    return tmp_path


def test_version_1_has_one_hierarchy_per_controller(version_1):
    """Links to another hierarchy and other folders are none."""
    cgroups = Cgroups.of_this_machine(version_1)
    names = [hierarchy.name for hierarchy in cgroups.hierarchies]
    assert names == ["cpu,cpuacct", "cpuset", "memory", "pids", "unified"]
    assert cgroups.version == 1


def test_controllers_that_share_a_hierarchy_are_told_apart(version_1):
    """Debian mounts cpu and cpuacct together."""
    controllers = Cgroups.of_this_machine(version_1).controllers("brisa-node-x")
    assert controllers >= {"cpu", "cpuacct", "cpuset", "memory", "pids"}


def test_version_2_has_a_single_hierarchy(version_2):
    """Folders in it are cgroups, not hierarchies."""
    cgroups = Cgroups.of_this_machine(version_2)
    assert cgroups.hierarchies == (version_2,)
    assert cgroups.version == 2


def test_version_2_has_those_controllers_that_the_top_cgroup_hands_on(version_2):
    """The machine may have more than anybody below the top may use."""
    own = version_2 / "brisa-node-x"
    own.mkdir()
    (own / "cgroup.controllers").write_text("cpu memory\n")
    assert Cgroups.of_this_machine(version_2).controllers("brisa-node-x") == {"cpu", "memory"}


def test_every_hierarchy_gets_the_nodes_cgroup_and_one_for_its_own_processes(version_1):
    """Kubelet wants its root in each of them."""
    cgroups = Cgroups.of_this_machine(version_1)
    cgroups.create("brisa-node-x")
    assert all((h / "brisa-node-x" / "system").is_dir() for h in cgroups.hierarchies)


def test_version_2_hands_every_controller_on(version_2, monkeypatch):
    """Without it, kubelet could limit nothing below the node's cgroup."""
    own = version_2 / "brisa-node-x"
    own.mkdir()
    (own / "cgroup.controllers").write_text("cpu memory\n")
    Cgroups.of_this_machine(version_2).create("brisa-node-x")
    assert (own / "cgroup.subtree_control").read_text() == "+cpu +memory"


def test_processes_enter_all_but_those_without_processors(version_1):
    """A new cgroup of cpuset takes nobody before it was given processors."""
    cgroups = Cgroups.of_this_machine(version_1)
    cgroups.create("brisa-node-x")
    cgroups.enter("brisa-node-x")
    entered = {
        hierarchy.name
        for hierarchy in cgroups.hierarchies
        if (hierarchy / "brisa-node-x" / "system" / "cgroup.procs").exists()
    }
    assert entered == {"cpu,cpuacct", "memory", "pids", "unified"}


def test_removing_what_is_not_there_is_no_failure(version_1):
    """`down` does not know whether there was a node."""
    assert Cgroups.of_this_machine(version_1).remove("brisa-node-x", seconds=0)


def test_a_machine_without_cgroups_has_none(tmp_path):
    """The preflight says so; nothing else trips over it."""
    cgroups = Cgroups.of_this_machine(tmp_path / "nothing")
    assert cgroups.hierarchies == ()
    assert cgroups.controllers("brisa-node-x") == set()
