"""`python -m sandbox`."""

import signal
import sys

MINIMUM_PYTHON = (3, 11)

if sys.version_info < MINIMUM_PYTHON:
    sys.exit("error: the sandbox needs Python 3.11 or newer")
if sys.platform != "linux":
    sys.exit("error: the sandbox needs Linux; a container or a virtual machine will do")

try:
    from sandbox.cli import main
except ModuleNotFoundError as missing:
    sys.exit(
        f"error: this Python lacks the package {missing.name!r}; run `make build` and then "
        "`.venv/bin/python -m sandbox`, or simply `make up`"
    )

if __name__ == "__main__":
    for ending in (signal.SIGTERM, signal.SIGHUP):  # as tidy as Ctrl-C
        signal.signal(ending, signal.default_int_handler)
    sys.exit(main())
