"""Packages are unpacked once, whole, and their programs find their libraries."""

import subprocess

import pytest

from sandbox import debian
from sandbox.debian.unpacking import Packages
from sandbox.errors import PrerequisiteError, RegistryError


class FakeApt:
    """Downloads one package, made here, or fails."""

    downloads = 0
    failure: Exception | None = None

    def __init__(self, _folder):
        pass

    def download(self, _names, target):
        FakeApt.downloads += 1
        if FakeApt.failure:
            raise FakeApt.failure
        content = target / "content"
        (content / "DEBIAN").mkdir(parents=True)
        (content / "DEBIAN" / "control").write_text(
            "Package: gadget\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\n"
            "Description: a gadget\n"
        )
        program = content / "usr" / "sbin" / "gadget"
        program.parent.mkdir(parents=True)
        program.write_text('#!/bin/sh\necho "$LD_LIBRARY_PATH" "$@"\n')
        program.chmod(0o755)
        archive = target / "gadget.deb"
        subprocess.run(["dpkg-deb", "--build", content, archive], check=True, capture_output=True)
        return [archive]


@pytest.fixture(autouse=True)
def apt(monkeypatch):
    """No network."""
    monkeypatch.setattr("sandbox.debian.unpacking.Apt", FakeApt)
    monkeypatch.setattr(FakeApt, "downloads", 0)
    monkeypatch.setattr(FakeApt, "failure", None)
    return FakeApt


def output(*command):
    """What a program prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_they_are_unpacked_once(tmp_path, apt):
    """Whoever asks again."""
    first, second = debian.packages(tmp_path), debian.packages(tmp_path)
    assert first == second
    assert first.program("gadget") == first.root / "usr/sbin/gadget"
    assert apt.downloads == 1


def test_nothing_half_is_left_when_the_download_fails(tmp_path, apt, monkeypatch):
    """And the next try finishes."""
    with monkeypatch.context() as failing:
        failing.setattr(apt, "failure", RegistryError("no network"))
        with pytest.raises(RegistryError):
            debian.packages(tmp_path)
    assert debian.packages(tmp_path).program("gadget").exists()
    assert not list((tmp_path / "debian").glob(".unfinished-*"))


def test_a_program_of_this_machine_completes_them(tmp_path):
    """apt does not download what is installed."""
    assert Packages(tmp_path).program("sh").resolve().exists()


def test_a_program_that_is_nowhere_is_an_error_that_says_what_to_do(tmp_path):
    """Such as a cache that somebody has cut down."""
    with pytest.raises(PrerequisiteError, match=r"gadget is neither in .*remove that folder"):
        Packages(tmp_path).program("gadget")


def test_a_machine_without_apt_is_told_so(tmp_path, monkeypatch):
    """Before anything is tried."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not debian.available()
    with pytest.raises(PrerequisiteError, match="has no apt"):
        debian.packages(tmp_path)


def test_a_wrapped_program_finds_its_libraries(tmp_path):
    """Under its plain name, with its arguments."""
    unpacked = debian.packages(tmp_path)
    unpacked.wrap(tmp_path, "gadget")
    assert output(tmp_path / "gadget", "a b") == f"{unpacked.libraries} a b\n"


def test_a_program_of_many_names_is_told_its_name(tmp_path):
    """As first argument."""
    unpacked = debian.packages(tmp_path)
    unpacked.wrap(tmp_path, "widget", program="gadget")
    assert output(tmp_path / "widget", "x") == f"{unpacked.libraries} widget x\n"


def test_cgo_finds_headers_and_archive(tmp_path):
    """By the script that takes the part of pkg-config."""
    archive = tmp_path / "usr/lib/x/libgadget.a"
    archive.parent.mkdir(parents=True)
    archive.touch()
    environment = Packages(tmp_path).cgo_environment()
    for flag, expected in (("--cflags", f"-I{tmp_path}/usr/include"), ("--libs", str(archive))):
        answer = subprocess.run(
            [environment["PKG_CONFIG"], flag, "--", "libgadget"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert answer.stdout.strip() == expected
