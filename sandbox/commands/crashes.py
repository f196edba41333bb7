"""Telling people which processes ended by themselves, and what they had written."""

from collections.abc import Iterable

from rich.markup import escape

from sandbox.console import MESSAGES
from sandbox.supervision.service import Phase, ServiceState

_WHAT_NOW = {
    Phase.FAILED: "and is given up; the next `make up` starts everything again",
    Phase.CRASHED: "and is about to be started again",
}


def report_crashes(services: Iterable[ServiceState]) -> None:
    """Report every service that has ended by itself since the sandbox came up."""
    for service in services:
        if service.last_exit is not None:
            what_now = _WHAT_NOW.get(service.phase, "and was started again")
            MESSAGES.print(
                f"[yellow]warning:[/] {service.name} ended by itself at "
                f"{service.last_exit.at:%H:%M:%S} UTC ({escape(service.last_exit.reason)}) "
                f"{what_now}. It had written:\n{escape(service.last_exit.log_tail)}",
                highlight=False,
                soft_wrap=True,
            )
