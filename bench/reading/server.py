"""A server that answers every range query with as many series as it is told to."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from urllib.parse import parse_qsl

DIFFERENT = 997
"""Values that differ; each has fifteen digits, as rates have."""

PATTERNS = 16
"""Series that differ; the others repeat them, so that the server costs little."""

OPENING = b'{"status":"success","data":{"resultType":"matrix","result":['
CLOSING = b"]}}"


def serve(series: int, told: Connection) -> None:
    """Serve on a free port of loopback, which is told; never returns."""
    values = [f'"{100 + index * 0.12345678901234 % 7:.15g}"' for index in range(DIFFERENT)]

    def chunks(start: int, end: int, step: int) -> Iterator[bytes]:
        times = range(start, end + 1, step)
        patterns = [
            "],[".join(
                f"{time},{values[(index * 31 + pattern * 7) % DIFFERENT]}"
                for index, time in enumerate(times)
            ).encode()
            for pattern in range(PATTERNS)
        ]
        yield OPENING
        for row in range(series):
            labels = f'{{"namespace":"shop","service":"service-{row}"}}'.encode()
            comma = b"," if row else b""
            samples = patterns[row % PATTERNS]
            yield b'%b{"metric":%b,"values":[[%b]]}' % (comma, labels, samples)
        yield CLOSING

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(parse_qsl(text))
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                for chunk in chunks(*(int(form[name]) for name in ("start", "end", "step"))):
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                self.wfile.write(b"0\r\n\r\n")
            except OSError:  # the reader has cut a long answer off
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_address[1])
    server.serve_forever()
