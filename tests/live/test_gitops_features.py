"""What else the stack can tell Flux to do, by Flux' own controllers.

Everything is in a namespace of its own, where Flux takes it as it does in the stack's. The key and
the signature below `gitops/` were made up for these tests and open nothing else.
"""

import base64
import hashlib
import hmac
import io
import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from dulwich import porcelain
from dulwich.objects import Blob, Commit, Tree
from dulwich.refs import local_branch_name
from dulwich.repo import Repo

from components.flux import FluxSync
from components.flux_alerts import FluxAlerts
from ops.cluster import connect
from ops.gitops.suspension import resume, suspend
from sandbox.demo.demo import FLUX_HOME
from settings.gitops import GitOps
from tests.live.conftest import eventually
from tests.live.platform import IMAGE, Platform
from tests.program.stacks import manifest
from tests.recording import deploy
from vocabulary.kinds import HELM_REPOSITORY

HOME = "gitops-features"
MADE_UP = Path(__file__).parent / "gitops"
TENANT = "tenant"
CATCHER = """
import http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        print(body.decode(), flush=True)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"ok": true}')
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""
"""Serves the files of its folder, and prints what is posted to it."""
SERVER = f"http://server.{HOME}.svc.cluster.local:8080"
Files = Mapping[str, str]


def config_map(name: str, namespace: str | None = None, **data: str) -> str:
    about = {"name": name} | ({"namespace": namespace} if namespace else {})
    return yaml.safe_dump(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": data}
    )


def chart() -> bytes:
    """A chart of one object."""
    files = {
        "note/Chart.yaml": yaml.safe_dump({"apiVersion": "v2", "name": "note", "version": "1.0.0"}),
        "note/templates/note.yaml": config_map("note", says="{{ .Values.says }}"),
    }
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return written.getvalue()


def index() -> str:
    """What a chart repository says it has."""
    version = {"name": "note", "version": "1.0.0", "urls": [f"{SERVER}/note-1.0.0.tgz"]}
    return yaml.safe_dump({"apiVersion": "v1", "entries": {"note": [version]}})


@dataclass(frozen=True)
class Area:
    """A namespace with a GitOps area of its own, applied from branches of the demo's repository."""

    platform: Platform
    folder: Path

    def publish(self, branch: str, files: Files) -> None:
        """Make these the files of a branch."""
        place = self.folder / branch
        fresh = not place.exists()
        with porcelain.init(str(place)) if fresh else Repo(str(place)) as repository:
            if fresh:
                repository.refs.set_symbolic_ref(b"HEAD", local_branch_name(branch.encode()))
            for name, text in files.items():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_text(text)
            for path in [each for each in place.rglob("*.yaml") if ".git" not in each.parts]:
                if path.relative_to(place).as_posix() not in files:
                    path.unlink()
            porcelain.add(repository)
            who = b"Team <team@example.com>"
            porcelain.commit(repository, b"Change", author=who, committer=who, all=True, sign=False)
            self.send(repository, branch)

    def send(self, repository: Repo, branch: str) -> None:
        """Push a branch."""
        quiet = {"outstream": BytesIO(), "errstream": BytesIO()}
        with self.platform.demo.git() as url:
            porcelain.push(repository, url, f"{branch}:{branch}", force=True, **quiet)

    def declare(self, branch: str, **area: Any) -> None:
        """Apply what the components make of a GitOps area that follows a branch."""
        settings = GitOps.model_validate(
            {
                "install": "none",
                "namespace": HOME,
                "sourceName": branch,
                "repository": "https://git.demo.svc.cluster.local/platform.git",
                "credentialsSecret": "demo-git",
                "branch": branch,
                "interval": "1h0m0s",
                "slack": None,
                **area,
            }
        )

        def program() -> None:
            FluxSync("features", settings, ())
            FluxAlerts("features", settings, environment="live", token="made-up")

        made = [manifest(each) for each in deploy(program).objects]
        for each in made:
            # No server of charts in the sandbox has a certificate that Flux knows. Without our
            # label it is another team's, whose way to get charts is their own business.
            if each["kind"] == HELM_REPOSITORY.kind:
                each["spec"]["url"] = SERVER
                del each["metadata"]["labels"]
        self.platform.apply(*(each for each in made if each["kind"] != "Secret"))

    def secret(self, name: str, **data: str) -> None:
        """Make a Secret; a key's underscores stand for dots."""
        text = {key.replace("_", "."): value for key, value in data.items()}
        about = {"name": name, "namespace": HOME}
        self.platform.apply(
            {"apiVersion": "v1", "kind": "Secret", "metadata": about, "stringData": text}
        )

    def look(self, source: str) -> None:
        """Let Flux look at a branch at once."""
        now = f"reconcile.fluxcd.io/requestedAt={hash(object())}"
        self.platform.kubectl(
            "annotate", "gitrepository", source, f"--namespace={HOME}", "--overwrite", now
        )

    def data(self, kind: str, name: str) -> dict[str, str] | None:
        """What an object in the namespace holds."""
        found = self.platform.get(kind, name, HOME)
        return found and found["data"]

    def ready(self, kind: str, name: str) -> dict[str, str]:
        """The condition `Ready` of an object of Flux."""
        found = self.platform.get(kind, name, HOME) or {}
        conditions = found.get("status", {}).get("conditions", ())
        return next((each for each in conditions if each["type"] == "Ready"), {})

    def is_ready(self, kind: str, name: str) -> Callable[[], bool]:
        return lambda: self.ready(kind, name).get("status") == "True"


