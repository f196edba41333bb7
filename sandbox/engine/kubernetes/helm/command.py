"""Running the real Helm.

Values, kubeconfig and repository passwords travel in files that only we can read, never as
arguments, which every user of the machine can see.
"""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sandbox.engine.kubernetes.client import RETRY_WINDOW_SECONDS, Request
from sandbox.engine.kubernetes.errors import ApiError, ProviderError
from sandbox.engine.kubernetes.instance import Instance
from sandbox.engine.kubernetes.kubeconfig import Access

_POLL_SECONDS: Final = 0.1
_GRACE_SECONDS: Final = 10.0
_READINESS_PAUSE_SECONDS: Final = 0.5
_CONNECTION_TROUBLE: Final = (
    "connection refused",
    "connection reset",
    "Kubernetes cluster unreachable",
    "etcdserver:",
    "unexpected EOF",
    "http2: client connection lost",
)
_PREFIX: Final = re.compile(r"^Error: (?:(?:INSTALLATION|UPGRADE) FAILED: )?")


class HelmError(ProviderError):
    """Helm failed; the text is Helm's own."""

    @property
    def not_found(self) -> bool:
        """Whether there is no such release."""
        return "release: not found" in str(self)

    @property
    def is_connection_trouble(self) -> bool:
        """Whether it was the API server that went away."""
        return any(hint in str(self) for hint in _CONNECTION_TROUBLE)


class Helm:
    """Helm, set up for one provider instance; use it as a context manager."""

    def __init__(self, instance: Instance, namespace: str) -> None:
        """Prepare a folder for what Helm shall read.

        Args:
            instance: Cluster and cancellation.
            namespace: The namespace of the release.
        """
        self._instance = instance
        self._namespace = namespace
        self._stack = ExitStack()
        self.folder = Path()

    def __enter__(self) -> Self:
        """Make the folder, which only its owner can enter."""
        name = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="pulumi-helm-"))
        self.folder = Path(name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the folder with everything in it."""
        self._stack.close()

    def file(self, name: str, content: Any) -> str:
        """Write a JSON file, which Helm reads as YAML, and return its path."""
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(json.dumps(content))
        return str(path)

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """Run Helm without a cluster and return what it prints.

        Raises:
            HelmError: It failed.
        """
        return self._run(list(arguments), stdin)

    def run_on_cluster(self, *arguments: str) -> str:
        """Run Helm against the instance's API server and return what it prints.

        Raises:
            HelmError: It failed.
        """
        access = self._instance.access
        if access is None:
            raise ProviderError(self._instance.unreachable_reason)
        place = ["--namespace", self._namespace, "--kubeconfig", self._kubeconfig(access)]
        return self._run([*arguments, *place], None)

    def ask(self, *arguments: str) -> str:
        """Run Helm like ``run_on_cluster``, again while the API server is away.

        Only for what may be done twice.

        Raises:
            HelmError: It failed, or the API server stayed away.
        """
        deadline = time.monotonic() + RETRY_WINDOW_SECONDS
        while True:
            try:
                return self.run_on_cluster(*arguments)
            except HelmError as error:
                if not error.is_connection_trouble or time.monotonic() > deadline:
                    raise
                self.await_api_server()

    def await_api_server(self) -> None:
        """Wait until the API server answers and is ready.

        Raises:
            ProviderError: It does not become so.
        """
        client, cancelled = self._instance.cluster.client, self._instance.cancelled
        deadline = time.monotonic() + RETRY_WINDOW_SECONDS
        while True:
            try:
                client.send(Request("GET", "/readyz"))
            except ApiError:
                if time.monotonic() > deadline or cancelled.wait(_READINESS_PAUSE_SECONDS):
                    raise
            else:
                return

    def _kubeconfig(self, access: Access) -> str:
        path = self.folder / "kubeconfig"
        return str(path) if path.exists() else self.file("kubeconfig", kubeconfig(access))

    def _run(self, arguments: list[str], stdin: str | None) -> str:
        program = shutil.which("helm")
        if program is None:
            raise ProviderError(
                "helm is not on the PATH, and Helm releases need it: install Helm 3, or run the "
                "sandbox's build"
            )
        with (
            (self.folder / "output").open("w+") as output,
            (self.folder / "errors").open("w+") as errors,
        ):
            process = subprocess.Popen(
                [program, *arguments],
                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env=_environment(self._instance),
                text=True,
            )
            if process.stdin is not None:
                process.stdin.write(stdin or "")
                process.stdin.close()
            code = self._wait(process)
            output.seek(0)
            errors.seek(0)
            if code:
                raise HelmError(_complaint(errors.read()) or f"helm ended with status {code}")
            return output.read()

    def _wait(self, process: subprocess.Popen[str]) -> int:
        """Wait for Helm; let it end in good order when the user gives up."""
        while True:
            try:
                return process.wait(_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                if not self._instance.cancelled.is_set():
                    continue
            process.send_signal(signal.SIGINT)
            try:
                return process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                return process.wait()


def kubeconfig(access: Access) -> dict[str, Any]:
    """Return the smallest kubeconfig that leads to an API server."""

    def encoded(content: bytes | None) -> str | None:
        return base64.b64encode(content).decode() if content else None

    cluster = {
        "server": access.server,
        "certificate-authority-data": encoded(access.ca),
        "insecure-skip-tls-verify": None if access.verify else True,
        "tls-server-name": access.tls_server_name or None,
    }
    user = {
        "client-certificate-data": encoded(access.certificate),
        "client-key-data": encoded(access.key),
        "token": access.token or None,
    }
    if access.basic:
        user |= {"username": access.basic[0], "password": access.basic[1]}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "pulumi",
        "contexts": [{"name": "pulumi", "context": {"cluster": "pulumi", "user": "pulumi"}}],
        "clusters": [{"name": "pulumi", "cluster": _present(cluster)}],
        "users": [{"name": "pulumi", "user": _present(user)}],
    }


def _present(entries: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value is not None}


def _environment(instance: Instance) -> dict[str, str]:
    environment = os.environ | {"HELM_DRIVER": "secret"} | instance.options.helm_environment
    environment.pop("KUBECONFIG", None)
    return environment


def _complaint(text: str) -> str:
    """Return the error among what Helm printed, without its label."""
    lines = text.strip().splitlines()
    start = next((index for index, line in enumerate(lines) if line.startswith("Error:")), 0)
    return _PREFIX.sub("", "\n".join(lines[start:]))
