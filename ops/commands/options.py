"""Options that several commands share, and what they become.

Whom to ask and how to print is no command's own business: those options are kept, and `sources`
and `ops.commands.output` look at them.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import BaseModel

from ops.alerts import Alertmanager
from ops.areas import Sources
from ops.cluster import Cluster, connect
from ops.prometheus import Prometheus
from ops.stack import NAME, ROOT
from vocabulary.timing.duration import parse_duration

F = TypeVar("F", bound=Callable[..., Any])


class Duration(click.ParamType[timedelta]):
    """A Go duration such as 2h or 1h30m."""

    name = "duration"

    def __init__(self, *, positive: bool = False) -> None:
        self.positive = positive

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read the text of an option."""
        try:
            found = value if isinstance(value, timedelta) else parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if self.positive and found <= timedelta():
            self.fail(f"{value} is no span of time; use more than 0s", param, ctx)
        return found


class StackName(click.ParamType[str]):
    """A stack's plain name, which names its files too."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the text of an option."""
        if not re.fullmatch(NAME, str(value)):
            told = "is no plain name of a stack; write it without organization and project"
            self.fail(f"{value!r} {told}", param, ctx)
        return str(value)


DURATION, SPAN = Duration(), Duration(positive=True)
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


def given(name: str) -> Any:
    """What was given for an option that is kept; None where the command has no such option."""
    return click.get_current_context().meta.get(f"{__name__}.{name}")


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    context.meta[f"{__name__}.{option.name}"] = value


def kept(*names: str, **told: Any) -> Callable[[F], F]:
    """An option that is kept for whoever looks at it; the command does not get it."""
    return click.option(*names, expose_value=False, callback=_keep, **told)


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one."""

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


class Form(click.Option):
    """`-o`: how to print; knows which document that is."""

    def __init__(self, *names: Any, document: type[BaseModel], **told: Any) -> None:
        super().__init__(*names, **told)
        self.document = document


def prints(document: type[BaseModel], people: str = "table") -> Callable[[F], F]:
    """What a command prints, and `-o`: for people, the default, or for programs."""
    return kept(
        "-o",
        "--output",
        cls=Form,
        document=document,
        type=click.Choice((people, "json", "yaml")),
        default=people,
        show_default=True,
        help="How to print; schemas: python -m ops schema.",
    )


dry_run = click.option(
    "--dry-run",
    is_flag=True,
    help="Ask the API server what would come of it, policies included; change nothing.",
)
yes = kept("-y", "--yes", is_flag=True, help="Do not ask.")
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


def stack(about: str = "Name of the stack.", **told: Any) -> Callable[[F], F]:
    """`--stack NAME`."""
    return click.option(
        "--stack", metavar="NAME", type=StackName(), show_default=True, help=about, **told
    )


cwd = click.option(
    "--cwd", type=FOLDER, default=ROOT, help="Where Pulumi.yaml is; this checkout by default."
)
cluster = together(
    kept("--kubeconfig", help="Its file; KUBECONFIG or ~/.kube/config by default."),
    kept("--context", help="Context of the kubeconfig; the current one by default."),
)
context = kept("--context", help="Context of the kubeconfig; the stack's by default.")
series = kept(
    "--prometheus",
    envvar="PROMETHEUS_URL",
    show_envvar=True,
    help="Where Prometheus is, http://HOST:PORT.",
)
alerting = kept(
    "--alertmanager",
    envvar="ALERTMANAGER_URL",
    show_envvar=True,
    help="Where Alertmanager is, http://HOST:PORT.",
)


def asked_cluster(*, kubeconfig: str | None = None, context: str | None = None) -> Cluster:
    """The cluster that the options name, else the arguments; closed when the command is over."""
    cluster = connect(given("kubeconfig") or kubeconfig, given("context") or context)
    click.get_current_context().call_on_close(cluster.close)
    return cluster


def servers(prometheus: str | None = None) -> tuple[Prometheus | None, Alertmanager | None]:
    """Prometheus and Alertmanager that the options name, else the arguments; closed likewise."""
    url, alerts = given("prometheus") or prometheus, given("alertmanager")
    found = Prometheus(url) if url else None, Alertmanager(alerts) if alerts else None
    for server in found:
        if server is not None:
            click.get_current_context().call_on_close(server.close)
    return found


def sources(
    *, kubeconfig: str | None = None, context: str | None = None, prometheus: str | None = None
) -> Sources:
    """Everybody whom the options name, else the arguments."""
    return Sources(asked_cluster(kubeconfig=kubeconfig, context=context), *servers(prometheus))
