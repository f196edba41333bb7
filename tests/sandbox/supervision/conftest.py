import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.supervision.group import Group
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import GroupState, Service

SERVER = """
import http.server, os, signal, sys
from pathlib import Path
port, folder, *options = sys.argv[1:]
if "stubborn" in options:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
Path(folder, "starts").open("a").write(f"{port}\\n")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path == "/" or Path(folder, self.path[1:]).exists()
        self.send_response(200 if found else 404)
        self.end_headers()
print("serving", flush=True)
http.server.HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def web(tmp_path: Path) -> Callable[..., Service]:
    """Make a service that answers 200 on /, and on /FILE while that file exists."""
    program = tmp_path / "server.py"
    program.write_text(SERVER)

    def make(name: str, *options: str, **fields: object) -> Service:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = (sys.executable, "-S", str(program), str(port), str(tmp_path), *options)
        ready = Probe(url=f"{url}/")
        return Service(name=name, command=command, ready=ready, endpoint=url, **fields)

    return make


@pytest.fixture
def group(tmp_path: Path):
    group = Group(tmp_path / "run")
    yield group
    group.stop()


@pytest.fixture
def wait_for():
    """Wait until a condition on the group's state holds, and return the state."""

    def wait(group: Group, condition: Callable[[GroupState], bool]) -> GroupState:
        for _ in range(400):
            state = GroupState.read(group.folder.state)
            if state is not None and condition(state):
                return state
            time.sleep(0.05)
        raise AssertionError(f"never happened; last state: {state}")

    return wait
