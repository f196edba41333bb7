"""Volumes that nobody claims any more serve somebody else."""

from sandbox.node.addons import released


def volume(name, phase):
    return {"metadata": {"name": name}, "status": {"phase": phase}}


def test_only_the_nodes_own_volumes_without_a_claim_are_renewed():
    """A bound one holds data, and one that somebody else made is theirs."""
    volumes = [
        volume("volume-1", "Bound"),
        volume("volume-2", "Released"),
        volume("volume-3", "Available"),
        volume("volume-4", "Failed"),
        volume("somebody-elses", "Released"),
        {"metadata": {"name": "volume-5"}},
    ]
    assert released(volumes) == ["volume-2", "volume-4"]
