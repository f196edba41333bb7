"""What goes into many stories: calls, their durations, experiments.

Minutes are counted from midnight, a Thursday; experiments may run from 02:00 to 06:00.
"""

from tests.observability.alerting_rules.promtool import Input, series
from vocabulary import metrics as m

HOME = "brisa-production"
API = {"destination_service_namespace": HOME, "destination_service_name": "api-service"}
BOOKING = {**API, "destination_service_name": "booking-service"}


def calls(code: str, each_minute: float, minutes: int, reporter: str = "source") -> Input:
    """Requests to api-service with an answer."""
    values = f"0+{each_minute:g}x{minutes}"
    return series(m.REQUESTS, values, **API, reporter=reporter, response_code=code)


def answers(within_250ms: float, each_minute: float, minutes: int) -> list[Input]:
    """Durations of requests to api-service; what is not within 250 ms takes over half a second."""
    labels = {**API, "reporter": "source", "response_code": "200"}
    quick, every = f"0+{within_250ms:g}x{minutes}", f"0+{each_minute:g}x{minutes}"
    return [
        series(m.REQUEST_BUCKETS, quick, **labels, le="250"),
        series(m.REQUEST_BUCKETS, quick, **labels, le="500"),
        series(m.REQUEST_BUCKETS, every, **labels, le="+Inf"),
        series(m.REQUEST_COUNT, every, **labels),
    ]


def experiment(kind: str, phase: str, values: str, namespace: str = HOME) -> Input:
    """How many experiments there are."""
    return series(m.EXPERIMENTS, values, exported_namespace=namespace, kind=kind, phase=phase)
