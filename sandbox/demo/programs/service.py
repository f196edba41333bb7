"""One HTTP service: it answers after it has asked those it depends on, and counts what it does.

Every service of the demo is this program; environment variables make the difference.

    python service.py                               serve
    python service.py faults                        show what is wrong with this pod on purpose
    python service.py faults --errors 0.5 --for 120 half of the answers fail, for two minutes
    python service.py faults --outage --for 60      hang up on everybody, for a minute
    python service.py faults --none                 mend it
    python service.py ask URL --times 20            ask another service, and count its answers

Faults are set at a listener on loopback: only whoever may open a shell in the pod reaches it.
"""

import argparse
import http.server
import json
import os
import random
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

FAULTS_PORT = 9091
"""Where faults are set, on loopback."""
PASSED_ON = (
    "x-request-id",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "traceparent",
    "tracestate",
    "x-customer-id",
)
"""Headers that belong to the whole request: the mesh ties spans together by them, and hashes on
one."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the histogram, in seconds."""
OK, BAD_GATEWAY = 200, 502
PATIENCE_SECONDS = 15.0
"""Limit of a call; the mesh's own limits are shorter and meant to end it."""


@dataclass(frozen=True)
class Identity:
    """Which of the services this pod is."""

    service: str
    """Its name."""
    version: str
    """`stable` or `canary`."""
    pod: str
    """Name of the pod."""
    calls: tuple[str, ...]
    """URLs that every request is passed on to, one after the other."""
    work_seconds: float
    """Mean time that the service itself takes."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Read the environment of the pod."""
        return cls(
            service=environment["SERVICE"],
            version=environment.get("VERSION", "stable"),
            pod=environment.get("HOSTNAME", "unknown"),
            calls=tuple(environment.get("CALLS", "").split()),
            work_seconds=float(environment.get("WORK_SECONDS", "0.01")),
        )


@dataclass(frozen=True)
class Faults:
    """What is wrong on purpose."""

    errors: float = 0.0
    """Share of requests that fail."""
    status: int = 500
    """How they fail."""
    delay: float = 0.0
    """Seconds that every answer takes longer."""
    outage: bool = False
    """Hang up without an answer."""
    until: float = 0.0
    """Seconds since the epoch; afterwards nothing is wrong."""

    def now(self, moment: float) -> "Faults":
        """What is wrong at a moment."""
        return self if moment < self.until else Faults()


@dataclass
class Figures:
    """Requests so far, by status, as Prometheus' client libraries count them."""

    _requests: Counter[int] = field(default_factory=Counter)
    _buckets: Counter[float] = field(default_factory=Counter)
    _seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, status: int, seconds: float) -> None:
        """Note one answer."""
        with self._lock:
            self._requests[status] += 1
            self._seconds += seconds
            for bound in BUCKETS:
                self._buckets[bound] += seconds <= bound

    def lines(self) -> Iterator[str]:
        """The exposition format."""
        with self._lock:
            requests, buckets = dict(self._requests), dict(self._buckets)
            seconds, total = self._seconds, self._requests.total()
        yield "# TYPE http_requests_total counter"
        for status, number in sorted(requests.items()):
            yield f'http_requests_total{{code="{status}"}} {number}'
        yield "# TYPE http_request_duration_seconds histogram"
        for bound in BUCKETS:
            count = buckets.get(bound, 0)
            yield f'http_request_duration_seconds_bucket{{le="{bound}"}} {count}'
        yield f'http_request_duration_seconds_bucket{{le="+Inf"}} {total}'
        yield f"http_request_duration_seconds_sum {seconds:.6f}"
        yield f"http_request_duration_seconds_count {total}"
        yield "# TYPE process_resident_memory_bytes gauge"
        yield f"process_resident_memory_bytes {_resident_bytes()}"


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


