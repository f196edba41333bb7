"""A Git server for one repository: everybody may read it over TLS, only this pod may write.

Flux reads at the first listener. The second is on loopback: whoever may forward a port into the
pod pushes there, with plain `git push`.
"""

import os
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from dulwich.protocol import CAPABILITY_SIDE_BAND_64K
from dulwich.refs import HEADREF, local_branch_name
from dulwich.repo import Repo
from dulwich.server import BackendRepo, DictBackend, ReceivePackHandler, UploadPackHandler
from dulwich.web import GunzipFilter, HTTPGitApplication, LimitedInputFilter

READ_PORT, WRITE_PORT = 8443, 8080
REPOSITORY = "/platform.git"
"""Path in the URLs."""


class Sender(UploadPackHandler):
    """Sends commits also to clients that take no thin packs, of which Flux is one."""

    @classmethod
    def required_capabilities(cls) -> tuple[bytes, ...]:
        """What a client must be able to take."""
        return (CAPABILITY_SIDE_BAND_64K,)


READ = {b"git-upload-pack": Sender}
WRITE = {**READ, b"git-receive-pack": ReceivePackHandler}

Tls = Callable[[], ssl.SSLContext]
"""How connections are secured; asked for each one, as certificates are renewed."""


class Server(ThreadingMixIn, WSGIServer):
    """A thread for each request."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], application: Any, tls: Tls | None = None) -> None:
        super().__init__(address, _Handler)
        self.set_app(application)
        self._tls = tls

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; its handshake happens in the thread that reads from it."""
        connection, peer = super().get_request()
        if self._tls:
            connection = self._tls().wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, peer

    def shutdown_request(self, request: Any) -> None:
        """Say goodbye as TLS wants it: clients take an answer without it for half of one."""
        with suppress(OSError):
            if isinstance(request, ssl.SSLSocket):
                request = request.unwrap()
        super().shutdown_request(request)

    def handle_error(self, _request: object, _client: object) -> None:
        """Whoever hangs up, or only looks whether the port is open, is no error."""


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Flux looks once a minute; that is not worth a line."""


def ensure_repository(folder: Path, branch: str) -> Repo:
    """The repository in a folder; an empty one whose HEAD is the branch where there is none."""
    if (folder / "HEAD").exists():
        return Repo(str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    repository = Repo.init_bare(str(folder))
    repository.refs.set_symbolic_ref(HEADREF, local_branch_name(branch.encode()))
    return repository


def application(repository: Repo, handlers: Mapping[bytes, Any]) -> Any:
    """What answers at one listener: these requests, and no others."""
    repositories: dict[str, BackendRepo] = {REPOSITORY: repository}
    served = HTTPGitApplication(DictBackend(repositories))
    served.handlers = dict(handlers)  # what its constructor takes is added to all there are
    return LimitedInputFilter(GunzipFilter(served))


class GitServer:
    """Both listeners."""

    def __init__(
        self,
        repository: Repo,
        tls: Tls,
        *,
        read: tuple[str, int] = ("", READ_PORT),
        write: tuple[str, int] = ("127.0.0.1", WRITE_PORT),
    ) -> None:
        self.read = Server(read, application(repository, READ), tls)
        self.write = Server(write, application(repository, WRITE))

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Read the environment of the pod."""
        folder = Path(environment["REPOSITORY"])
        certificate = Path(environment["CERTIFICATE"])

        def tls() -> ssl.SSLContext:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate / "tls.crt", certificate / "tls.key")
            return context

        return cls(ensure_repository(folder, environment["BRANCH"]), tls)

    def serve(self) -> None:
        """Serve until the end."""
        threading.Thread(target=self.write.serve_forever, daemon=True).start()
        self.read.serve_forever()


if __name__ == "__main__":
    GitServer.of(os.environ).serve()
