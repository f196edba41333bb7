"""One pod as a process: everything is looked up and checked first, then written, then run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import PodError, UsageError
from sandbox.pods.environment import environment, expand
from sandbox.pods.job import Job
from sandbox.pods.objects import Objects
from sandbox.pods.rewriting import Rewriting, cluster_addresses, mentions
from sandbox.pods.volumes import File, Volume, volumes

_GRACE_SECONDS = 30.0
"""Kubernetes' default between asking a pod to end and killing it."""
_OWNER_ONLY = 0o700
_WRITABLE = 0o600
_SIGNALLED = 128


@dataclass(frozen=True)
class Folders:
    """Where a pod's files go."""

    pod: Path
    """What goes with the pod."""
    claims: Path
    """What PersistentVolumeClaims of its namespace keep."""


@dataclass(frozen=True)
class Pod:
    """One pod of a Job, with everything that it refers to."""

    command: Sequence[str]
    variables: Mapping[str, str]
    volumes: Mapping[str, Volume]
    mounts: Mapping[str, tuple[str, str]]
    """Volume and path inside it, by mount path."""
    working_folder: str | None
    """In the container; None when the image says."""
    grace_seconds: float

    @classmethod
    def of(cls, job: Job, index: int | None, objects: Objects) -> "Pod":
        """Look everything up.

        Raises:
            PodError: when something is not there, or cannot be had by a plain process.
        """
        container = job.container
        if not container.get("command"):
            raise PodError("the container has no command; what its image starts is not known here")
        variables = environment(job, index, objects)
        words = [*container["command"], *container.get("args", ())]
        return cls(
            command=[expand(word, variables) for word in words],
            variables=variables,
            volumes=volumes(job.namespace, job.spec, objects),
            mounts={
                mount["mountPath"].rstrip("/"): (mount["name"], mount.get("subPath", ""))
                for mount in container.get("volumeMounts", ())
            },
            working_folder=container.get("workingDir"),
            grace_seconds=job.spec.get("terminationGracePeriodSeconds", _GRACE_SECONDS),
        )

    def check(self, addresses: Mapping[str, str]) -> list[str]:
        """Refuse addresses that occur nowhere; tell those that lead into a cluster and stay so."""
        texts = [*self.command, *self.variables.values(), *self._texts()]
        for address in addresses:
            if not any(mentions(text, address) for text in texts):
                raise UsageError(
                    f"--map {address}: no such address stands in the pod's command, environment "
                    "or files"
                )
        led = Rewriting({}, addresses)
        return sorted({place for text in texts for place in cluster_addresses(led(text))})

    def run(
        self, folders: Folders, addresses: Mapping[str, str], timeout: float | None = None
    ) -> int:
        """Write the files, run the command on this terminal, and return its exit code.

        Raises:
            PodError: when the program is not on this machine, or takes longer than it may.
        """
        places = {
            mount: self._folder(name, folders) / inside
            for mount, (name, inside) in self.mounts.items()
        }
        rewritten = Rewriting(places, addresses)
        for name, volume in self.volumes.items():
            _write(self._folder(name, folders), volume, rewritten)
        work = folders.pod / "work"
        work.mkdir(parents=True, mode=_OWNER_ONLY)
        given = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"}
        given |= {"HOME": str(work), "TMPDIR": str(places.get("/tmp", work))}  # noqa: S108
        variables = {name: rewritten(value) for name, value in self.variables.items()}
        return _run(
            [rewritten(word) for word in self.command],
            environment=given | variables,
            folder=Path(rewritten(self.working_folder)) if self.working_folder else work,
            timeout=timeout,
            grace_seconds=self.grace_seconds,
        )

    def _texts(self) -> Iterator[str]:
        for volume in self.volumes.values():
            yield from (text for file in volume.files.values() if (text := _text(file)))

    def _folder(self, volume: str, folders: Folders) -> Path:
        claim = self.volumes[volume].claim
        return folders.claims / claim if claim else folders.pod / "volumes" / volume


def _text(file: File) -> str | None:
    """Content of a file as text; None when it is none."""
    try:
        return file.content.decode()
    except UnicodeDecodeError:
        return None


def _write(folder: Path, volume: Volume, rewritten: Rewriting) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
    for path, file in volume.files.items():
        text = _text(file)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode=_WRITABLE)  # never readable by others, not even while it is written
        target.write_bytes(file.content if text is None else rewritten(text).encode())
        target.chmod(file.mode & _OWNER_ONLY)


def _run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    timeout: float | None,
    grace_seconds: float,
) -> int:
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        raise PodError(
            f"{command[0]} is not on this machine; the pod's image has it, install it or change "
            "PATH in the pod"
        )
    with subprocess.Popen([program, *command[1:]], env=environment, cwd=folder) as process:
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.terminate()
            try:
                process.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                process.kill()
            raise PodError(
                "the pod was ended: its Job may not take longer than activeDeadlineSeconds"
            ) from None
    return code if code >= 0 else _SIGNALLED - code
