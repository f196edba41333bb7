"""Reading single objects of the API server."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sandbox.errors import PodError
from sandbox.toolchain.toolchain import kubectl

Object = Mapping[str, Any]
"""As the API server tells it."""


class Objects(Protocol):
    """Whoever knows objects."""

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """One object; None when there is no such."""


@dataclass(frozen=True)
class Cluster:
    """The API server of a kubeconfig."""

    kubeconfig: Path

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """One object; None when there is no such."""
        text = self._kubectl(
            "get", kind, name, "--namespace", namespace, "--ignore-not-found", "-o", "json"
        )
        found: Object | None = json.loads(text) if text else None
        return found

    def names(self, kind: str) -> list[str]:
        """All objects of a kind, as `namespace/name`."""
        items = json.loads(self._kubectl("get", kind, "--all-namespaces", "-o", "json"))["items"]
        places = (item["metadata"] for item in items)
        return sorted(f"{place['namespace']}/{place['name']}" for place in places)

    def _kubectl(self, *arguments: str) -> str:
        answer = subprocess.run(
            [kubectl(), *arguments],
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig)},
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            raise PodError(f"the API server cannot be asked: {answer.stderr.strip()}")
        return answer.stdout
