"""Recorded series of a service around a fault, as Istio, the detector and alerting write them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

STEP = 15
SERVICE = {"destination_service_name": "api", "destination_service_namespace": "shop"}
CALL = {**SERVICE, "reporter": "source"}
BOUNDS = (50, 100, 500, 1000)
FAULT_SECONDS = 120


class Recording:
    """Forty minutes of a service, with a fault of two minutes in the middle."""

    def __init__(self, *, errors=0.0, slow=False, rate=10.0, seen_after=None):
        """Prepare.

        Args:
            errors: share of requests that fail during the fault.
            slow: whether answers take half a second during it.
            rate: requests per second.
            seen_after: seconds after which the detector finds it odd; None for never.
        """
        self.errors, self.slow, self.rate, self.seen_after = errors, slow, rate, seen_after
        now = int(datetime.now(UTC).timestamp()) // STEP * STEP
        self.times = range(now - 2400, now + 1, STEP)
        self.fault = now - 1200, now - 1200 + FAULT_SECONDS

    @property
    def start(self) -> str:
        return _written(self.fault[0])

    @property
    def end(self) -> str:
        return _written(self.fault[1])

    def write(self, path: Path) -> Path:
        path.write_text("\n".join([*self._lines(), "# EOF\n"]))
        return path

    def _lines(self) -> Iterator[str]:
        yield "# TYPE istio_requests counter"
        for code, share in (("200", lambda t: 1 - self._errors(t)), ("503", self._errors)):
            yield from self._counter("istio_requests_total", {**CALL, "response_code": code}, share)
        yield "# TYPE istio_request_duration_milliseconds histogram"
        name = "istio_request_duration_milliseconds_bucket"
        for bound in (*BOUNDS, "+Inf"):
            yield from self._counter(name, {**CALL, "le": str(bound)}, self._below(bound))
        yield "# TYPE anomaly_score gauge"
        for moment in self.times:
            score = 3.5 if self._odd(moment) else 0.2
            yield _sample("anomaly_score", {**SERVICE, "for": "errors"}, score, moment)
        yield "# TYPE anomaly_detection_score gauge"
        for moment in self.times:
            verdict = 3.5 if self._odd(moment) else 0
            yield _sample("anomaly_detection_score", {**SERVICE, "for": "errors"}, verdict, moment)
        yield "# TYPE yhat_lower gauge"
        yield "# TYPE yhat_upper gauge"
        for moment in self.times:
            for name, value in (("yhat_lower", 0.0), ("yhat_upper", 0.01)):
                yield _sample(name, {**SERVICE, "for": "errors"}, value, moment)

    def _counter(self, name, labels, share) -> Iterator[str]:
        total = 0.0
        for moment in self.times:
            total += self.rate * STEP * share(moment)
            yield _sample(name, labels, total, moment)

    def _errors(self, moment) -> float:
        return self.errors if self.fault[0] <= moment < self.fault[1] else 0.0

    def _below(self, bound):
        def share(moment) -> float:
            slow = self.slow and self.fault[0] <= moment < self.fault[1]
            milliseconds = 400 if slow else 40
            return 1.0 if bound == "+Inf" or bound > milliseconds else 0.0

        return share

    def _odd(self, moment) -> bool:
        if self.seen_after is None:
            return False
        return self.fault[0] + self.seen_after <= moment < self.fault[1] + 60


def objectives(errors=0.01, latency=300) -> Iterator[str]:
    """What the platform's recording rules say of the service at present."""
    now = int((datetime.now(UTC) - timedelta(seconds=5)).timestamp())
    labels = {**SERVICE, "slo": "availability"}
    yield _sample("service:slo_error_budget:ratio", labels, errors, now)
    yield _sample("service:slo_latency_p95_objective:milliseconds", SERVICE, latency, now)
    yield "# EOF\n"


def _sample(name, labels, value, moment) -> str:
    inside = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{inside}}} {value} {moment}"


def _written(moment) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
