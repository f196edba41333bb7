"""How the mesh carries requests to a service: retries, versions, load balancing, limits."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

from settings.types import (
    Duration,
    Model,
    Once,
    Percent,
    RetryCondition,
    broken_rule,
    duration_field,
)
from settings.words import HeaderName, LabelValue, ParameterName
from vocabulary.timing.duration import format_duration
from vocabulary.timing.retries import NOT_EXECUTED, longest_request


class Retries(Model):
    """How often the mesh tries a failed request again."""

    attempts: int = Field(3, ge=0, le=10)
    """Retries after the first try; 0 turns off also the retries that Istio does by itself."""

    per_try_timeout: Duration | None = duration_field(None, least="10ms", most="1m")
    """Limit of one try; null leaves it to the route's timeout. A try that ran into it is tried
    again only where `retryOn` has `reset`, `5xx` or `gateway-error`."""

    backoff: Duration = duration_field("100ms", least="1ms", most="10s")
    """Base of the exponential pause between tries."""

    retry_on: Annotated[tuple[RetryCondition, ...], Once] = Field(NOT_EXECUTED, min_length=1)
    """Envoy retry conditions or status codes. By default only what no server has begun with. Any
    other, `reset` or `503` say, sends a request again that may have done its work: declare it where
    doing that twice does no harm, and with it a perTryTimeout."""

    @model_validator(mode="after")
    def _repeated_tries_are_bounded(self) -> "Retries":
        repeated = [each for each in self.retry_on if each not in NOT_EXECUTED]
        if self.attempts and repeated and self.per_try_timeout is None:
            raise broken_rule(
                f"is missing, and retryOn has {', '.join(repeated)}: a first try that hangs would "
                "use up the whole timeout",
                "perTryTimeout",
            )
        return self


class Canary(Model):
    """A second version that takes a share of the traffic."""

    weight: Percent = 0
    """Share of requests, in percent, that goes to the canary; the rest is stable's. Nothing to
    begin with: a version that no ready pod runs answers its share with 503."""

    owner: Literal["operator", "stack"] = "operator"
    """Who moves the weight after creation. `operator`: a person or rollout controller; the stack
    only sets where it starts and never moves it back. `stack`: this value, at every `up`."""

    stable_version: LabelValue = "stable"
    """Value of the pods' `version` label that makes up the subset `stable`. Only a service with a
    canary is told apart by that label; without one, every pod of the service gets requests."""

    canary_version: LabelValue = "canary"
    """Value of the pods' `version` label that makes up the subset `canary`."""

    retired: bool = False
    """Whether the split is on its way out: no route names the subsets any more, but they stay one
    more `up`. A subset that goes together with its route answers 503 until every proxy has both
    changes."""

    @model_validator(mode="after")
    def _versions_differ(self) -> "Canary":
        if self.canary_version == self.stable_version:
            text = "is stableVersion too; canary and stable would be the same pods"
            raise broken_rule(text, "canaryVersion")
        return self

    @model_validator(mode="after")
    def _retired_gets_nothing(self) -> "Canary":
        if self.retired and self.weight:
            raise broken_rule("is a share for a canary that is retired; write 0", "weight")
        return self


class HashKey(Model):
    """What consistent hashing keys on; exactly one."""

    header: HeaderName | None = None
    """Name of an HTTP header."""

    query_parameter: ParameterName | None = None
    """Name of a query parameter."""

    source_ip: bool = False
    """The caller's address."""

    @model_validator(mode="after")
    def _exactly_one(self) -> "HashKey":
        given = [self.header, self.query_parameter, self.source_ip or None]
        if sum(key is not None for key in given) != 1:
            raise ValueError("give exactly one of header, queryParameter and sourceIp: true")
        return self


