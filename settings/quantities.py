"""Types of text that are an amount of something, as Kubernetes and Chaos Mesh write it."""

from typing import Annotated

from settings.types import Allowed
from settings.words import matches

Cpu = Annotated[
    str,
    Allowed(
        "an amount of CPU",
        "cores such as 2 or thousandths such as 100m",
        matches("[1-9][0-9]{0,5}m?"),
    ),
]
"""Processing time."""

Memory = Annotated[
    str,
    Allowed(
        "an amount of memory",
        "a number and Mi or Gi, such as 512Mi",
        matches("[1-9][0-9]{0,5}(Mi|Gi)"),
    ),
]
"""Memory of a pod."""

Storage = Annotated[
    str,
    Allowed(
        "an amount of storage",
        "a number and Mi, Gi or Ti, such as 1Gi",
        matches("[1-9][0-9]{0,5}(Mi|Gi|Ti)"),
    ),
]
"""Size of a volume."""

StressedMemory = Annotated[
    str,
    Allowed(
        "a size",
        "a number and MB or GB, such as 256MB, up to 2GB",
        matches("([1-9][0-9]{0,2}|1[0-9]{3}|20[0-3][0-9]|204[0-8])MB|[12]GB"),
    ),
]
"""Memory that an experiment takes."""


def mebibytes(memory: str) -> int:
    """An amount of memory as a number that can be compared."""
    return int(memory[:-2]) * (1024 if memory.endswith("Gi") else 1)


def thousandths(cpu: str) -> int:
    """An amount of CPU as a number that can be compared."""
    return int(cpu[:-1]) if cpu.endswith("m") else 1000 * int(cpu)
