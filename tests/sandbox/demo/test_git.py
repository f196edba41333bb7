"""The demo's Git server with the clients that use it: the sandbox's own, and git itself."""

import os
import socket
import ssl
import subprocess
import sys
import threading

import pytest
import requests

from sandbox.control_plane.certificates import CertificateAuthority
from sandbox.demo import bundle, repository
from sandbox.demo.programs.git_server import REPOSITORY, GitServer, ensure_repository
from sandbox.errors import UsageError

FILES = {"README.md": b"shop\n", "infra/gitops/web.yaml": b"kind: Deployment\n"}

UNINSTALLED = """
import runpy, sys
from pathlib import Path
program, folder = sys.argv[1:]
sys.path.insert(0, program)
server = runpy.run_path(program, run_name="bundled")
stored = server["ensure_repository"](Path(folder), "develop")
anywhere = ("127.0.0.1", 0)
both = server["GitServer"](stored, None, read=anywhere, write=anywhere)
print(both.write.server_port, flush=True)
both.serve()
"""
"""Serves at ports that are free, with the standard library and the bundle only."""


class Running:
    def __init__(self, folder):
        authority = CertificateAuthority.create(folder, "git")
        pair = authority.server("git", "git.demo.svc.cluster.local")

        def tls():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pair.certificate, pair.key)
            return context

        self.authority = authority.certificate
        self.stored = ensure_repository(folder / "stored.git", repository.BRANCH)
        self.server = GitServer(self.stored, tls, read=("127.0.0.1", 0), write=("127.0.0.1", 0))
        for listener in (self.server.read, self.server.write):
            threading.Thread(target=listener.serve_forever, daemon=True).start()
        self.reading = f"https://localhost:{self.server.read.server_port}{REPOSITORY}"
        self.writing = f"http://127.0.0.1:{self.server.write.server_port}{REPOSITORY}"

    def git(self, *arguments, cwd=None):
        return subprocess.run(
            ["git", *arguments],
            cwd=cwd,
            env={
                "PATH": os.environ["PATH"],
                "GIT_SSL_CAINFO": str(self.authority),
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_CONFIG_SYSTEM": os.devnull,
                "GIT_AUTHOR_NAME": "a",
                "GIT_AUTHOR_EMAIL": "a@example.com",
                "GIT_COMMITTER_NAME": "a",
                "GIT_COMMITTER_EMAIL": "a@example.com",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def stop(self):
        for listener in (self.server.read, self.server.write):
            listener.shutdown()
            listener.server_close()
        self.stored.close()


@pytest.fixture
def git(tmp_path):
    folder = tmp_path / "server"
    folder.mkdir()
    running = Running(folder)
    yield running
    running.stop()


def test_an_empty_repository_has_no_head_and_takes_a_first_commit(git, tmp_path):
    """As `up` finds it in a new cluster."""
    assert repository.head(git.writing) is None

    commit = repository.start(git.writing, FILES, "first")

    assert repository.head(git.writing) == commit
    repository.clone(git.writing, tmp_path / "clone")
    assert repository.files_below(tmp_path / "clone") == FILES


def test_changes_additions_and_deletions_are_pushed(git, tmp_path):
    """All that differs, as one commit."""
    repository.start(git.writing, FILES, "first")
    clone = tmp_path / "clone"
    repository.clone(git.writing, clone)
    (clone / "README.md").unlink()
    (clone / "infra/gitops/web.yaml").write_text("kind: Service\n")
    (clone / "new").mkdir()
    (clone / "new/file").write_text("new\n")

    commit = repository.push(git.writing, clone, "change")

    assert repository.head(git.writing) == commit
    repository.clone(git.writing, tmp_path / "again")
    assert repository.files_below(tmp_path / "again") == {
        "infra/gitops/web.yaml": b"kind: Service\n",
        "new/file": b"new\n",
    }


def test_a_push_without_a_change_makes_no_commit(git, tmp_path):
    """The newest commit stays."""
    first = repository.start(git.writing, FILES, "first")
    repository.clone(git.writing, tmp_path / "clone")

    assert repository.push(git.writing, tmp_path / "clone", "nothing") == first


def test_what_is_no_clone_is_named(git, tmp_path):
    """And so is a folder that a clone would spoil."""
    with pytest.raises(UsageError, match="is no clone"):
        repository.push(git.writing, tmp_path, "m")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    with pytest.raises(UsageError, match="is not empty"):
        repository.clone(git.writing, tmp_path / "full")


def test_git_itself_clones_over_tls_whole_or_only_the_newest_commit(git, tmp_path):
    """As Flux does."""
    repository.start(git.writing, FILES, "first")
    for options in ((), ("--depth=1",)):
        target = tmp_path / f"clone{len(options)}"
        answer = git.git("clone", "--branch=develop", *options, git.reading, str(target))
        assert answer.returncode == 0, answer.stderr
        assert repository.files_below(target) == FILES


def test_a_client_that_takes_no_thin_packs_is_served(git, tmp_path):
    """Flux' client asks for little: one commit, and nothing that builds on what it has."""
    commit = repository.start(git.writing, FILES, "first")
    lines = [f"want {commit} side-band-64k ofs-delta agent=go-git\n", "deepen 1\n"]
    asked = "".join(f"{len(line) + 4:04x}{line}" for line in lines) + "0000" + "0009done\n"
    answer = requests.post(
        f"{git.reading}/git-upload-pack",
        data=asked,
        headers={"content-type": "application/x-git-upload-pack-request"},
        verify=str(git.authority),
        timeout=30,
    )

    assert answer.status_code == 200
    assert b"PACK" in answer.content


def test_git_itself_pushes_at_the_writing_listener_only(git, tmp_path):
    """What everybody reaches takes no commit."""
    repository.start(git.writing, FILES, "first")
    clone = tmp_path / "clone"
    git.git("clone", "--branch=develop", git.reading, str(clone))
    (clone / "README.md").write_text("changed\n")
    git.git("commit", "--all", "--message=change", cwd=clone)

    refused = git.git("push", git.reading, "develop", cwd=clone)
    before = repository.head(git.writing)
    taken = git.git("push", git.writing, "develop", cwd=clone)

    assert refused.returncode != 0
    assert taken.returncode == 0, taken.stderr
    assert repository.head(git.writing) != before


def test_the_reading_listener_speaks_tls_only(git):
    """Plain text gets no answer."""
    with pytest.raises(requests.ConnectionError):
        requests.get(git.reading.replace("https", "http"), timeout=5)


def test_a_client_that_says_nothing_holds_up_nobody(git):
    """A handshake is waited for in a thread of its own."""
    repository.start(git.writing, FILES, "first")
    with socket.create_connection(("127.0.0.1", git.server.read.server_port)):
        answer = git.git("ls-remote", git.reading)

    assert answer.returncode == 0, answer.stderr
    assert "refs/heads/develop" in answer.stdout


def test_the_bundle_is_the_whole_server(tmp_path):
    """One file, and Python with nothing installed; small enough for a ConfigMap."""
    packed = bundle.git_server()
    assert packed == bundle.git_server()
    assert len(packed) < 1024 * 1024
    program = tmp_path / "git-server.pyz"
    program.write_bytes(packed)
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", UNINSTALLED, program, tmp_path / "stored.git"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            url = f"http://127.0.0.1:{int(process.stdout.readline())}{REPOSITORY}"
            assert repository.head(url) is None
            assert repository.start(url, FILES, "first") == repository.head(url)
        finally:
            process.kill()
