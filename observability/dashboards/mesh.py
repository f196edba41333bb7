"""The board Mesh: traffic, objectives, encryption, breakers, and a row for every service."""

from observability.dashboards.chosen import CLUSTERS, NAME, SERVICES, WINDOW
from observability.dashboards.frame import SERVICE, Board, Row, catalogue_choices
from observability.dashboards.mesh_safety import breakers, control_plane, security
from observability.dashboards.panels import Column, Tile, figure, listing, shares, trend
from observability.dashboards.parts import (
    ANY_IS_BAD,
    ANY_IS_ODD,
    BAD,
    GOOD,
    NEUTRAL,
    WARN,
    About,
    Steps,
)
from observability.promql.expressions import is_, least, like, select
from observability.promql.mesh import (
    SENT,
    encrypted_share,
    error_share,
    latency,
    of_services,
    requests,
)
from settings.monitored import Monitored
from vocabulary import metrics as m
from vocabulary import recorded as r
from vocabulary.boards import MESH

ERRORS: Steps = ((None, GOOD), (0.001, WARN), (0.01, BAD))
_EVERYTHING: tuple[str, ...] = ()
ROOT_SECONDS = 30 * 86400
_BURNING: Steps = ((None, GOOD), (1, WARN), (14.4, BAD))
_LEFT: Steps = ((None, BAD), (0, WARN), (0.25, GOOD))


def mesh(stack: Monitored) -> Board:
    """The board."""
    quarter = stack.mesh.certificate_ttl.total_seconds() / 4
    return Board(
        MESH,
        "Mesh",
        "Istio: what services get and give, whether it is encrypted, and what breakers do.",
        "3h",
        catalogue_choices(stack),
        (
            Row(100, "Now", _now(quarter)),
            Row(200, "Traffic", _traffic()),
            Row(300, "Objectives", _objectives()),
            Row(400, "Encryption", security(quarter)),
            Row(500, "Circuit breakers", breakers()),
            Row(600, "Control plane", control_plane()),
            Row(700, "$service", _one_service(), repeat=SERVICE),
        ),
    )


def _now(quarter: float) -> tuple[Tile, ...]:
    sent = (SENT, *SERVICES)
    left = least(select(m.CERTIFICATE_LEFT, is_("resource_name", "default")))
    alerts = select(m.ALERTS, like("area", "mesh|slo.*"), is_("alertstate", "firing"))
    ejected = of_services(select(m.EJECTIONS_ACTIVE, CLUSTERS), "max")
    return (
        figure(
            About(101, "Requests", "Requests a second that callers send.", "reqps"),
            requests(WINDOW, *sent, by=_EVERYTHING),
            steps=NEUTRAL,
            width=3,
        ),
        figure(
            About(
                102,
                "Failed requests",
                "Share of them that end with a server error, after all retries.",
                "percentunit",
            ),
            error_share(WINDOW, *sent, by=_EVERYTHING),
            steps=ERRORS,
            width=3,
        ),
        figure(
            About(103, "p95 latency", "19 of 20 answers take no longer.", "ms"),
            latency(0.95, WINDOW, *sent, by=_EVERYTHING),
            steps=NEUTRAL,
            width=3,
        ),
        figure(
            About(
                104,
                "Mutual TLS",
                "Share of requests that came encrypted, from callers who proved who they are.",
                "percentunit",
            ),
            encrypted_share(WINDOW, *SERVICES, by=_EVERYTHING),
            steps=((None, BAD), (1, GOOD)),
            width=3,
        ),
        figure(
            About(105, "Pods ejected", "Taken out by callers for answering with errors.", "short"),
            f"sum({ejected}) or vector(0)",
            steps=ANY_IS_ODD,
            width=3,
        ),
        figure(
            About(
                106,
                "Shortest certificate",
                "Least time that any workload's certificate has left; renewed at half of its life.",
                "s",
            ),
            left,
            steps=((None, BAD), (quarter, GOOD)),
            width=3,
        ),
        figure(
            About(
                107,
                "Root certificate",
                "How long the root is valid. Nothing renews it by itself.",
                "s",
            ),
            f"min({m.ROOT_EXPIRY}) - time()",
            steps=((None, BAD), (ROOT_SECONDS, GOOD)),
            width=3,
        ),
        figure(
            About(108, "Alerts", "Alerts about the mesh and about objectives that fire.", "short"),
            f"count({alerts}) or vector(0)",
            steps=ANY_IS_BAD,
            width=3,
        ),
    )


