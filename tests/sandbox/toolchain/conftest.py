from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.toolchain.catalogue import Tool
from sandbox.toolchain.go import Go

FAKE_GO = """\
#!/bin/sh
# Stands in for the go command: builds a script that says its version.
here=$(dirname "$0")
echo build >> "$here/builds"
echo "go: downloading example.org/dependency v1.2.3" >&2
echo "example.org/dependency" >&2
if [ -e "$here/fail" ]; then cat "$here/fail" >&2; exit 1; fi
for package; do
    case $package in
        */) folder=$package ;;
        example.org/*) programs="$programs $folder${folder:+${package##*/}}" ;;
    esac
done
while [ $# -gt 0 ]; do [ "$1" = -o ] && output=$2; shift; done
[ -z "$folder" ] && programs=$output
for program in $programs; do echo half > "$program"; done
while [ -e "$here/block" ]; do sleep 0.05; done
for program in $programs; do
    printf '#!/bin/sh\\necho "gadget version %s"\\n' "$(cat "$here/version")" > "$program"
    chmod +x "$program"
done
"""


@dataclass(frozen=True)
class FakeGo:
    go: Go
    bin: Path

    def builds(self) -> int:
        log = self.bin / "builds"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def fail(self, output: str) -> None:
        (self.bin / "fail").write_text(output)

    def block(self) -> None:
        (self.bin / "block").touch()

    def unblock(self) -> None:
        (self.bin / "block").unlink(missing_ok=True)


@pytest.fixture
def fake_go(tmp_path: Path):
    root = tmp_path / "goroot"
    bin_folder = root / "bin"
    bin_folder.mkdir(parents=True)
    (root / "VERSION").write_text("go1.0\ntime now\n")
    (bin_folder / "version").write_text("1.2.3")
    program = bin_folder / "go"
    program.write_text(FAKE_GO)
    program.chmod(0o755)
    fake = FakeGo(Go(root, tmp_path / "cache"), bin_folder)
    yield fake
    fake.unblock()


@pytest.fixture
def gadget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """A tool pinned in a folder of its own, of which nobody has a copy installed."""
    pins = tmp_path / "tools" / "gadget"
    pins.mkdir(parents=True)
    (pins / "go.mod").write_text("module gadget\n")
    (pins / "go.sum").write_text("checksums\n")
    monkeypatch.setattr("sandbox.toolchain.catalogue.TOOLS", tmp_path / "tools")
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    return Tool(name="gadget", version="1.2.3", module="gadget", package="example.org/gadget")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install a gadget that says some version in a folder of PATH."""

    def install(version: str, folder: str = "installed", *, variable: str = "PATH") -> Path:
        program = tmp_path / folder / "gadget"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\necho "gadget version {version}"\n')
        program.chmod(0o755)
        monkeypatch.setenv(variable, f"{program.parent}:/usr/bin:/bin")
        return program

    return install
