"""Rows of the board Mesh about what keeps traffic safe: encryption, breakers, control plane."""

from observability.dashboards.chosen import CLUSTERS, NAME, SERVICES, WINDOW
from observability.dashboards.panels import Column, Tile, listing, states, trend
from observability.dashboards.parts import BAD, GOOD, WARN, About
from observability.promql.expressions import SERVICE as BY_SERVICE
from observability.promql.expressions import is_, is_not, least, rate, select, total
from observability.promql.mesh import RECEIVED, encrypted_share, of_services
from vocabulary import metrics as m


def security(quarter: float) -> tuple[Tile, ...]:
    """Who comes in plain text, and how long certificates last."""
    caller = ("source_workload", "source_workload_namespace")
    plain = select(
        m.REQUESTS, RECEIVED, *SERVICES, is_not("connection_security_policy", "mutual_tls")
    )
    left = select(m.CERTIFICATE_LEFT, is_("resource_name", "default"))
    return (
        trend(
            About(
                401,
                "Mutual TLS",
                "Share of requests that came encrypted, by service.",
                "percentunit",
            ),
            (encrypted_share(WINDOW, *SERVICES), NAME),
            width=8,
        ),
        listing(
            About(
                402,
                "Plain text",
                "Who sent requests without mutual TLS in the time shown; empty is good.",
                "short",
            ),
            Column(
                f"{total(f'increase({plain}[$__range])', *BY_SERVICE, *caller)} > 0",
                "Requests",
                "short",
            ),
            labels={"destination_service_name": "Service"}
            | dict(zip(caller, ("Caller", "Caller's namespace"), strict=True)),
            width=8,
            order=("Requests", "down"),
        ),
        listing(
            About(
                403,
                "Certificates",
                "What each workload's certificate has left, shortest first.",
                "s",
            ),
            Column(
                f"bottomk(20, {least(left, 'namespace', 'pod')})",
                "Left",
                "s",
                ((None, BAD), (quarter, GOOD)),
            ),
            labels={"pod": "Pod", "namespace": "Namespace"},
            width=8,
            order=("Left", "up"),
        ),
    )


def breakers() -> tuple[Tile, ...]:
    """Ejections, refused requests, retries: what callers' proxies do to protect a service."""

    def each_minute(metric: str) -> str:
        return f"60 * {of_services(rate(select(metric, CLUSTERS), WINDOW))}"

    opened = " + ".join(
        of_services(select(metric, CLUSTERS), "max")
        for metric in (m.CONNECTIONS_OPEN, m.PENDING_OPEN)
    )
    return (
        trend(
            About(
                501,
                "Pods ejected",
                "Most pods of a service that any caller keeps out of its load balancing.",
                "short",
            ),
            (of_services(select(m.EJECTIONS_ACTIVE, CLUSTERS), "max"), NAME),
            width=8,
        ),
        trend(
            About(502, "Ejections", "How often a caller took a pod out, a minute.", "opm"),
            (each_minute(m.EJECTIONS), NAME),
            width=8,
        ),
        trend(
            About(503, "Retries", "Requests that callers' proxies tried again, a minute.", "opm"),
            (each_minute(m.RETRIES), NAME),
            width=8,
        ),
        trend(
            About(
                504,
                "Refused by the connection pool",
                "Requests and connections beyond the limits of the pool, a minute.",
                "opm",
            ),
            (each_minute(m.PENDING_OVERFLOW), f"{NAME} requests"),
            (each_minute(m.CONNECTION_OVERFLOW), f"{NAME} connections"),
            width=8,
        ),
        states(
            About(
                505,
                "Limit reached",
                "Whether a service's pool was full for some caller.",
                "short",
            ),
            (f"clamp_max({opened}, 1)", NAME),
            words={"0": ("below the limit", GOOD), "1": ("full", WARN)},
            width=8,
        ),
        trend(
            About(506, "Connections", "Open connections of all callers, by service.", "short"),
            (of_services(select(m.CONNECTIONS, CLUSTERS)), NAME),
            width=8,
        ),
    )


def control_plane() -> tuple[Tile, ...]:
    """What istiod sends, how fast it arrives, and who refuses it."""
    buckets = total(rate(m.CONVERGENCE_BUCKETS, WINDOW), "le")
    return (
        trend(
            About(601, "Pushes", "Configuration sent to proxies, a minute, by type.", "opm"),
            (f"60 * {total(rate(m.PUSHES, WINDOW), 'type')}", "{{type}}"),
            stacked=True,
            width=8,
        ),
        trend(
            About(602, "Refused pushes", "Configuration that proxies did not take.", "opm"),
            (f"60 * {total(rate(m.REJECTS, WINDOW), 'type')}", "{{type}}"),
            width=8,
        ),
        trend(
            About(
                603,
                "Convergence",
                "Time from a change to the proxies' having it, for 99 of 100 pushes.",
                "s",
            ),
            (f"histogram_quantile(0.99, {buckets})", "p99"),
            width=8,
        ),
    )
