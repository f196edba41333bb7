"""``python -u -m sandbox.engine.kubernetes [flags] <engine address>``: prints a port, serves."""

import os
import signal
import sys
import threading

from sandbox.engine.kubernetes.server import serve

_ORPHAN_CHECK_SECONDS = 2.0
_GRACE_SECONDS = 15.0


def main(arguments: list[str]) -> int:
    """Serve until the engine ends this process."""
    address = arguments[-1] if arguments and not arguments[-1].startswith("-") else ""
    cancelled = threading.Event()
    server, port = serve(address, cancelled)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    parent = os.getppid()
    while not stop.wait(_ORPHAN_CHECK_SECONDS):
        if os.getppid() != parent:  # the engine was killed and cannot stop us
            break
    cancelled.set()  # Helm must end in good order, and nothing may hold this process back
    server.stop(_GRACE_SECONDS).wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
