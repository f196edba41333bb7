"""`mesh`: mutual TLS, routes, certificates, the canary's weight."""

from datetime import timedelta
from typing import Any, Literal

import click
from rich.markup import escape

from ops.cluster.changes import Change
from ops.commands import options
from ops.commands.output import change_lines, emit, show, table
from ops.documents import Document
from ops.errors import NotInstalledError, UnhealthyError
from ops.mesh.canary import set_weight
from ops.mesh.certificates import Certificates, get_certificates
from ops.mesh.mtls import MutualTls, get_mutual_tls
from ops.mesh.plaintext import PlainText, get_plain_text
from ops.mesh.routes import Routes, get_routes
from ops.stack import read_stack
from vocabulary.timing.duration import format_duration


class Canary(Document):
    """A canary's new weight."""

    document: Literal["mesh-canary/1"] = "mesh-canary/1"
    """Name and version of this document."""

    service: str
    """Full name of the service."""

    before: int
    """Share of the canary before, in percent."""

    weight: int
    """Share that it was given."""

    change: Change
    """What that changed."""


@click.group()
def mesh() -> None:
    """Mutual TLS, routes, certificates, the canary's weight."""


@mesh.command(
    epilog="""\b
Examples:
  python -m ops mesh mtls
  python -m ops mesh mtls --prometheus http://127.0.0.1:9090     with the measured share

Exits with 3 when something in the mesh takes plain text and no `plainText` of a service lets it.
"""
)
@options.cluster
@options.series
@options.prints(MutualTls)
def mtls() -> int:
    """Show the effective mutual-TLS mode of every namespace and workload of the mesh."""
    asked = options.sources()
    found = get_mutual_tls(asked.cluster, asked.prometheus)
    columns = ("NAMESPACE", "WORKLOAD", "MODE", "PORTS", "MEASURED", "PLAIN TEXT")
    return emit(found, table(columns, _modes(found)), _covered(found))


@mesh.command(
    "plain-text",
    epilog="""\b
Examples:
  python -m ops mesh plain-text --prometheus http://127.0.0.1:9090
  python -m ops mesh plain-text --window 720h --prometheus http://127.0.0.1:9090
  python -m ops mesh plain-text --stack prod          before an up: only where it will be STRICT

Exits with 3 when STRICT would cut somebody off, or nobody can say.
""",
)
@options.cluster
@options.series
@click.option(
    "--window",
    type=options.DURATION,
    default="168h",
    show_default=True,
    help="How far back; as long as the rarest caller needs to show up.",
)
@options.stack("Nothing to ask if its file leaves STRICT out.")
@options.prints(PlainText)
def plain_text(window: timedelta, stack: str | None) -> int:
    """Show who still sends plain text: whom STRICT mutual TLS would cut off."""
    declared = read_stack(stack) if stack else None
    asked = options.sources(context=declared.context if declared else None)
    try:
        modes = get_mutual_tls(asked.cluster)
    except NotInstalledError as error:
        if declared is None:
            raise
        click.echo(f"{error}; so nobody can be cut off")
        return 0
    found = get_plain_text(modes, asked.prometheus, window)
    rows: list[tuple[object, ...]] = []
    for space in found.namespaces:
        rows.append((space.name, space.verdict, None, None, None, None))
        rows += [
            ("", "", each.workload, each.service, each.source, f"{each.number:g} {each.protocol}")
            for each in space.senders
        ]
    columns = ("NAMESPACE", "VERDICT", "WORKLOAD", "SERVICE", "SENDER", "NUMBER")
    emit(found, table(columns, rows), escape(found.measurement))
    lenient = declared is not None and declared.says("mesh", "mtls", "mode") != "STRICT"
    return 0 if found.well or lenient else UnhealthyError.exit_code


