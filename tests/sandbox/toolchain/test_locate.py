"""A tool is taken from PATH or KUBEBUILDER_ASSETS at the right version, else from the cache."""

from dataclasses import replace

import pytest

from sandbox.toolchain.build import Builder, batches
from sandbox.toolchain.locate import cached_program, find


@pytest.fixture
def build(fake_go, gadget):
    def build():
        builder = Builder(fake_go.go)
        return builder.build(batches([gadget])[0], lambda _: None)["gadget"]

    return build


def test_nothing_is_found_on_an_empty_machine(fake_go, gadget):
    assert find(gadget, fake_go.go) is None


def test_the_right_version_on_path_is_used(fake_go, gadget, installed):
    program = installed("1.2.3")
    assert find(gadget, fake_go.go) == program


def test_the_folder_of_kubebuilder_assets_counts(fake_go, gadget, installed):
    program = installed("1.2.3", variable="KUBEBUILDER_ASSETS")
    assert find(gadget, fake_go.go) == program


@pytest.mark.parametrize("version", ["1.2.4", "11.2.3", "1.2.30", "1.2.3.4", "1.2.3-rc.1", "2"])
def test_another_version_on_path_is_ignored(fake_go, gadget, installed, version):
    installed(version)
    assert find(gadget, fake_go.go) is None


def test_a_tool_that_cannot_tell_its_version_is_never_taken_from_path(fake_go, gadget, installed):
    installed("1.2.3")
    assert find(replace(gadget, version_arguments=None), fake_go.go) is None


def test_a_broken_program_on_path_is_ignored(fake_go, gadget, installed):
    installed("1.2.3").write_text("not a program")
    assert find(gadget, fake_go.go) is None


def test_the_cache_is_used(fake_go, gadget, build):
    program = build()
    assert find(gadget, fake_go.go) == program


def test_a_link_to_the_cached_program_on_path_is_not_preferred(fake_go, gadget, build, installed):
    program = build()
    link = installed("1.2.3")
    link.unlink()
    link.hardlink_to(program)
    assert find(gadget, fake_go.go) == program


@pytest.mark.parametrize("pin", ["go.mod", "go.sum"])
def test_a_changed_pin_makes_the_cached_program_outdated(fake_go, gadget, build, pin):
    build()
    (gadget.pins / pin).write_text("changed")
    assert find(gadget, fake_go.go) is None


@pytest.mark.parametrize(
    "change",
    [
        {"variables": ("a=b",)},
        {"package": "example.org/other"},
        {"tags": ("small",)},
        {"compiler_flags": ("x/...=-l",)},
        {"cgo": True},
    ],
)
def test_so_do_changed_flags(fake_go, gadget, change):
    changed = replace(gadget, **change)
    assert cached_program(gadget, fake_go.go) != cached_program(changed, fake_go.go)


def test_so_does_the_source_of_a_program_that_lies_beside_its_pins(fake_go, gadget):
    own = replace(gadget, package="./gadget")
    source = gadget.pins / "gadget" / "main.go"
    source.parent.mkdir()
    source.write_text("package main")
    before = cached_program(own, fake_go.go)
    source.write_text("package main // changed")
    assert cached_program(own, fake_go.go) != before


def test_so_does_another_go(fake_go, gadget):
    before = cached_program(gadget, fake_go.go)
    (fake_go.bin.parent / "VERSION").write_text("go1.1\n")
    assert cached_program(gadget, type(fake_go.go)(fake_go.go.root, fake_go.go.cache)) != before
