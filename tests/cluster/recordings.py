"""What Prometheus would have recorded of services in a mesh, with a fault if wanted."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SCRAPE_SECONDS = 60
DAY = 86_400
BUCKETS = (10, 25, 50, 100, 250, 500, 1000, 2500, math.inf)
_MEDIAN, _SPREAD = 40.0, 0.5
_FAILING, _FAILING_IN_FAULT = 0.002, 0.25
_SLOWER = 6.0

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Fault:
    """A service that is slow and fails for a while."""

    service: str
    start: float
    end: float


def istio_recording(
    path: Path, namespace: str, services: Sequence[str], times: range, fault: Fault
) -> Path:
    """Write requests and their durations, as the sidecars at the destination count them."""
    clock = np.arange(times.start, times.stop, SCRAPE_SECONDS, dtype=np.float64)
    every = [_service(number, name, clock, fault) for number, name in enumerate(services)]
    families = (
        ("# TYPE istio_requests counter", [counted for counted, _ in every]),
        ("# TYPE istio_request_duration_milliseconds histogram", [timed for _, timed in every]),
    )
    with path.open("w") as file:
        for header, members in families:
            file.write(f"{header}\n")
            for series in members:
                for (name, labels), values in series.items():
                    written = ",".join(f'{key}="{value}"' for key, value in labels)
                    place = f'destination_service_namespace="{namespace}",{written}'
                    file.writelines(_lines(name, place, clock, values))
        file.write("# EOF\n")
    return path


Series = dict[tuple[str, tuple[tuple[str, str], ...]], Values]


def _service(number: int, name: str, clock: Values, fault: Fault) -> tuple[Series, Series]:
    """Counters of requests, and of their durations."""
    generator = np.random.default_rng(number)
    daily = 1 + 0.3 * np.sin(2 * np.pi * clock / DAY + number)
    requests = generator.poisson(SCRAPE_SECONDS * 20 * daily).astype(np.float64)
    faulty = (fault.start <= clock) & (clock < fault.end) & (name == fault.service)
    failing = np.where(faulty, _FAILING_IN_FAULT, _FAILING)
    failed = generator.binomial(requests.astype(np.int64), failing).astype(np.float64)
    noise = np.exp(0.03 * generator.standard_normal(len(clock)))
    median = _MEDIAN * (0.9 + 0.1 * daily) * noise * np.where(faulty, _SLOWER, 1.0)
    common = (("reporter", "destination"), ("destination_service_name", name))
    counted = {
        ("istio_requests_total", (*common, ("response_code", code))): np.cumsum(values)
        for code, values in (("200", requests - failed), ("503", failed))
    }
    duration = "istio_request_duration_milliseconds"
    timed: Series = {
        (f"{duration}_bucket", (*common, ("le", _bound(bound)))): np.cumsum(
            requests * _share(bound, median)
        )
        for bound in BUCKETS
    }
    timed |= {
        (f"{duration}_count", common): np.cumsum(requests),
        (f"{duration}_sum", common): np.cumsum(requests * median * math.exp(_SPREAD**2 / 2)),
    }
    return counted, timed


def _share(bound: float, median: Values) -> Values:
    """Share of log-normal durations up to a bound."""
    if math.isinf(bound):
        return np.ones_like(median)
    distance = (math.log(bound) - np.log(median)) / (_SPREAD * math.sqrt(2))
    return np.array([0.5 * (1 + math.erf(each)) for each in distance])


def _bound(bound: float) -> str:
    return "+Inf" if math.isinf(bound) else f"{bound:.1f}"


def _lines(name: str, labels: str, clock: Values, values: Values) -> Iterator[str]:
    for moment, value in zip(clock.tolist(), values.tolist(), strict=True):
        yield f"{name}{{{labels}}} {value:.3f} {moment:.0f}\n"
