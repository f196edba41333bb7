"""The tools of the sandbox: found on this machine, or built from pinned Go modules."""

from sandbox.toolchain.toolchain import Toolchain

__all__ = ["Toolchain"]
