"""Which plugins the engine is given."""

import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.engine.plugins import Choice, PluginFolders
from sandbox.errors import UsageError

ELF = b"\x7fELF"


@pytest.fixture
def user(tmp_path, monkeypatch):
    """A user without any Pulumi, whose engine refuses to download anything."""
    home = tmp_path / "user"
    (home / "bin").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{home}/bin:/usr/bin:/bin")
    return home


@pytest.fixture
def folders(tmp_path, user):
    made = PluginFolders(tmp_path / "bin", tmp_path / "home", tmp_path / "bin" / "pulumi")
    made.bin.mkdir()
    made.home.mkdir()
    script(made.engine, f"echo called >> {tmp_path}/calls\nexit 1\n")
    return made


@pytest.fixture
def calls(tmp_path):
    def count():
        log = tmp_path / "calls"
        return len(log.read_text().splitlines()) if log.exists() else 0

    return count


def script(path, source):
    path.write_text(f"#!/bin/sh\n{source}")
    path.chmod(0o700)


def program(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ELF)
    path.chmod(0o700)


def install_official_host(user, version="v3.259.0"):
    for name in ("pulumi-language-python", "pulumi-language-python-exec"):
        program(user / "bin" / name)
    script(user / "bin" / "pulumi", f"echo {version}\n")


def provider(home) -> Path:
    return home / "plugins" / "resource-kubernetes-v4.34.2" / "pulumi-resource-kubernetes"


def test_stand_ins_are_put_in_place_without_asking_anybody(folders, calls):
    plugins = folders.install(Choice.STANDIN)

    assert (folders.bin / "pulumi-language-python").read_bytes().startswith(b"#!")
    assert provider(folders.home).read_bytes().startswith(b"#!")
    assert calls() == 0
    assert str(plugins) == (
        "Python language host: stand-in of the sandbox; Kubernetes plugin: stand-in of the sandbox"
    )


def test_installed_ones_are_preferred(folders, user, calls):
    install_official_host(user)
    program(provider(user / ".pulumi"))

    plugins = folders.install(Choice.AUTO)

    assert plugins.official
    assert (folders.bin / "pulumi-language-python").resolve() == (
        user / "bin" / "pulumi-language-python"
    )
    assert provider(folders.home).read_bytes() == ELF
    assert calls() == 0


def test_a_language_host_of_another_version_is_not_taken(folders, user):
    install_official_host(user, "v3.100.0")

    assert "stand-in" in folders.install(Choice.AUTO).language_host


def test_the_stand_in_of_another_sandbox_is_not_taken_for_the_official_one(folders, user):
    install_official_host(user)
    script(user / "bin" / "pulumi-language-python", "")

    assert "stand-in" in folders.install(Choice.AUTO).language_host


def test_a_download_is_tried_once_and_its_failure_remembered(folders, calls):
    for _ in range(2):
        assert "stand-in" in folders.install(Choice.AUTO).provider

    assert calls() == 1


def test_a_downloaded_plugin_is_used(folders):
    official = provider(folders.home)
    script(
        folders.engine,
        f"mkdir -p {official.parent} && printf '\\177ELF' > {official} && chmod +x {official}\n",
    )

    assert "Pulumi's own" in folders.install(Choice.AUTO).provider
    assert official.read_bytes() == ELF


def test_official_ones_or_none(folders):
    with pytest.raises(UsageError, match="pulumi-language-python of the pinned version is neither"):
        folders.install(Choice.OFFICIAL)


def test_the_choice_is_a_variable(monkeypatch):
    monkeypatch.setenv("BRISA_PLUGINS", "standin")
    assert Choice.from_environment() is Choice.STANDIN

    monkeypatch.setenv("BRISA_PLUGINS", "both")
    with pytest.raises(UsageError, match="'both'; it must be one of auto, official, standin"):
        Choice.from_environment()


def test_the_provider_that_the_engine_finds_speaks_its_protocol(folders, tmp_path):
    folders.install(Choice.STANDIN)
    process = subprocess.Popen(
        [provider(folders.home), "127.0.0.1:1"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    try:
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            info = provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(Empty())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()

    assert info.version.removeprefix("v") == "4.34.2"
    assert sys.executable in provider(folders.home).read_text()
