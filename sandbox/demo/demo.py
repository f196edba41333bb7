"""The demo in a cluster: what it brings itself, and the repository that Flux applies the rest from.

`prepare` comes before the stack, which looks for Git server, Prometheus and Alertmanager at the
addresses in its file; `introduce` comes after it.
"""

import base64
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509

from sandbox.cluster import Cluster
from sandbox.control_plane.certificates import CertificateAuthority
from sandbox.demo import bundle, repository
from sandbox.demo.programs import git_server
from sandbox.errors import DemoError, UsageError

_FOLDER = Path(__file__).parent
_RENDERED = ("kustomization.yaml", "manifests", "programs")
_SERVICES = "infra/gitops/services"
_PLATFORM = "infra/gitops/platform"
"""Where additions of one cluster go."""
PLAIN_ENVOY = (_FOLDER / "plain-envoy" / "request-metrics.yaml",)
"""What the repository of a cluster needs whose proxies are Envoy as it is published."""
HOME, MONITORING, FLUX_HOME = "demo", "monitoring", "flux-system"
SERVICES_HOME = "brisa-sandbox"
_SERVICES_THERE = f"--namespace={SERVICES_HOME}"
_GIT = "git"
_GIT_HOST = f"{_GIT}.{HOME}.svc.cluster.local"
_CERTIFICATE = "git-certificate"
_AUTHORITY = "demo-git"
"""What the stack's `credentialsSecret` names: whom Flux trusts to be the Git server."""
_RENEWED_BEFORE = timedelta(days=30)
"""A certificate that ends sooner is made anew."""
_OWNER = "brisa-demo"
"""Who sets the fields, as the API server keeps account of it."""
_PART_OF, _PART = "app.kubernetes.io/part-of", "demo"
_SOMEBODY_ELSES = (
    "the cluster has a namespace {name} that the demo did not make; it would be changed. Use a "
    "cluster that is made for trying"
)
_PATIENCE = "--timeout=180s"
_REQUESTED = "reconcile.fluxcd.io/requestedAt"


