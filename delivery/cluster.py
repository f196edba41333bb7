"""The cluster as kubectl sees it: objects, read only.

kubectl knows every way to sign in that a kubeconfig may ask for.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.errors import ClusterError
from vocabulary.kinds import Kind

SECONDS = 60
_UNKNOWN_KIND = "the server doesn't have a resource type"
_NOT_FOUND = "(NotFound)"

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Cluster:
    """One cluster."""

    context: str | None = None
    """Context of the kubeconfig; None takes the current one."""

    def all(self, kind: Kind) -> list[Object]:
        """Every object of a kind; none where the cluster does not know it."""
        answer = self._ask("get", _resource(kind), "--all-namespaces")
        items: list[Object] = answer["items"] if answer else []
        return items

    def one(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """One object; None when it is not there."""
        found: Object | None = self._ask("get", _resource(kind), name, "--namespace", namespace)
        return found

    def _ask(self, *arguments: str) -> Any:
        flags = ["--output", "json", f"--request-timeout={SECONDS}s"]
        flags += ["--context", self.context] if self.context else []
        try:
            answer = subprocess.run(
                [_kubectl(), *arguments, *flags],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=2 * SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ClusterError(f"{self}: kubectl {' '.join(arguments)} takes too long") from None
        if answer.returncode == 0:
            return json.loads(answer.stdout)
        said = answer.stderr.strip()
        if _UNKNOWN_KIND in said or _NOT_FOUND in said:
            return None
        last = said.splitlines()[-1] if said else f"kubectl ended with {answer.returncode}"
        raise ClusterError(f"{self}: {last}")

    def __str__(self) -> str:
        return f"cluster {self.context}" if self.context else "the current cluster"


def condition(item: Object, name: str) -> Mapping[str, Any]:
    """A condition of an object's status; empty when it has none of that name."""
    found: Mapping[str, Any]
    for found in (item.get("status") or {}).get("conditions") or ():
        if found.get("type") == name:
            return found
    return {}


def reference(item: Object) -> str:
    """`namespace/name` of an object."""
    metadata = item["metadata"]
    return "/".join(part for part in (metadata.get("namespace"), metadata["name"]) if part)


def _resource(kind: Kind) -> str:
    """A kind as kubectl finds it in one API version: `Kustomization.v1.kustomize.toolkit...`."""
    version = kind.api_version.rpartition("/")[2]
    return f"{kind.kind}.{version}.{kind.group}"


def _kubectl() -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    found = shutil.which("kubectl", path=path)
    if found is None:
        raise ClusterError("kubectl is missing; install it, or put it on PATH")
    return found
