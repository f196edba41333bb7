"""A Prometheus on loopback that knows alert rules and nothing else."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class RulesServer:
    """Answers as it is told, and remembers who asked for what."""

    def __init__(self) -> None:
        self.status, self.body = 200, b""
        self.asked: list[tuple[str, str | None]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self, *found: tuple[str, str, str]) -> None:
        """Rules: name, state, severity."""
        self.serve_rules(
            [
                {"name": name, "state": state, "labels": {"severity": severity}}
                for name, state, severity in found
            ]
        )

    def serve_rules(self, rules: list[dict[str, Any]]) -> None:
        groups = {"groups": [{"rules": rules}]}
        self.body = json.dumps({"status": "success", "data": groups}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                double.asked.append((self.path, self.headers.get("Authorization")))
                self.send_response(double.status)
                self.end_headers()
                self.wfile.write(double.body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
