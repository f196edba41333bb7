"""What labels say of a series: which it is in every run, whose it is, whose to judge, its name.

People write and read names of series as `latency_p95{namespace="shop",service="cart"}`.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from pydantic import Field, model_validator

from anomaly.config import Model

VOLATILE = frozenset({"__name__", "instance", "pod", "pod_name", "pod_uid", "container_id"})
"""Labels that change while the series stays the same to people, with every rollout for example."""

SERVICES = (
    "destination_service_name",
    "destination_workload",
    "service",
    "service_name",
    "app",
    "job",
)
"""Labels that name a service, the most telling first."""

NAMESPACES = ("destination_service_namespace", "destination_workload_namespace", "namespace")
"""Labels that name its namespace; what the exporter itself said comes first, as `exported_...`."""

Identity = tuple[tuple[str, str], ...]


def identity(labels: Mapping[str, str]) -> Identity:
    """Labels that tell a series from the others in every run, in order."""
    return tuple(sorted((name, value) for name, value in labels.items() if name not in VOLATILE))


def service(labels: Mapping[str, str], named_by: Sequence[str] = ()) -> str:
    """Whose series it is: `namespace/name`, or the labels themselves where none is a service's.

    Args:
        labels: of the series.
        named_by: the labels that name the service, namespace first, where somebody has said so.
    """
    if named_by and all(labels.get(name) for name in named_by):
        return "/".join(labels[name] for name in named_by)
    name = _first(labels, SERVICES)
    if name is None:
        return written(labels)
    namespace = _first(labels, NAMESPACES)
    return f"{namespace}/{name}" if namespace else name


def written(labels: Mapping[str, str]) -> str:
    """Labels as people write them: `app=api,zone=b`; `all` without any."""
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items())) or "all"


def _first(labels: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((value for name in _exported_first(names) if (value := labels.get(name))), None)


def _exported_first(names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        yield f"exported_{name}"
        yield name


class Shard(Model):
    """One of so many equal parts of all series, for one of the pods of an indexed Job."""

    count: int = Field(1, ge=1, le=10_000)
    """Pods in all."""

    index: int = Field(0, ge=0)
    """Which of them this is, from 0 on; Kubernetes says so in `JOB_COMPLETION_INDEX`."""

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if self.index >= self.count:
            raise ValueError(
                f"index {self.index} is none of {self.count}; count is the Job's completions, "
                "and index runs from 0 to one less"
            )
        return self

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether the series is in this part.

        All signals of one service have the same labels and so land in the same part.
        """
        return self.count == 1 or place(labels) % self.count == self.index

    @property
    def name(self) -> str:
        """`0-of-1`: also the name of its folder in the state."""
        return f"{self.index}-of-{self.count}"


def place(labels: Mapping[str, str]) -> int:
    """A number of 64 bits that depends on nothing but the identity of the series."""
    text = json.dumps(identity(labels), ensure_ascii=False, separators=(",", ":"))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


METRIC = "__name__"

_SELECTOR = re.compile(r"([^{}]*)(?:\{(.*)\})?", re.DOTALL)
_MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*("(?:[^"\\]|\\.)*")\s*(?:,|$)')


def selector(name: str, labels: Mapping[str, str]) -> str:
    """A series in one line; labels in the order of their names, without that of the metric."""
    inside = ",".join(
        f"{key}={json.dumps(labels[key], ensure_ascii=False)}"
        for key in sorted(labels)
        if key != METRIC
    )
    return f"{name}{{{inside}}}" if inside else name


def parsed(written: str) -> tuple[str, dict[str, str]]:
    """The name and the labels.

    Raises:
        ValueError: it is written otherwise.
    """
    whole = _SELECTOR.fullmatch(written.strip())
    if not whole:
        raise ValueError(f'{written} is not a series; write it as name{{label="value"}}')
    name, inside = whole[1].strip(), whole[2] or ""
    labels, at = {}, 0
    while at < len(inside.rstrip()):
        matcher = _MATCHER.match(inside, at)
        if not matcher:
            raise ValueError(f'{written} is not a series; write labels as label="value"')
        labels[matcher[1]] = str(json.loads(matcher[2]))
        at = matcher.end()
    return name, labels