@pytest.fixture(scope="module")
def area(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Area]:
    made = Area(platform, tmp_path_factory.mktemp("branches"))
    platform.kubectl("create", "namespace", HOME)
    try:
        authority = platform.get("secret", "demo-git", FLUX_HOME)["data"]
        about = {"name": "demo-git", "namespace": HOME}
        rules = [{"apiGroups": [""], "resources": ["configmaps", "secrets"], "verbs": ["*"]}]
        own = {"name": TENANT, "namespace": HOME}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": TENANT}
        rbac = "rbac.authorization.k8s.io/v1"
        platform.apply(
            {"apiVersion": "v1", "kind": "Secret", "metadata": about, "data": authority},
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": own},
            {"apiVersion": rbac, "kind": "Role", "metadata": own, "rules": rules},
            {
                "apiVersion": rbac,
                "kind": "RoleBinding",
                "metadata": own,
                "roleRef": role,
                "subjects": [{"kind": "ServiceAccount", **own}],
            },
        )
        yield made
    finally:
        # The controllers take away what they have applied while the accounts are still there.
        kinds = "kustomizations.kustomize.toolkit.fluxcd.io,helmreleases.helm.toolkit.fluxcd.io"
        platform.kubectl("delete", kinds, "--all", f"--namespace={HOME}", "--timeout=120s")
        platform.kubectl("delete", "namespace", HOME, "--timeout=120s")


@pytest.fixture(scope="module")
def server(area: Area) -> Callable[[], list[dict[str, Any]]]:
    """A server of a chart, which also keeps what it is told; gives what that was."""
    about = {"name": "server", "namespace": HOME}
    packed = {"note-1.0.0.tgz": base64.b64encode(chart()).decode()}
    container = {
        "name": "server",
        "image": IMAGE,
        "command": ["python3", "-c", CATCHER],
        "workingDir": "/files",
        "volumeMounts": [{"name": "files", "mountPath": "/files"}],
        "readinessProbe": {"httpGet": {"path": "/index.yaml", "port": 8080}},
    }
    labels = {"app": "server"}
    area.platform.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": about,
            "data": {"index.yaml": index()},
            "binaryData": packed,
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": about,
            "spec": {"selector": labels, "ports": [{"port": 8080}]},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": about | {"labels": labels},
            "spec": {
                "containers": [container],
                "terminationGracePeriodSeconds": 1,
                "volumes": [{"name": "files", "configMap": {"name": "server"}}],
            },
        },
    )
    where = f"--namespace={HOME}"
    area.platform.kubectl("wait", "pod/server", where, "--for=condition=Ready", "--timeout=120s")
    return lambda: [
        json.loads(line) for line in area.platform.kubectl("logs", "server", where).splitlines()
    ]


def only(name: str) -> dict[str, Any]:
    """A Kustomization of everything in the folder `in`."""
    return {"name": name, "path": "in", "services": False, "targetNamespace": HOME}


