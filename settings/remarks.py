"""What a configuration may say, but its author should know before it is applied."""

from collections.abc import Iterator, Mapping, Sequence

from settings.catalogue import Service
from vocabulary.timing.duration import format_duration


def remarks(services: Sequence[Service]) -> Iterator[str]:
    """Sentences about the catalogue; each says what follows and how to say otherwise."""
    yield from _limits(services)
    yield from _single_pods(services)
    yield from _plain_text(services)
    yield from _circles({service.name: service for service in services})


def _limits(services: Sequence[Service]) -> Iterator[str]:
    unsaid = [
        each
        for each in services
        if each.speaks_http and "timeout" not in each.route.model_fields_set
    ]
    if unsaid and (limit := unsaid[0].route.timeout):
        yield (
            f"Requests to {_names(unsaid)} end after {format_duration(limit)}, streams and long "
            "polls too, because no route.timeout is declared; null sets no limit."
        )


def _single_pods(services: Sequence[Service]) -> Iterator[str]:
    if alone := [each for each in services if each.replicas == 1]:
        yield (
            f"{_names(alone)} run one pod each: no circuit breaker can help, as there is no other "
            "pod to send requests to. replicas: 2 or more gives them one."
        )


def _plain_text(services: Sequence[Service]) -> Iterator[str]:
    for each in services:
        if plain := each.plain_text:
            yield (
                f"{each.name} takes plain text until {plain.until}, from "
                f"{', '.join(plain.sources)}: {plain.reason}"
            )


def _circles(services: Mapping[str, Service]) -> Iterator[str]:
    """Each circle of callers once, told from the service that comes first in the catalogue."""
    order = list(services)
    for start in order:
        later = set(order[order.index(start) :])
        if circle := _way_back(start, services, later):
            yield (
                f"{' -> '.join(circle)} call each other in a circle: when one is slow all wait, "
                "and their retries multiply. Take one caller out, or turn retries off on the way."
            )


def _way_back(
    start: str, services: Mapping[str, Service], allowed: set[str]
) -> tuple[str, ...] | None:
    """The shortest way from a service along its callers back to itself, in the order of calls."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        longer = []
        for way in ways:
            for caller in services[way[0]].callers:
                if caller == start:
                    return (start, *way)
                if caller in allowed and caller not in seen:
                    seen.add(caller)
                    longer.append((caller, *way))
        ways = longer
    return None


def _names(services: Sequence[Service]) -> str:
    return ", ".join(service.name for service in services)
