"""All tools together: found, built in parallel, linked into one folder."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from sandbox.errors import BuildError, PrerequisiteError, RegistryError
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import Tool


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=200)


@pytest.fixture(autouse=True)
def _use_fake_go(fake_go, monkeypatch):
    monkeypatch.setattr("sandbox.toolchain.toolchain.Go.from_wheel", lambda _cache: fake_go.go)


@pytest.fixture
def gizmo(gadget):
    return Tool(name="gizmo", version="1.2.3", module="gadget", package="example.org/gizmo")


def test_missing_tools_are_built_and_that_is_said(gadget, gizmo, console, fake_go):
    toolchain = Toolchain.ensure(console, [gadget, gizmo])
    assert toolchain.path("gadget").exists()
    assert toolchain.path("gizmo").exists()
    assert fake_go.builds() == 1
    printed = console.file.getvalue()
    assert "Building 2 tools" in printed
    assert "gadget and 1 more: ready" in printed


def test_nothing_is_said_when_nothing_is_missing(gadget, console, fake_go):
    Toolchain.ensure(console, [gadget])
    again = Console(file=io.StringIO())
    Toolchain.ensure(again, [gadget])
    assert again.file.getvalue() == ""
    assert fake_go.builds() == 1


def test_on_a_terminal_every_batch_has_a_line(gadget, gizmo):
    terminal = Console(file=io.StringIO(), force_terminal=True, width=120)
    Toolchain.ensure(terminal, [gadget, replace(gizmo, tags=("small",))])
    printed = terminal.file.getvalue()
    assert "gadget" in printed
    assert "gizmo" in printed
    assert "ready" in printed


def test_a_missing_c_compiler_is_found_out_before_anything_is_built(
    gadget, gizmo, console, fake_go, monkeypatch
):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(PrerequisiteError, match=r"no-such-compiler is missing.*libc6-dev"):
        Toolchain.ensure(console, [gadget, replace(gizmo, cgo=True)])
    assert fake_go.builds() == 0


def test_one_failure_ends_the_others(gadget, gizmo, console, fake_go):
    fake_go.fail("go: dial tcp: no such host")
    with pytest.raises((RegistryError, BuildError)):
        Toolchain.ensure(console, [gadget, gizmo])


def test_links_follow_the_toolchain(gadget, console, tmp_path, fake_go):
    toolchain = Toolchain.ensure(console, [gadget])
    for _ in range(2):
        toolchain.link_into(tmp_path / "links")
    assert (tmp_path / "links" / "gadget").resolve() == toolchain.path("gadget").resolve()
    assert (tmp_path / "links" / "kubectl").exists()
    assert {path.name for path in (tmp_path / "links").iterdir()} == {"gadget", "kubectl"}
