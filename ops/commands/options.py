"""Options that several commands share, and what they become."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import click

from ops.alerts import Alertmanager
from ops.areas import Sources
from ops.cluster import connect
from ops.prometheus import Prometheus
from vocabulary.timing.duration import parse_duration

F = TypeVar("F", bound=Callable[..., Any])


class Duration(click.ParamType[timedelta]):
    """A Go duration such as 2h or 1h30m."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read the text of an option."""
        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


DURATION = Duration()

output = click.option(
    "-o",
    "--output",
    type=click.Choice(("table", "json", "yaml")),
    default="table",
    show_default=True,
    help="How to print; schemas: python -m ops schema.",
)
dry_run = click.option(
    "--dry-run",
    is_flag=True,
    help="Ask the API server what would come of it, policies included; change nothing.",
)
yes = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
reason = click.option("--reason", required=True, help="Why; whoever finds it reads this.")
wait = click.option("--wait/--no-wait", default=True, help="Wait until it has been done.")


def lasting(about: str) -> Callable[[F], F]:
    """`--for`."""
    return click.option("--for", "duration", type=DURATION, help=about)


def timeout(default: str | None) -> Callable[[F], F]:
    """`--timeout`; without a default what is waited for says itself how long."""
    return click.option(
        "--timeout",
        type=DURATION,
        default=default,
        show_default=default or "the object's own",
        help="How long to wait.",
    )


def namespace(default: str | None, text: str) -> Callable[[F], F]:
    """Where the objects are."""
    return click.option(
        "-n", "--namespace", default=default, show_default=default is not None, help=text
    )


def cluster(command: F) -> F:
    """Which cluster."""
    for option in (
        click.option("--context", help="Context of the kubeconfig; the current one by default."),
        click.option("--kubeconfig", help="Its file; KUBECONFIG or ~/.kube/config by default."),
    ):
        command = option(command)
    return command


def series(command: F) -> F:
    """Where Prometheus is."""
    return click.option(
        "--prometheus",
        envvar="PROMETHEUS_URL",
        show_envvar=True,
        help="Where Prometheus is, http://HOST:PORT.",
    )(command)


def alerting(command: F) -> F:
    """Where Alertmanager is."""
    return click.option(
        "--alertmanager",
        envvar="ALERTMANAGER_URL",
        show_envvar=True,
        help="Where Alertmanager is, http://HOST:PORT.",
    )(command)


def sources(
    kubeconfig: str | None,
    context: str | None,
    prometheus: str | None = None,
    alertmanager: str | None = None,
) -> Sources:
    """Whom to ask, from the options; connections are closed when the command is over."""
    cluster = connect(kubeconfig, context)
    click.get_current_context().call_on_close(cluster.close)
    return Sources(cluster, *servers(prometheus, alertmanager))


def servers(
    prometheus: str | None, alertmanager: str | None = None
) -> tuple[Prometheus | None, Alertmanager | None]:
    """Prometheus and Alertmanager, from the options."""
    found = (
        Prometheus(prometheus) if prometheus else None,
        Alertmanager(alertmanager) if alertmanager else None,
    )
    for server in found:
        if server is not None:
            click.get_current_context().call_on_close(server.close)
    return found
