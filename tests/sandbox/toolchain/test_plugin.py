"""Pulumi's own Kubernetes plugin: the user's, one that the engine downloads, else a built one."""

import pytest
from rich.console import Console

from sandbox.toolchain import Toolchain, plugin
from sandbox.toolchain.catalogue import KUBERNETES_PLUGIN
from sandbox.toolchain.go import Go
from sandbox.toolchain.locate import find

ELF = b"\x7fELF"
NAME = "pulumi-resource-kubernetes"
FOLDER = "plugins/resource-kubernetes-v4.34.2"


@pytest.fixture
def user(tmp_path, monkeypatch):
    """A user without any Pulumi."""
    home = tmp_path / "user"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    return home


@pytest.fixture
def go(tmp_path, user):
    root = tmp_path / "goroot"
    root.mkdir()
    (root / "VERSION").write_text("go1.0\n")
    return Go(root, tmp_path / "cache")


@pytest.fixture
def engine(tmp_path):
    """Write an engine, which runs a line of shell for whatever it is asked."""

    def write(source):
        path = tmp_path / "pulumi"
        path.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n{source}\n')
        path.chmod(0o700)
        return path

    return write


def put(home, content=ELF, folder=FOLDER):
    program = home / folder / NAME
    program.parent.mkdir(parents=True)
    program.write_bytes(content)
    return program


def test_the_users_own_is_taken(go, user):
    assert find(KUBERNETES_PLUGIN, go) is None

    program = put(user / ".pulumi")

    assert find(KUBERNETES_PLUGIN, go) == program


def test_the_home_of_the_users_pulumi_may_lie_elsewhere(go, tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "elsewhere"))

    assert put(tmp_path / "elsewhere") == plugin.installed(go)


def test_another_version_is_not_taken(go, user):
    put(user / ".pulumi", folder="plugins/resource-kubernetes-v4.34.1")

    assert plugin.installed(go) is None


def test_the_launcher_of_another_sandbox_is_not_taken(go, user):
    put(user / ".pulumi", b"#!/bin/sh\n")

    assert plugin.installed(go) is None


def test_one_that_pulumi_has_not_finished_to_install_is_not_taken(go, user):
    program = put(user / ".pulumi")
    program.parent.with_name(f"{program.parent.name}.partial").touch()

    assert plugin.installed(go) is None


def test_a_downloaded_one_is_kept_for_all_sandboxes(go, engine):
    loading = engine(
        f"mkdir -p $PULUMI_HOME/{FOLDER} && printf '\\177ELF' > $PULUMI_HOME/{FOLDER}/{NAME}"
    )

    program = plugin.download(loading, go)

    assert program.is_relative_to(go.cache)
    assert find(KUBERNETES_PLUGIN, go) == program


def test_a_download_knows_nothing_of_the_users_account(go, engine, tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "pul-123")

    plugin.download(engine(f"env > {tmp_path}/environment"), go)

    assert "pul-123" not in (tmp_path / "environment").read_text()


@pytest.mark.parametrize(
    "failure", ["exit 1", f"mkdir -p $PULUMI_HOME/{FOLDER}; touch $PULUMI_HOME/{FOLDER}/x; exit 1"]
)
def test_a_failed_download_leaves_nothing(go, engine, failure):
    assert plugin.download(engine(failure), go) is None
    assert not list(go.cache.iterdir())


def test_a_download_that_hangs_is_given_up(go, engine, monkeypatch):
    monkeypatch.setattr(plugin, "DOWNLOAD_SECONDS", 0.1)

    assert plugin.download(engine("exec sleep 60"), go) is None


class TestOnABareMachine:
    """What `Toolchain.ensure` does when there is no plugin."""

    @pytest.fixture
    def ensure(self, fake_go, gadget, user, engine, monkeypatch):
        """Make an engine, which then downloads, or does not."""
        monkeypatch.setattr(Go, "from_wheel", lambda _cache: fake_go.go)
        monkeypatch.setattr("sandbox.toolchain.toolchain.PULUMI", gadget)
        monkeypatch.setattr("sandbox.toolchain.patches.PATCHES", {})
        pins = gadget.pins.with_name(KUBERNETES_PLUGIN.module)
        (pins / KUBERNETES_PLUGIN.package).mkdir(parents=True)
        (pins / "go.mod").write_text("module plugin\n")

        def ensure(downloading):
            monkeypatch.setattr(
                "sandbox.toolchain.toolchain.plugin.download",
                lambda *_: put(fake_go.go.cache / "pulumi") if downloading else None,
            )
            return Toolchain.ensure(Console(quiet=True), [KUBERNETES_PLUGIN, gadget])

        return ensure

    def test_it_is_built_where_nothing_can_be_downloaded(self, ensure, fake_go):
        program = ensure(downloading=False).path(NAME)

        assert program.is_relative_to(fake_go.go.cache / "bin")
        assert fake_go.builds() == 2

    def test_a_download_spares_the_build(self, ensure, fake_go):
        program = ensure(downloading=True).path(NAME)

        assert program.read_bytes() == ELF
        assert fake_go.builds() == 1
