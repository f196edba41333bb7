"""The server that series are read from."""

from pydantic import Field, field_validator

from anomaly.config.endpoint import Endpoint, without_path

MOST_POINTS = 11_000
"""Steps of one query; Prometheus refuses more, whatever it is configured to."""

API_PATHS = (
    "/api/v1",
    "/api/v1/query",
    "/api/v1/query_range",
    "/api/v1/write",
    "/-/ready",
    "/graph",
    "/query",
)
"""What people copy along with the address of a server."""

OWN_PARAMETERS = {"query", "start", "end", "step", "timeout", "stats", "limit"}
"""Parameters of a query that the reader itself sets, or whose effect it could not see."""


class Connection(Endpoint):
    """Prometheus, or what speaks its query API: Mimir, Thanos, VictoriaMetrics.

    The URL ends where `/api/v1/query_range` begins.
    """

    max_points_per_query: int = Field(MOST_POINTS, ge=1, le=MOST_POINTS)
    """Steps that one query asks for; a longer range is asked for in parts. Fewer steps make
    shorter answers and lighter work for the server."""

    max_response_bytes: int = Field(256 * 1024**2, ge=64 * 1024)
    """Length of an answer, decompressed. A longer one is cut off and asked for in smaller parts."""

    max_series: int = Field(20_000, ge=1)
    """Series that one query may bring; further ones are left out, counted and warned of."""

    parameters: dict[str, str] = {}
    """Further parameters of every query, such as `dedup` for Thanos or `extra_label` for
    VictoriaMetrics. They are shown in plain text: no secrets."""

    @field_validator("url")
    @classmethod
    def _base(cls, url: str) -> str:
        return without_path(url, *API_PATHS)

    @field_validator("parameters")
    @classmethod
    def _not_the_readers_own(cls, parameters: dict[str, str]) -> dict[str, str]:
        own = sorted(OWN_PARAMETERS & set(parameters))
        if own:
            raise ValueError(f"the reader decides about {', '.join(own)}")
        return parameters
