"""apt is asked for what is missing; only when its lists do not do, lists of our own are fetched."""

from pathlib import Path

import pytest

from sandbox.debian.apt import Apt
from sandbox.errors import RegistryError

FAKE = """\
#!/bin/sh
# Stands in for apt-get: knows two packages that are not installed.
here=$(dirname "$0")
echo "$*" >> "$here/calls"
case "$*" in
    *\\ update) touch "$here/updated"; exit 0 ;;
esac
if [ -e "$here/outdated" ] && [ ! -e "$here/updated" ]; then
    echo "E: Failed to fetch http://example.org/x.deb  404  Not Found" >&2
    exit 100
fi
case "$*" in
    *\\ install\\ *)
        echo "Reading package lists..."
        echo "'http://example.org/g.deb' gadget_1%3a2.0-1+b1_amd64.deb 12 MD5Sum:0"
        echo "'http://example.org/l.deb' libgadget0_2.0-1_amd64.deb 12 MD5Sum:0" ;;
    *\\ download\\ *)
        touch gadget.deb libgadget0.deb ;;
esac
"""


@pytest.fixture
def bin_folder(tmp_path, monkeypatch):
    """A folder of PATH with an apt-get of the test's own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "apt-get"
    program.write_text(FAKE)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


@pytest.fixture
def apt(tmp_path):
    """With a folder for lists of its own."""
    return Apt(tmp_path / "apt")


@pytest.fixture
def target(tmp_path):
    """Where archives go."""
    folder = tmp_path / "archives"
    folder.mkdir()
    return folder


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines()


def test_what_apt_would_install_is_downloaded_at_that_version(apt, target, bin_folder):
    """With what it needs; nothing is installed."""
    archives = apt.download(["gadget"], target)
    assert [archive.name for archive in archives] == ["gadget.deb", "libgadget0.deb"]
    planned, downloaded = calls(bin_folder)
    assert "--print-uris" in planned
    assert downloaded.endswith("download gadget=1:2.0-1+b1 libgadget0=2.0-1")


def test_nothing_is_downloaded_when_everything_is_installed(apt, target, bin_folder):
    """An empty list is no reason to ask again."""
    (bin_folder / "apt-get").write_text(FAKE.replace("echo \"'http", "true \"'http"))
    assert apt.download(["gadget"], target) == []
    assert len(calls(bin_folder)) == 1


def test_outdated_lists_are_replaced_by_lists_of_our_own(apt, target, bin_folder, tmp_path):
    """Those of the machine stay as they are."""
    (bin_folder / "outdated").touch()
    assert apt.download(["gadget"], target)
    updated = next(call for call in calls(bin_folder) if call.endswith(" update"))
    assert f"Dir::State::lists={tmp_path}/apt/lists" in updated


def test_what_apt_says_is_passed_on(apt, target, bin_folder):
    """With what to do about it."""
    (bin_folder / "apt-get").write_text("#!/bin/sh\necho 'E: no network' >&2\nexit 100\n")
    with pytest.raises(RegistryError, match=r"sources of apt.*\nE: no network"):
        apt.download(["gadget"], target)