def test_what_is_encrypted_is_read_and_variables_are_put_in(area):
    area.secret("age", letter_agekey=(MADE_UP / "letter.agekey").read_text())
    area.secret("more", planet="earth")
    letter = (MADE_UP / "letter.yaml").read_text()
    area.publish("letters", {"in/letter.yaml": letter, "in/place.yaml": config_map(
        "place", zone="${zone}", planet="${planet}"
    )})  # fmt: skip
    area.declare(
        "letters",
        kustomizations=[
            {
                **only("letters"),
                "serviceAccountName": TENANT,
                "decryption": {"secretName": "age"},
                "postBuild": {
                    "substitute": {"zone": "eu"},
                    "substituteFrom": [{"kind": "Secret", "name": "more"}],
                },
            }
        ],
    )
    eventually(area.is_ready("kustomization", "letters"), what="it is applied")
    assert area.data("configmap", "place") == {"zone": "eu", "planet": "earth"}
    text = base64.b64decode(area.data("secret", "letter")["text"])
    assert text == b"for nobody else"


def test_a_tenant_gets_no_further_than_its_account(area):
    area.publish("tenant", {"in/note.yaml": config_map("escaped", "default", by="a tenant")})
    tenant = {"name": "tenant", "path": "in", "services": False, "serviceAccountName": TENANT}
    area.declare("tenant", kustomizations=[tenant])
    found = eventually(
        lambda: (
            refused
            if "forbidden" in (refused := area.ready("kustomization", "tenant")).get("message", "")
            else None
        ),
        what="it is refused",
    )
    assert found["status"] == "False"
    assert area.platform.get("configmap", "escaped", "default") is None


def test_what_is_needed_comes_first_and_what_leaves_git_leaves_the_cluster(area):
    def files(**data: str) -> Files:
        extra = {"first/extra.yaml": config_map("extra")} if "extra" in data else {}
        return {
            "first/note.yaml": data["first"],
            "second/note.yaml": config_map("second", of="two"),
            **extra,
        }

    common = {"services": False, "targetNamespace": HOME, "serviceAccountName": TENANT}
    area.publish("order", files(first="kind: of nothing\n"))
    area.declare(
        "order",
        kustomizations=[
            {"name": "first", "path": "first", **common},
            {
                "name": "second",
                "path": "second",
                "dependsOn": ["first"],
                "deletionPolicy": "Orphan",
                **common,
            },
        ],
    )
    waiting = "DependencyNotReady"
    eventually(
        lambda: area.ready("kustomization", "second").get("reason") == waiting, what="it waits"
    )
    assert area.data("configmap", "second") is None

    area.publish("order", files(first=config_map("first", of="two"), extra="yes"))
    area.look("order")
    eventually(area.is_ready("kustomization", "second"), what="both are applied")
    assert area.platform.get("configmap", "extra", HOME)

    area.publish("order", files(first=config_map("first", of="two")))
    area.look("order")
    eventually(lambda: not area.platform.get("configmap", "extra", HOME), what="it is pruned")

    where = (f"--namespace={HOME}", "--timeout=60s")
    area.platform.kubectl("delete", "kustomization", "second", "first", *where)
    assert area.data("configmap", "first") is None
    assert area.data("configmap", "second") == {"of": "two"}


def test_only_what_somebody_known_has_signed_is_applied(area):
    area.secret("committers", committer_asc=(MADE_UP / "committer.asc").read_text())
    signed = Commit.from_string((MADE_UP / "signed-commit.txt").read_bytes())
    note = Blob.from_string(config_map("signed").encode())
    folder, root = Tree(), Tree()
    folder.add(b"note.yaml", 0o100644, note.id)
    root.add(b"in", 0o40000, folder.id)
    assert signed.tree == root.id, "it was signed with other content"
    with porcelain.init(str(area.folder / "signed")) as repository:
        repository.object_store.add_objects([(each, None) for each in (note, folder, root, signed)])
        repository.refs.set_symbolic_ref(b"HEAD", local_branch_name(b"signed"))
        repository.refs[local_branch_name(b"signed")] = signed.id
        area.send(repository, "signed")
        porcelain.reset(repository, "hard")
    area.declare("signed", verifySecret="committers", kustomizations=[only("signed")])
    eventually(area.is_ready("kustomization", "signed"), what="what is signed is applied")

    area.publish("signed", {"in/note.yaml": config_map("signed", by="a stranger")})
    area.look("signed")
    eventually(
        lambda: (
            "verif" in area.ready("gitrepository", "signed").get("message", "").lower()
            and area.ready("gitrepository", "signed")["status"] == "False"
        ),
        what="what is not signed is refused",
    )
    assert "data" not in area.platform.get("configmap", "signed", HOME)


