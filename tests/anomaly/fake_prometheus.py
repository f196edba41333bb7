"""A Prometheus on loopback that answers range queries as it is told to."""

import json
import math
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

Answer = tuple[int, bytes]
Labels = dict[str, str]


class FakePrometheus:
    """Answers every query alike and remembers what it was asked."""

    def __init__(self) -> None:
        self.queries: list[dict[str, str]] = []
        self.answer: Callable[[dict[str, str]], Answer] = lambda form: matrix(form, [])
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

    def serve(self, *, calm: Labels | None = None, spike: Labels | None = None) -> None:
        """Series that go up and down a little; the spiking one leaves its range at the end."""
        given = [(calm, 0.0), (spike, 50.0)]
        series = [(labels, jump) for labels, jump in given if labels is not None]
        self.answer = lambda form: matrix(form, series)

    def refuse(self, status: int, error: str) -> None:
        body = json.dumps({"status": "error", "errorType": "x", "error": error}).encode()
        self.answer = lambda _: (status, body)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {key: values[0] for key, values in parse_qs(text).items()}
                double.queries.append(form)
                status, body = double.answer(form)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def matrix(form: dict[str, str], series: list[tuple[Labels, float]]) -> Answer:
    """A wave for each series; the last three steps lie higher by its jump."""
    start, end, step = int(form["start"]), int(form["end"]), int(form["step"])
    times = range(start, end + 1, step)
    result = [
        {
            "metric": labels,
            "values": [
                [time, f"{10 + math.sin(time / 600) + (jump if time > end - 3 * step else 0)}"]
                for time in times
            ],
        }
        for labels, jump in series
    ]
    return 200, success(result)


def success(result: Any, **more: Any) -> bytes:
    data = {"resultType": "matrix", "result": result}
    return json.dumps({"status": "success", "data": data, **more}).encode()