class LoadBalancing(Model):
    """How requests are spread over the pods."""

    algorithm: Literal["roundRobin", "leastRequest", "consistentHash"] = "leastRequest"
    """`leastRequest` is Istio's own default: best under uneven load."""

    hash_key: HashKey | None = None
    """Needed for, and only for, `consistentHash`."""

    @model_validator(mode="after")
    def _key_fits(self) -> "LoadBalancing":
        if (self.algorithm == "consistentHash") != (self.hash_key is not None):
            raise broken_rule("goes with algorithm consistentHash, and only with it", "hashKey")
        return self


class ConnectionPool(Model):
    """How much a caller may have under way at once; what is over is refused at once (503 UO)."""

    max_connections: int = Field(100, ge=1, le=100_000)
    """TCP connections to all pods of the service."""

    connect_timeout: Duration = duration_field("1s", least="10ms", most="30s")
    """Limit for opening a connection."""

    max_pending_requests: int = Field(100, ge=1, le=100_000)
    """Requests that wait for a connection."""

    max_requests: int = Field(1000, ge=1, le=1_000_000)
    """Requests under way."""

    max_requests_per_connection: int = Field(0, ge=0, le=1_000_000)
    """Requests after which a connection is closed; 0 means no limit, so keep-alive works."""


class OutlierDetection(Model):
    """The circuit breaker: when a failing pod is taken out, and for how long."""

    consecutive_5xx_errors: int = Field(5, ge=1, le=1000, alias="consecutive5xxErrors")
    """Errors in a row that eject a pod."""

    interval: Duration = duration_field("30s", least="1s", most="10m")
    """How often pods are judged."""

    base_ejection_time: Duration = duration_field("30s", least="1s", most="1h")
    """First ejection; each further one lasts longer by as much."""

    max_ejection_percent: int = Field(50, ge=1, le=100)
    """Share of pods that may be out at once."""


class Route(Model):
    """How the mesh carries requests to a service."""

    timeout: Duration | None = duration_field("10s", least="10ms", most="1h")
    """Limit of a whole request with all its retries. It ends streams and long polls too: null sets
    none, as Istio does by itself."""

    retries: Retries = Retries()
    """Retry policy."""

    canary: Canary | None = None
    """Traffic split; null sends requests to every pod of the service, whatever its labels."""

    load_balancing: LoadBalancing = LoadBalancing()
    """Spread over pods."""

    connection_pool: ConnectionPool = ConnectionPool()
    """Bulkhead."""

    outlier_detection: OutlierDetection = OutlierDetection()
    """Circuit breaker."""

    @model_validator(mode="after")
    def _timeout_bounds_retries(self) -> "Route":
        retries, needed = self.retries, self._tries
        if needed and self.timeout and retries.per_try_timeout and self.timeout < needed:
            raise broken_rule(
                f"{format_duration(self.timeout)} ends before {retries.attempts + 1} tries of "
                f"{format_duration(retries.per_try_timeout)} and their pauses can: raise it to "
                f"{format_duration(needed)} or more, or lower attempts, perTryTimeout or backoff "
                "of the retries",
                "timeout",
            )
        return self

    @model_validator(mode="after")
    def _timeout_leaves_room(self) -> "Route":
        pauses = (self.retries, "backoff", "retries")
        connecting = (self.connection_pool, "connect_timeout", "connectionPool")
        for part, name, *key in (pauses, connecting):
            given = name in part.model_fields_set and getattr(part, name)
            if given and self.timeout and given >= self.timeout:
                what = f"leaves nothing of the timeout, {format_duration(self.timeout)}"
                raise broken_rule(what, *key, to_camel(name))
        return self

    @property
    def _tries(self) -> timedelta | None:
        """How long all tries and their pauses can take; None where only the timeout ends one."""
        each = self.retries.per_try_timeout
        if each is None:
            return None
        return longest_request(self.retries.attempts, each, self.retries.backoff)

    @property
    def longest(self) -> timedelta | None:
        """How long a request can take at most; None where nothing ends it."""
        return self._tries or self.timeout
