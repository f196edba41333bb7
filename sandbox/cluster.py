"""A cluster by kubectl: asking it, applying to it, reaching into its pods."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sandbox.errors import ClusterError
from sandbox.toolchain.toolchain import kubectl

_FORWARDED = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+)")


@dataclass(frozen=True)
class Cluster:
    """The sandbox's own, or somebody's."""

    kubeconfig: Path | None = None
    """None leaves it to kubectl's own rules."""
    context: str | None = None
    """None is the kubeconfig's current one."""
    cache: Path | None = None
    """Where kubectl keeps what it learnt of the API; None is the user's home."""

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Run kubectl; return what it prints.

        Raises:
            ClusterError: when it fails, with what it says.
        """
        answer = subprocess.run(
            self._command(arguments),
            env=self._environment(),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            raise ClusterError(f"kubectl {' '.join(arguments[:3])} failed: {answer.stderr.strip()}")
        return answer.stdout

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """One object; None when there is no such."""
        text = self.run(
            "get", kind, name, f"--namespace={namespace}", "--ignore-not-found", "--output=json"
        )
        found: dict[str, Any] | None = json.loads(text) if text else None
        return found

    def names(self, kind: str) -> list[str]:
        """All objects of a kind, as `namespace/name`."""
        items = json.loads(self.run("get", kind, "--all-namespaces", "--output=json"))["items"]
        places = (item["metadata"] for item in items)
        return sorted(f"{place['namespace']}/{place['name']}" for place in places)

    def apply(self, manifests: str, *, owner: str) -> None:
        """Bring objects to what the manifests say.

        Args:
            manifests: YAML or JSON.
            owner: Who sets the fields, as the API server keeps account of it.
        """
        self.run(
            "apply",
            "--server-side",
            "--force-conflicts",
            f"--field-manager={owner}",
            "--filename=-",
            stdin=manifests,
        )

    @contextmanager
    def forward(self, namespace: str, target: str, port: int) -> Iterator[int]:
        """Forward a port of this machine, on loopback, to one of a pod; yields the local one."""
        command = self._command(
            ["port-forward", f"--namespace={namespace}", "--address=127.0.0.1", target, f":{port}"]
        )
        with subprocess.Popen(
            command,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield _forwarded(process, target)
            finally:
                process.terminate()

    def _command(self, arguments: Sequence[str]) -> list[str]:
        context = [f"--context={self.context}"] if self.context else []
        return [str(kubectl()), *context, *arguments]

    def _environment(self) -> dict[str, str]:
        places = {"KUBECONFIG": self.kubeconfig, "KUBECACHEDIR": self.cache}
        return {**os.environ, **{name: str(path) for name, path in places.items() if path}}


def _forwarded(process: subprocess.Popen[str], target: str) -> int:
    output: IO[str] | None = process.stdout
    found = _FORWARDED.search(output.readline()) if output else None
    if found is None:
        process.terminate()
        reason = process.stderr.read().strip() if process.stderr else ""
        raise ClusterError(
            f"no port can be forwarded to {target}: {reason or 'kubectl says nothing'}"
        )
    return int(found[1])
