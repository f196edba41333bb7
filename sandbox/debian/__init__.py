"""Programs of Debian packages: verified by apt, unpacked into the cache, not installed."""

from sandbox.debian.unpacking import Packages, available, packages

__all__ = ["Packages", "available", "packages"]
