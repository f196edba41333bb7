"""The node's processes as this machine sees them."""

import os

import pytest

from sandbox.node import processes
from sandbox.node.layout import NodeFolder
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import GroupState, Phase, ServiceState


@pytest.fixture
def node(tmp_path):
    folder = NodeFolder(tmp_path)
    folder.create()
    inside = ProcessIdentity.of(os.getpid())
    state = GroupState(
        supervisor=inside.model_copy(update={"pid": 2}),
        services=[
            ServiceState(
                name="kubelet", phase=Phase.READY, process=inside.model_copy(update={"pid": 7})
            ),
            ServiceState(name="kube-proxy", phase=Phase.CRASHED),
        ],
    )
    state.write(folder.group.state)
    return folder


def seen(monkeypatch, *pids):
    me = ProcessIdentity.of(os.getpid())
    nested = [((pid, me.start_ticks), me.model_copy(update={"pid": 1000 + pid})) for pid in pids]
    monkeypatch.setattr(processes, "_nested_processes", lambda: iter(nested))


def test_they_have_this_machines_numbers(node, monkeypatch):
    """People kill and inspect them by those."""
    seen(monkeypatch, 2, 7)
    found = {each.name: each.process for each in processes.services(node)}
    assert found["kubelet"].pid == 1007
    assert found["kube-proxy"] is None


def test_what_was_written_before_the_node_ended_counts_for_nothing(node, monkeypatch):
    """Its first processes are gone, so all are."""
    seen(monkeypatch)
    assert processes.services(node) == []


def test_where_no_node_was_there_is_nothing(tmp_path):
    """A sandbox without a node has no such file."""
    assert processes.services(NodeFolder(tmp_path / "none")) == []