def test_who_has_the_key_wakes_flux_and_nobody_else_does(area):
    area.secret("door", token="made-up")
    area.publish("woken", {"in/note.yaml": config_map("woken", turn="one")})
    area.declare(
        "woken",
        kustomizations=[only("woken")],
        receivers=[{"name": "woken", "type": "generic-hmac", "secretName": "door"}],
    )
    eventually(area.is_ready("kustomization", "woken"), what="it is applied")
    eventually(area.is_ready("receiver", "woken"), what="the door is open")
    path = area.platform.get("receiver", "woken", HOME)["status"]["webhookPath"]
    area.publish("woken", {"in/note.yaml": config_map("woken", turn="two")})

    def call(key: bytes) -> int:
        signature = hmac.new(key, b"{}", hashlib.sha256).hexdigest()
        with area.platform.cluster.forward(FLUX_HOME, "service/webhook-receiver", 80) as port:
            url = f"http://127.0.0.1:{port}{path}"
            told = {"X-Signature": f"sha256={signature}"}
            return requests.post(url, data=b"{}", headers=told, timeout=30).status_code

    assert call(b"guessed") == 400
    asked = area.platform.get("gitrepository", "woken", HOME)["metadata"].get("annotations", {})
    assert "reconcile.fluxcd.io/requestedAt" not in asked
    assert call(b"made-up") == 200
    eventually(
        lambda: area.data("configmap", "woken") == {"turn": "two"}, what="the commit is applied"
    )


def test_what_fails_is_told_in_the_channel(area, server):
    area.secret("slack-token", token="made-up")
    area.publish("told", {"in/note.yaml": "kind: of nothing\n"})
    area.declare(
        "told",
        kustomizations=[only("told")],
        slack={
            "channel": "#flux",
            "severity": "error",
            "address": f"{SERVER}/api/chat.postMessage",
        },
    )
    (message, *_) = eventually(server, what="it is told")
    assert message["channel"] == "#flux"
    assert "kustomization/told" in json.dumps(message)
    assert "live" in json.dumps(message), "of which environment"


def test_a_chart_is_installed_and_what_is_changed_by_hand_is_put_right(area, server):
    area.publish("charts", {"in/note.yaml": config_map("beside")})
    area.declare(
        "charts",
        kustomizations=[only("charts")],
        helmReleases=[
            {
                "name": "note",
                "namespace": HOME,
                "repository": "https://charts.example.com",
                "chart": "note",
                "version": "1.0.0",
                "interval": "1m0s",
                "values": {"says": "as declared"},
                "serviceAccountName": TENANT,
            }
        ],
    )
    eventually(area.is_ready("helmrelease", "note"), what="it is installed")
    assert area.data("configmap", "note") == {"says": "as declared"}
    by_hand = '{"data": {"says": "by hand"}}'
    area.platform.kubectl("patch", "configmap", "note", f"--namespace={HOME}", f"--patch={by_hand}")
    eventually(
        lambda: area.data("configmap", "note") == {"says": "as declared"}, what="it is put right"
    )


def test_what_is_suspended_waits_until_it_is_resumed(area):
    area.publish("held", {"in/note.yaml": config_map("held", turn="one")})
    area.declare(
        "held",
        kustomizations=[only("held")],
    )
    eventually(area.is_ready("kustomization", "held"), what="it is applied")

    cluster = connect(str(area.platform.kubeconfig))
    suspend("kustomization/held", reason="a test", namespace=HOME, cluster=cluster)
    area.publish("held", {"in/note.yaml": config_map("held", turn="two")})
    area.look("held")
    before = area.platform.get("kustomization", "held", HOME)["status"]["lastAppliedRevision"]

    def newest() -> str:
        return area.platform.get("gitrepository", "held", HOME)["status"]["artifact"]["revision"]

    eventually(lambda: newest() != before, what="Flux has the commit")
    assert area.data("configmap", "held") == {"turn": "one"}
    resume("kustomization/held", namespace=HOME, wait=True, cluster=cluster)
    assert area.data("configmap", "held") == {"turn": "two"}
