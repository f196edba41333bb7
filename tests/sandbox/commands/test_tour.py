"""The tour is taken on the sandbox that is named."""

from types import SimpleNamespace

import pytest

from sandbox.commands import tour
from sandbox.errors import UnhealthyError
from sandbox.folder import SandboxFolder


@pytest.fixture
def taken(monkeypatch):
    """What would be read out of the page for a sandbox."""

    def take(folder, *, node=True):
        told = []
        monkeypatch.setattr(tour, "running_plane", lambda _: SimpleNamespace(has_node=node))
        monkeypatch.setattr(tour, "exports", lambda _: {})
        monkeypatch.setattr(tour, "take", lambda page, **_: told.append(page))
        assert tour.run(SimpleNamespace(no_pause=True), folder) == 0
        return told[0]

    return take


def test_commands_go_to_the_sandbox_that_is_named(taken, tmp_path):
    page = taken(SandboxFolder(tmp_path))
    assert f"$ python -m sandbox --folder {tmp_path} demo ask web" in page
    assert "$ python -m sandbox demo" not in page


def test_the_default_one_needs_no_name(taken):
    assert "$ python -m sandbox demo ask web" in taken(SandboxFolder())


def test_without_a_node_there_is_nothing_to_show(taken):
    with pytest.raises(UnhealthyError, match="make live"):
        taken(SandboxFolder(), node=False)
