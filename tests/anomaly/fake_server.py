"""An HTTP server on loopback that answers as it is told to, and badly if it is told so."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer, or what is left of it."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    missing: int = 0
    """Bytes that are promised and never come."""
    silent: bool = False
    """No answer at all for as long as the server lives."""
    dripping: bool = False
    """One byte at a time, with pauses in between."""
    endless_headers: bool = False
    """A header every now and then, and never a body."""


class FakeServer:
    """Answers every POST and remembers what came."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.reply: Callable[[Received], Reply] = lambda _: Reply()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # clients hang up; that is what is tested
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def replies(self, *replies: Reply) -> None:
        """Answers in turn; the last one again and again."""
        remaining = list(replies)
        self.reply = lambda _: remaining.pop(0) if len(remaining) > 1 else remaining[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received = Received(self.path, dict(self.headers), body)
                double.received.append(received)
                reply = double.reply(received)
                if reply.silent:
                    double._closing.wait()
                    return
                self.send_response(reply.status)
                while reply.endless_headers and not double._closing.wait(0.02):
                    self.send_header("X-More", "of it")
                    self.flush_headers()
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body) + reply.missing))
                self.end_headers()
                self._send(reply)

            def _send(self, reply: Reply) -> None:
                if not reply.dripping:
                    self.wfile.write(reply.body)
                    return
                for byte in reply.body:
                    self.wfile.write(bytes([byte]))
                    if double._closing.wait(0.01):
                        return

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