@mesh.command(
    epilog="""\b
Examples:
  python -m ops mesh routes
  python -m ops mesh routes -n brisa-production -o json

Exits with 3 when a route is wrong.
"""
)
@options.cluster
@options.namespace(None, "Only the routes of one namespace.")
@options.prints(Routes)
def routes(namespace: str | None) -> int:
    """Show where requests go: every route with its weights, and what is wrong with it."""
    found = get_routes(options.asked_cluster(), namespace=namespace)
    rows = [
        (
            route.namespace,
            route.virtual_service,
            " ".join(route.hosts),
            " ".join(f"{d.name}={d.weight}" for d in route.destinations),
            "; ".join(route.problems),
        )
        for route in found.routes
    ]
    columns = ("NAMESPACE", "VIRTUALSERVICE", "HOSTS", "WEIGHTS", "PROBLEMS")
    return emit(found, table(columns, rows))


@mesh.command(
    epilog="""\b
Examples:
  python -m ops mesh certificates --prometheus http://127.0.0.1:9090

Exits with 3 when a certificate ends too soon.
"""
)
@options.cluster
@options.series
@options.prints(Certificates)
def certificates() -> int:
    """Show how long certificates still live, the shortest first.

    The root certificate is read from the cluster; those of workloads only Prometheus knows.
    """
    asked = options.sources()
    found = get_certificates(asked.cluster, asked.prometheus)
    rows: list[tuple[object, ...]] = [
        ("root", _trusting(each.namespaces), each.expires, each.low) for each in found.roots
    ]
    rows += [
        (
            "workload",
            f"{each.namespace}/{each.pod}",
            format_duration(timedelta(seconds=int(each.remaining_seconds))) + " left",
            each.low,
        )
        for each in found.workloads
    ]
    columns = ("CERTIFICATE", "OF", "ENDS", "TOO SOON")
    return emit(found, table(columns, rows), *map(escape, found.unknown))


@mesh.group()
def canary() -> None:
    """The share of requests that goes to the new version of a service."""


@canary.command(
    "set",
    epilog="""\b
Examples:
  python -m ops mesh canary set api-service 25
  python -m ops mesh canary set api-service 0 -n brisa-production

The catalogue must declare the canary, with `canary.owner: operator` (the default). A service
without one has a VirtualService SERVICE.stable, which sends requests to all its pods.
""",
)
@click.argument("service")
@click.argument("weight", type=click.IntRange(0, 100))
@options.cluster
@options.namespace(None, "Where the route is; looked for everywhere by default.")
@click.option("--force", is_flag=True, help="Even when no pod of the canary is ready.")
@options.dry_run
@options.prints(Canary)
def set_command(service: str, weight: int, **how: Any) -> None:
    """Give the canary of SERVICE a share of WEIGHT percent; the stable version gets the rest."""
    route, change = set_weight(options.asked_cluster(), service, weight, **how)
    done = Canary(service=route.host, before=route.weight, weight=weight, change=change)
    emit(done, *map(escape, change_lines([change])))


def _modes(found: MutualTls) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for space in found.namespaces:
        measured = None if space.measured is None else f"{space.measured:.2%}"
        rows.append((space.name, None, space.mode, None, measured, None))
        rows += [
            (
                "",
                f"{each.kind}/{each.name}",
                each.mode or "no sidecar",
                " ".join(f"{port}={mode}" for port, mode in each.exceptions.items()),
                "",
                f"until {each.opt_out.until}: {each.opt_out.reason}" if each.opt_out else "",
            )
            for each in space.workloads
        ]
    return rows


def _covered(found: MutualTls) -> str:
    covered = "no workload is in the mesh"
    if found.coverage is not None:
        covered = f"{found.coverage:.1%} of workloads take nothing but mutual TLS"
    return escape(f"{covered}; {found.measurement}")


def _trusting(namespaces: tuple[str, ...]) -> str:
    if not namespaces:
        return "reported by istiod"
    return show(f"trusted in {len(namespaces)} namespaces")