def _traffic() -> tuple[Tile, ...]:
    sent = (SENT, *SERVICES)
    return (
        trend(
            About(201, "Request rate", "Requests a second that callers send, by service.", "reqps"),
            (requests(WINDOW, *sent), NAME),
        ),
        trend(
            About(
                202,
                "Error share",
                "Share of requests that end with a server error, after all retries.",
                "percentunit",
            ),
            (error_share(WINDOW, *sent), NAME),
        ),
        trend(
            About(203, "Latency percentiles", "Over all services that are chosen.", "ms"),
            *(
                (latency(share, WINDOW, *sent, by=_EVERYTHING), f"p{share * 100:.0f}")
                for share in (0.5, 0.9, 0.95, 0.99)
            ),
        ),
        trend(
            About(204, "p95 latency", "19 of 20 answers take no longer, by service.", "ms"),
            (latency(0.95, WINDOW, *sent), NAME),
        ),
    )


def _objectives() -> tuple[Tile, ...]:
    speed = f"{select(r.error_share('1h'), *SERVICES)} / {select(r.BUDGET, *SERVICES)}"
    service = {"destination_service_name": "Service", "slo": "Objective"}
    return (
        shares(
            About(
                301,
                "Error budget left",
                "Of what may go wrong in 30 days; at nothing, hold risky changes.",
                "percentunit",
            ),
            select(r.BUDGET_LEFT, *SERVICES),
            f"{NAME} {{{{slo}}}}",
            steps=_LEFT,
            width=8,
        ),
        trend(
            About(
                302,
                "Burn rate",
                "How many times as fast as allowed the budget goes, over the last hour. At 14.4 a "
                "page goes out.",
                "short",
            ),
            (speed, f"{NAME} {{{{slo}}}}"),
            steps=_BURNING,
            width=8,
        ),
        listing(
            About(303, "Objectives and their state", "Shares over windows, now.", "percentunit"),
            Column(select(r.BUDGET, *SERVICES), "May fail", "percentunit"),
            Column(select(r.error_share("5m"), *SERVICES), "5 min", "percentunit"),
            Column(select(r.error_share("1h"), *SERVICES), "1 h", "percentunit"),
            Column(select(r.error_share("1d"), *SERVICES), "1 d", "percentunit"),
            labels=service,
            width=8,
            order=("Service", "up"),
        ),
    )


def _one_service() -> tuple[Tile, ...]:
    sent = (SENT, *SERVICES)
    objective = f"max({select(r.LATENCY_OBJECTIVE, *SERVICES)})"
    allowed = f"max({select(r.BUDGET, *SERVICES, is_('slo', 'availability'))})"
    caller = ("source_workload", "source_workload_namespace")
    return (
        trend(
            About(701, "Requests by answer", "Requests a second by status code.", "reqps"),
            (requests(WINDOW, *sent, by=("response_code",)), "{{response_code}}"),
            stacked=True,
            width=6,
        ),
        trend(
            About(702, "Latency", "Percentiles, and the objective for p95.", "ms"),
            *(
                (latency(share, WINDOW, *sent, by=_EVERYTHING), f"p{share * 100:.0f}")
                for share in (0.5, 0.95, 0.99)
            ),
            (objective, "objective"),
            dashed=("objective",),
            width=6,
        ),
        trend(
            About(703, "Error share", "Failed requests, and what is allowed.", "percentunit"),
            (error_share(WINDOW, *sent, by=_EVERYTHING), "failed"),
            (allowed, "allowed"),
            dashed=("allowed",),
            width=6,
        ),
        trend(
            About(704, "Callers", "Requests a second by who sends them.", "reqps"),
            (requests(WINDOW, *sent, by=caller), "{{source_workload}}"),
            stacked=True,
            width=6,
        ),
    )
