"""Waiting until something has happened, and telling what it waits for meanwhile."""

import time
from collections.abc import Callable
from datetime import timedelta

from ops.errors import OverdueError, UnreachableError
from vocabulary.timing.duration import format_duration

Report = Callable[[str], None]
"""Called with what is being waited for, whenever that changes."""

PAUSE_SECONDS = 0.5
"""Between two looks; an API server does not feel it, and people hardly."""


def silent(_text: str) -> None:
    """Tell nobody."""


def wait_until(look: Callable[[], str | None], *, timeout: timedelta, report: Report) -> None:
    """Look again and again until there is nothing left to wait for.

    An API server that does not answer for a while is waited for too.

    `look` says what is still missing, None when nothing is; `report` is told when that changes.

    Raises:
        OverdueError: when something is still missing at the end.
    """
    deadline = time.monotonic() + timeout.total_seconds()
    said = ""
    while True:
        try:
            missing = look()
        except UnreachableError as error:
            missing = str(error)
        if missing is None:
            return
        if missing != said:
            said = missing
            report(missing)
        if time.monotonic() >= deadline:
            raise OverdueError(f"after {format_duration(timeout)}: {missing}")
        time.sleep(PAUSE_SECONDS)
