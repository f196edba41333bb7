"""`python -m delivery`."""

import signal
import sys

try:
    from delivery.cli import main
except ModuleNotFoundError as missing:
    sys.exit(
        f"error: this Python lacks the package {missing.name!r}; run `make build` and then "
        "`.venv/bin/python -m delivery`"
    )

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as tidy as Ctrl-C
    sys.exit(main())
