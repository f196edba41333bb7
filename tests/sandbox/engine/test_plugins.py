"""The plugins that the engine is given."""

import os
import signal
import subprocess
import sys
import time

import pytest

from sandbox.engine.plugins import place_language_host, place_provider, place_stand_in
from sandbox.supervision.identity import ProcessIdentity

HOST, EXECUTOR = "pulumi-language-python", "pulumi-language-python-exec"
PROVIDER = "plugins/resource-kubernetes-v4.34.2/pulumi-resource-kubernetes"


@pytest.fixture
def user(tmp_path, monkeypatch):
    """A folder of PATH for a user without any Pulumi."""
    folder = tmp_path / "user"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


@pytest.fixture
def bin_folder(tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def script(path, source):
    path.write_text(f"#!/bin/sh\n{source}\n")
    path.chmod(0o700)


def install_pulumi(user, version="v3.259.0"):
    for name in (HOST, EXECUTOR):
        script(user / name, "exit 0")
    script(user / "pulumi", f"echo {version}")


class TestTheLanguageHost:
    def test_that_of_an_installed_pulumi_is_preferred(self, bin_folder, user):
        install_pulumi(user)

        assert place_language_host(bin_folder) == "Pulumi's own"
        assert (bin_folder / HOST).resolve() == user / HOST
        assert (bin_folder / EXECUTOR).resolve() == user / EXECUTOR

    def test_else_the_stand_in_takes_its_place(self, bin_folder, user):
        assert place_language_host(bin_folder) == "stand-in of the sandbox"
        assert sys.executable in (bin_folder / HOST).read_text()

    def test_one_of_another_version_is_not_taken(self, bin_folder, user):
        install_pulumi(user, "v3.100.0")

        assert place_language_host(bin_folder) == "stand-in of the sandbox"

    def test_one_that_is_not_complete_is_not_taken(self, bin_folder, user):
        install_pulumi(user)
        (user / EXECUTOR).unlink()

        assert place_language_host(bin_folder) == "stand-in of the sandbox"

    def test_in_a_shell_of_the_sandbox_it_stays_what_it_is(self, bin_folder, user, monkeypatch):
        install_pulumi(user)
        place_language_host(bin_folder)
        script(bin_folder / "pulumi", "echo v3.259.0")
        monkeypatch.setenv("PATH", f"{bin_folder}:{os.environ['PATH']}")

        assert place_language_host(bin_folder) == "Pulumi's own"
        assert (bin_folder / HOST).resolve() == user / HOST

    def test_the_stand_in_replaces_an_installed_one_wholly(self, bin_folder, user):
        install_pulumi(user)
        place_language_host(bin_folder)

        place_stand_in(bin_folder)

        assert not (bin_folder / EXECUTOR).exists()
        assert (user / HOST).read_text().endswith("exit 0\n")


class TestTheKubernetesPlugin:
    ENGINE = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(60)"

    def test_it_is_given_what_the_engine_says(self, tmp_path):
        script(tmp_path / "plugin", 'printf "%s\\n" "$0" "$@"')
        place_provider(tmp_path / "plugin", tmp_path / "home")

        answer = subprocess.check_output([tmp_path / "home" / PROVIDER, "127.0.0.1:1"], text=True)

        assert answer.splitlines() == [str(tmp_path / "plugin"), "127.0.0.1:1"]

    def test_it_ends_with_its_engine_even_if_that_is_killed(self, tmp_path):
        started = tmp_path / "started"
        script(
            tmp_path / "plugin", f"echo $$ > {started}.new; mv {started}.new {started}; sleep 60"
        )
        place_provider(tmp_path / "plugin", tmp_path / "home")
        engine = subprocess.Popen([sys.executable, "-c", self.ENGINE, tmp_path / "home" / PROVIDER])
        while not started.exists():
            time.sleep(0.02)
        plugin = ProcessIdentity.of(int(started.read_text()))

        engine.send_signal(signal.SIGKILL)
        engine.wait()

        assert plugin.wait(10)
