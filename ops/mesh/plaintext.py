"""Whether STRICT mutual TLS would cut anybody off: who sent plain text lately, by measurement.

A preview cannot know: it asks the engine and not Prometheus, and nobody's configuration says who
calls. So this is asked before an `up` that makes a namespace STRICT. Istio's series have no port;
they tell workload, service and protocol.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from ops.documents import Document, Part
from ops.errors import SourceError
from ops.mesh.mtls import MutualTls
from ops.prometheus import Prometheus, given
from vocabulary import metrics as m
from vocabulary.timing.duration import format_duration

_BY = (
    "destination_workload_namespace",
    "destination_workload",
    "destination_service_name",
    "source_workload_namespace",
    "source_workload",
)
_PLAIN = '{reporter="destination", connection_security_policy!="mutual_tls"}'
_ANY = '{reporter="destination"}'

Verdict = Literal["strict", "ready", "plain", "unmeasured"]


class Sender(Part):
    """Somebody who sent plain text."""

    workload: str
    """Workload that took it."""

    service: str
    """Service that was called."""

    source: str
    """Who sent it, as `namespace/workload`; mostly `unknown`, as plain text proves nothing."""

    protocol: Literal["http", "tcp"]
    """What was counted: requests or connections."""

    number: float
    """How many, in the window."""


class Namespace(Part):
    """One namespace of the mesh."""

    name: str
    """Its name."""

    verdict: Verdict
    """`strict`: it takes nothing but mutual TLS already, or plain text only where `plainText` of a
    service lets it. `ready`: something was measured before the
    window began, and since then no plain text came. `plain`: some came. `unmeasured`: nobody can
    say, as nothing was measured that long ago."""

    senders: tuple[Sender, ...] = ()
    """Who sent it."""


class PlainText(Document):
    """Who still sends plain text, and whether STRICT would cut anybody off."""

    document: Literal["mesh-plain-text/1"] = "mesh-plain-text/1"
    """Name and version of this document."""

    at: AwareDatetime
    """When it was asked."""

    window: str
    """How far back was looked."""

    well: bool
    """Whether every namespace is strict or ready to be."""

    namespaces: tuple[Namespace, ...]
    """The namespaces of the mesh."""

    measurement: str
    """Where the figures come from, or why there are none."""


def get_plain_text(modes: MutualTls, prometheus: Prometheus | None, window: timedelta) -> PlainText:
    """Ask who sent plain text to the namespaces that are not STRICT yet.

    The window is as long as the rarest caller needs to show up.
    """
    senders: dict[str, list[Sender]] = defaultdict(list)
    measured: set[str] = set()
    opted = {
        (space.name, each.name)
        for space in modes.namespaces
        for each in space.workloads
        if each.opt_out
    }
    try:
        server = given(prometheus)
        for space, sender in _senders(server, window):
            if (space, sender.workload) not in opted:  # that stays possible under STRICT
                senders[space].append(sender)
        measured = _measured(server, window)
        measurement = f"requests and connections of the last {format_duration(window)}"
    except SourceError as error:
        measurement = f"not measured: {error}"
    spaces = tuple(
        Namespace(
            name=each.name,
            verdict=_verdict(
                strict=each.is_as_declared,
                plain=each.name in senders,
                measured=each.name in measured,
            ),
            senders=tuple(senders.get(each.name, ())),
        )
        for each in modes.namespaces
    )
    return PlainText(
        at=datetime.now(UTC),
        window=format_duration(window),
        well=all(each.verdict in ("strict", "ready") for each in spaces),
        namespaces=spaces,
        measurement=measurement,
    )


def _verdict(*, strict: bool, plain: bool, measured: bool) -> Verdict:
    if strict:
        return "strict"
    if plain:
        return "plain"
    return "ready" if measured else "unmeasured"


def _senders(prometheus: Prometheus, window: timedelta) -> Iterator[tuple[str, Sender]]:
    span = f"{int(window.total_seconds())}s"
    counters: Mapping[Literal["http", "tcp"], str] = {
        "http": m.REQUESTS,
        "tcp": m.TCP_CONNECTIONS,
    }
    for protocol, counter in counters.items():
        plain = f"{counter}{_PLAIN}"
        # A counter begins with its first event, of which an increase knows nothing.
        begun = f"({plain} unless {plain} offset {span})"
        counted = f"(increase({plain}[{span}]) > 0 or {begun} > 0)"
        for found, number in prometheus.query(f"sum by ({', '.join(_BY)}) ({counted})"):
            space, workload, service, where, who = (found.get(key, "unknown") for key in _BY)
            yield (
                space,
                Sender(
                    workload=workload,
                    service=service,
                    source=who if where == "unknown" else f"{where}/{who}",
                    protocol=protocol,
                    number=round(number, 1),
                ),
            )


def _measured(prometheus: Prometheus, window: timedelta) -> set[str]:
    """Namespaces of which something was known when the window began."""
    span = f"{int(window.total_seconds())}s"
    known = " or ".join(
        f"count by ({_BY[0]}) ({counter}{_ANY} offset {span})"
        for counter in (m.REQUESTS, m.TCP_CONNECTIONS)
    )
    return {found.get(_BY[0], "") for found, _ in prometheus.query(known)}
