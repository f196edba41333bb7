"""The demo's way with a cluster, without one."""

import base64
import json
from contextlib import contextmanager

import pytest

from sandbox.demo import demo as module
from sandbox.demo.demo import Demo
from sandbox.errors import DemoError, UsageError


class FakeCluster:
    """Remembers what is applied; answers from it."""

    def __init__(self):
        self.objects = {}
        self.commands = []

    def get(self, kind, namespace, name):
        return self.objects.get((kind.lower(), namespace, name))

    def apply(self, manifests, *, owner):
        for text in manifests.split("\n---\n"):
            made = json.loads(text)
            about = made["metadata"]
            self.objects[made["kind"].lower(), about.get("namespace", ""), about["name"]] = made

    def run(self, *arguments, stdin=""):
        self.commands.append(arguments)
        return ""


@pytest.fixture
def cluster():
    return FakeCluster()


def namespace(name, labels):
    return {"metadata": {"name": name, "labels": labels}}


def authority(secret):
    return base64.b64decode(secret["data"]["ca.crt"])


def test_flux_trusts_the_authority_behind_the_servers_certificate(cluster):
    """Also when its namespace went with the stack and came back."""
    demo = Demo(cluster)
    demo._certify()
    demo.introduce()
    first = cluster.objects.pop(("secret", "flux-system", "demo-git"))
    demo._certify()
    demo.introduce()

    server = cluster.objects["secret", "demo", "git-certificate"]
    again = cluster.objects["secret", "flux-system", "demo-git"]
    assert authority(first) == authority(again) == authority(server)
    assert set(again["data"]) == {"ca.crt"}


def test_a_certificate_that_ends_soon_is_made_anew(cluster, monkeypatch):
    """A month before."""
    demo = Demo(cluster)
    demo._certify()
    first = cluster.objects["secret", "demo", "git-certificate"]
    demo._certify()
    assert cluster.objects["secret", "demo", "git-certificate"] == first

    monkeypatch.setattr(module, "_RENEWED_BEFORE", module.timedelta(days=366))
    demo._certify()
    assert cluster.objects["secret", "demo", "git-certificate"] != first


def test_without_a_certificate_there_is_nobody_to_introduce(cluster):
    """Said with what to do."""
    with pytest.raises(DemoError, match="make live"):
        Demo(cluster).introduce()


@pytest.mark.parametrize("name", ["demo", "monitoring"])
def test_a_namespace_of_somebody_else_is_left_alone(cluster, name):
    """Whoever has a monitoring of their own would lose it."""
    cluster.objects["namespace", "", name] = namespace(name, {"team": "theirs"})

    with pytest.raises(UsageError, match=f"namespace {name} that the demo did not make"):
        Demo(cluster).refuse_others()


def test_its_own_namespaces_are_no_reason_to_refuse(cluster):
    """The command is repeated after every change."""
    for name in ("demo", "monitoring"):
        labels = {"app.kubernetes.io/part-of": "demo"}
        cluster.objects["namespace", "", name] = namespace(name, labels)

    Demo(cluster).refuse_others()


def test_only_what_the_demo_made_is_removed(cluster):
    """By label, never by name."""
    Demo(cluster).remove()

    ((verb, _, selector, *_),) = cluster.commands
    assert (verb, selector) == ("delete", "--selector=app.kubernetes.io/part-of=demo")


def test_a_pushed_commit_is_looked_at_at_once(cluster, monkeypatch, tmp_path):
    """By the annotation that Flux' own command line sets."""

    @contextmanager
    def git(_self):
        yield "http://git"

    monkeypatch.setattr(Demo, "git", git)
    monkeypatch.setattr(module.repository, "push", lambda url, folder, message: "c0ffee")

    assert Demo(cluster).push(tmp_path, "change") == "c0ffee"
    ((verb, kind, *_, annotation),) = cluster.commands
    assert (verb, kind) == ("annotate", "gitrepositories")
    assert annotation.startswith("reconcile.fluxcd.io/requestedAt=")