@dataclass(frozen=True)
class Demo:
    """The demo of one cluster."""

    cluster: Cluster
    additions: Sequence[Path] = ()
    """Further manifests for the repository, which this cluster alone needs."""

    def prepare(self) -> None:
        """Bring up what the stack expects to find, and fill the repository where it is empty."""
        self._certify()
        self.cluster.apply(self._manifests(), owner=_OWNER)
        self._wait(_GIT, HOME)
        with self.git() as url:
            if repository.head(url) is None:
                repository.start(url, self._content(), "The services of the catalogue")
        for name in ("prometheus", "alertmanager"):
            self._wait(name, MONITORING)

    def refuse_others(self) -> None:
        """Raise when a namespace of the demo is somebody else's, who would lose it."""
        for name in (HOME, MONITORING):
            found = self.cluster.get("namespace", "", name)
            if found and found["metadata"].get("labels", {}).get(_PART_OF) != _PART:
                raise UsageError(_SOMEBODY_ELSES.format(name=name))

    def remove(self) -> None:
        """Take away what `prepare` has made; the stack is destroyed before."""
        chosen = f"--selector={_PART_OF}={_PART}"
        kinds = "namespaces,clusterroles,clusterrolebindings"
        self.cluster.run("delete", kinds, chosen, "--ignore-not-found", "--timeout=120s")

    def introduce(self) -> None:
        """Tell Flux, which is there with the stack, whom to take for the Git server."""
        known = self.cluster.get("secret", HOME, _CERTIFICATE)
        if known is None:
            raise DemoError("the Git server has no certificate; `make live` gives it one")
        authority = {"ca.crt": known["data"]["ca.crt"]}
        self._apply(_secret(_AUTHORITY, FLUX_HOME, authority))
        self._request()

    def clone(self, folder: Path) -> None:
        """Get the repository."""
        with self.git() as url:
            repository.clone(url, folder)

    def push(self, folder: Path, message: str) -> str:
        """Commit and push what changed in a clone, and let Flux look at once."""
        with self.git() as url:
            commit = repository.push(url, folder, message)
        self._request()
        return commit

    def faults(self, deployment: str, arguments: Sequence[str]) -> dict[str, str]:
        """Ask all pods of a Deployment for their faults, or set them; what each answers."""
        found = self._deployment(deployment)
        labels = found["spec"]["selector"]["matchLabels"]
        chosen = ",".join(f"{key}={value}" for key, value in labels.items())
        pods = self._names("pods", _SERVICES_THERE, f"--selector={chosen}")
        return {pod: self._program(found, pod, "faults", *arguments) for pod in pods}

    def ask(self, deployment: str, url: str, times: int) -> str:
        """Let a service ask a URL some times; how often it was answered what."""
        found = self._deployment(deployment)
        place = f"deployment/{deployment}"
        return self._program(found, place, "ask", url, f"--times={times}")

    def _deployment(self, name: str) -> dict[str, Any]:
        found = self.cluster.get("deployment", SERVICES_HOME, name)
        if found is None:
            known = self._names("deployments", _SERVICES_THERE)
            raise UsageError(
                f"there is no service {name!r}; there are: {', '.join(known) or 'none'}"
            )
        return found

    def _program(self, deployment: Mapping[str, Any], place: str, *arguments: str) -> str:
        """Run a command of the services' program where it runs."""
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        command = ("--", "python3", "/program/service.py", *arguments)
        chosen = f"--container={container['name']}"
        return self.cluster.run("exec", _SERVICES_THERE, place, chosen, *command).strip()

    def _request(self) -> None:
        """Let Flux look at the repository now."""
        now = datetime.now(UTC).isoformat()
        where = f"--namespace={FLUX_HOME}"
        self.cluster.run(
            "annotate", "gitrepositories", "--all", where, "--overwrite", f"{_REQUESTED}={now}"
        )

    def _names(self, kind: str, *options: str) -> list[str]:
        found = self.cluster.run("get", kind, *options, "--output=name").split()
        return [name.rpartition("/")[2] for name in found]

    @contextmanager
    def git(self) -> Iterator[str]:
        """The URL at which the repository is written, while it is open."""
        with self.cluster.forward(HOME, f"deployment/{_GIT}", git_server.WRITE_PORT) as port:
            yield f"http://127.0.0.1:{port}{git_server.REPOSITORY}"

    def _wait(self, deployment: str, namespace: str) -> None:
        self.cluster.run(
            "rollout", "status", f"deployment/{deployment}", f"--namespace={namespace}", _PATIENCE
        )

    def _manifests(self) -> str:
        with tempfile.TemporaryDirectory(prefix="brisa-demo-") as place:
            folder = Path(place)
            for name in _RENDERED:
                source = _FOLDER / name
                (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
            (folder / "git-server.pyz").write_bytes(bundle.git_server())
            return self.cluster.run("kustomize", place)

    def _content(self) -> dict[str, bytes]:
        program = _FOLDER / "programs" / "service.py"
        added = {f"{_PLATFORM}/{path.name}": path.read_bytes() for path in self.additions}
        return {
            **repository.files_below(_FOLDER / "repository"),
            f"{_SERVICES}/{program.name}": program.read_bytes(),
            **added,
        }

    def _certify(self) -> None:
        """Give the Git server a certificate, and keep the authority behind it with it."""
        known = self.cluster.get("secret", HOME, _CERTIFICATE)
        if known is None or not _lasts(known["data"]):
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}
            self._apply(namespace, _certificate())

    def _apply(self, *objects: Mapping[str, Any]) -> None:
        text = "\n---\n".join(json.dumps(each) for each in objects)
        self.cluster.apply(text, owner=_OWNER)


def _certificate() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="brisa-demo-") as place:
        authority = CertificateAuthority.create(Path(place), _GIT)
        pair = authority.server(_GIT, _GIT_HOST)
        files = {
            "tls.crt": pair.certificate,
            "tls.key": pair.key,
            "ca.crt": authority.certificate,
        }
        data = {name: base64.b64encode(path.read_bytes()) for name, path in files.items()}
    return _secret(_CERTIFICATE, HOME, {name: text.decode() for name, text in data.items()})


def _lasts(data: Mapping[str, str]) -> bool:
    certificate = x509.load_pem_x509_certificate(base64.b64decode(data["tls.crt"]))
    return certificate.not_valid_after_utc - datetime.now(UTC) > _RENEWED_BEFORE


def _secret(name: str, namespace: str, data: Mapping[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "data": dict(data),
    }
