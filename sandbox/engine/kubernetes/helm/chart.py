"""Where a release's chart is, and whether it can be loaded."""

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.helm.command import Helm
from sandbox.engine.kubernetes.helm.model import Release

_OCI: Final = "oci://"
_REPOSITORY: Final = "pulumi"
"""Name of the repository in the file that holds a password."""
_MISSING: Final = re.compile(r"missing", re.IGNORECASE)


def arguments(helm: Helm, release: Release) -> list[str]:
    """Return the chart and the options that lead Helm to it.

    Raises:
        ProviderError: The chart is said to be local, but is not there.
    """
    version = release.texts["version"].strip()
    if not version and release.switches["devel"]:
        version = ">0.0.0-0"
    options = ["--version", version] if version else []
    if release.switches["verify"]:
        options += ["--verify", "--keyring", release.texts["keyring"]]
    return [*_source(helm, release), *options]


def _source(helm: Helm, release: Release) -> list[str]:
    name = release.texts["chart"].strip()
    repository = release.repository
    if repository is None:
        return [_local(name)]
    files = [
        argument
        for option, key in (("--ca-file", "caFile"), ("--cert-file", "certFile"))
        for argument in (option, repository[key])
        if repository[key]
    ]
    files += ["--key-file", repository["keyFile"]] if repository["keyFile"] else []
    if name.startswith(_OCI):
        return [name, *files, *_login(helm, name, repository)]
    if not urlsplit(repository["repo"]).scheme:
        known = f"{repository['repo']}/{name}" if repository["repo"] and "/" not in name else name
        return [_local(known) if known == name else known, *files]
    if repository["username"] or repository["password"]:
        return [f"{_REPOSITORY}/{name}", *_private_repository(helm, repository)]
    return [name, "--repo", repository["repo"], *files]


def _local(name: str) -> str:
    """Prefer a chart on disk, if it is one; the working directory is the program's."""
    path = Path(name)
    if path.is_file() or (path / "Chart.yaml").is_file():
        return str(path.absolute())
    if path.is_absolute() or name.startswith("."):
        raise ProviderError(f'path "{name}" not found')
    return name


def _private_repository(helm: Helm, repository: dict[str, str]) -> list[str]:
    """Make a repository known for this run only, so that its password stays in a file."""
    entry = {
        "name": _REPOSITORY,
        "url": repository["repo"],
        "username": repository["username"],
        "password": repository["password"],
        "caFile": repository["caFile"],
        "certFile": repository["certFile"],
        "keyFile": repository["keyFile"],
    }
    known = helm.file("repositories", {"apiVersion": "v1", "repositories": [entry]})
    options = ["--repository-config", known, "--repository-cache", str(helm.folder / "cache")]
    helm.run("repo", "update", *options)
    return options


def _login(helm: Helm, name: str, repository: dict[str, str]) -> list[str]:
    if not repository["username"]:
        return []
    options = ["--registry-config", str(helm.folder / "registry")]
    helm.run(
        "registry",
        "login",
        urlsplit(name).netloc,
        "--username",
        repository["username"],
        "--password-stdin",
        *options,
        stdin=repository["password"],
    )
    return options


def load(helm: Helm, release: Release) -> dict[str, Any]:
    """Return a chart's metadata.

    Raises:
        ProviderError: The chart cannot be found or loaded, or lacks dependencies.
    """
    source = arguments(helm, release)
    metadata: dict[str, Any] = yaml.safe_load(helm.run("show", "chart", *source)) or {}
    if metadata.get("dependencies") and Path(source[0]).is_dir():
        _check_dependencies(helm, release, source[0])
    return metadata


def _check_dependencies(helm: Helm, release: Release, path: str) -> None:
    missing = [
        line.split()[0]
        for line in helm.run("dependency", "list", path).splitlines()[1:]
        if _MISSING.search(line)
    ]
    if not missing:
        return
    if release.switches["dependencyUpdate"]:
        helm.run("dependency", "update", path)
        return
    raise ProviderError(
        f"found in Chart.yaml, but missing in charts/ directory: {', '.join(missing)}"
    )