class Service:
    """What the service does, apart from speaking HTTP."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.figures = Figures()
        self.faults = Faults()

    def answer(self, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]] | None:
        """Status and document for a request; None is to hang up."""
        wrong = self.faults.now(time.time())
        time.sleep(random.expovariate(1 / self.identity.work_seconds) + wrong.delay)
        if wrong.outage:
            return None
        told: dict[str, Any] = {
            "service": self.identity.service,
            "version": self.identity.version,
            "pod": self.identity.pod,
            "caller": headers.get("x-forwarded-client-cert", ""),
        }
        if random.random() < wrong.errors:  # noqa: S311
            return wrong.status, told | {"error": "fails on purpose"}
        passed = {name: headers[name] for name in PASSED_ON if name in headers}
        calls = [call(url, passed) for url in self.identity.calls]
        failed = any(each["status"] != OK for each in calls)
        return BAD_GATEWAY if failed else OK, told | {"calls": calls}


def call(url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """Ask another service; never raises."""
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - our own addresses
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
            return {"status": OK, "answer": json.load(answer)}
    except urllib.error.HTTPError as refusal:
        with refusal:
            return {"status": refusal.code, "error": refusal.read(200).decode(errors="replace")}
    except OSError as failure:
        return {"status": BAD_GATEWAY, "error": str(failure)}


def ask(url: str, times: int) -> Iterator[str]:
    """Ask another service some times; how often it answered what, the most frequent first."""
    counted = Counter(_told(call(url, {})) for _ in range(times))
    return (f"{number:4} x {told}" for told, number in counted.most_common())


def _told(answered: Mapping[str, Any]) -> str:
    if answered["status"] != OK:
        return f"{answered['status']} {answered['error']}"
    answer = answered["answer"]
    return f"{OK} from {answer['service']} {answer['version']}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """The mesh keeps the access log."""

    def reply(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def public_handler(service: Service) -> type[_Handler]:
    """What everybody reaches: /health, /metrics, and the service itself under all other paths."""

    class Public(_Handler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/health":
                self.reply(OK, b'{"status": "ok"}')
            elif path == "/metrics":
                text = "".join(f"{line}\n" for line in service.figures.lines())
                self.reply(OK, text.encode(), "text/plain; version=0.0.4")
            else:
                self._serve()

        do_POST = do_GET  # noqa: N815 - named after the method, as the base wants it

        def _serve(self) -> None:
            begun = time.monotonic()
            self.rfile.read(int(self.headers.get("content-length") or 0))
            answer = service.answer({name.lower(): text for name, text in self.headers.items()})
            if answer is None:
                self.close_connection = True
                return
            status, document = answer
            service.figures.count(status, time.monotonic() - begun)
            self.reply(status, json.dumps(document).encode())

    return Public


def operator_handler(service: Service) -> type[_Handler]:
    """What only the operator reaches: the faults."""

    class Operator(_Handler):
        def do_GET(self) -> None:
            self.reply(OK, json.dumps(asdict(service.faults.now(time.time()))).encode())

        def do_PUT(self) -> None:
            wanted = json.loads(self.rfile.read(int(self.headers["content-length"])))
            service.faults = Faults(**wanted)
            self.do_GET()

    return Operator


class Server(http.server.ThreadingHTTPServer):
    """A thread for each connection; waiting connections are many when a service is slow."""

    daemon_threads = True
    request_queue_size = 128


def serve(port: int, environment: Mapping[str, str] = os.environ) -> None:
    """Serve until the end."""
    service = Service(Identity.of(environment))
    operator = Server(("127.0.0.1", FAULTS_PORT), operator_handler(service))
    threading.Thread(target=operator.serve_forever, daemon=True).start()
    Server(("", port), public_handler(service)).serve_forever()


def set_faults(wanted: Faults | None) -> str:
    """Ask the service in this pod for its faults, after setting some."""
    url = f"http://127.0.0.1:{FAULTS_PORT}/"
    body = None if wanted is None else json.dumps(asdict(wanted)).encode()
    request = urllib.request.Request(url, data=body, method="PUT" if body else "GET")
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
        text: bytes = answer.read()
    return text.decode()


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share; write 0 to 1")
    return share


def main(arguments: Sequence[str]) -> None:
    """Serve, set faults, or ask another service."""
    parser = argparse.ArgumentParser(prog="service.py")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8080")))
    commands = parser.add_subparsers(dest="command")
    asking = commands.add_parser("ask")
    asking.add_argument("url")
    asking.add_argument("--times", type=int, default=1)
    faults = commands.add_parser("faults")
    faults.add_argument("--errors", type=_share, help="share of requests that fail")
    faults.add_argument("--status", type=int, default=500, help="how they fail")
    faults.add_argument("--delay", type=float, default=0.0, help="seconds, for every answer")
    faults.add_argument("--outage", action="store_true", help="hang up without an answer")
    faults.add_argument("--for", dest="seconds", type=float, default=600.0, help="seconds")
    faults.add_argument("--none", action="store_true", help="mend everything")
    options = parser.parse_args(arguments)
    if options.command is None:
        serve(options.port)
        return
    if options.command == "ask":
        sys.stdout.writelines(f"{line}\n" for line in ask(options.url, options.times))
        return
    wanted = None
    if options.none:
        wanted = Faults()
    elif options.errors or options.delay or options.outage:
        until = time.time() + options.seconds
        errors = options.errors or 0.0
        wanted = Faults(errors, options.status, options.delay, options.outage, until)
    sys.stdout.write(set_faults(wanted) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
