"""Doing something again and again at even times, until the process is asked to end."""

import logging
import signal
import threading
import time
from collections.abc import Callable

from anomaly.errors import AnomalyError

log = logging.getLogger("anomaly")


def repeat(action: Callable[[], object], *, every_seconds: float) -> None:
    """Act now, and then whenever the clock shows a multiple of the span, until TERM arrives.

    What goes wrong is logged: the next time may go better. An action under way is finished first.
    """
    asked = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: asked.set())
    try:
        while not asked.is_set():
            try:
                action()
            except AnomalyError as error:
                log.error("%s", error)  # noqa: TRY400 - one line, never a traceback
            asked.wait(every_seconds - time.time() % every_seconds)
    finally:
        signal.signal(signal.SIGTERM, before)
