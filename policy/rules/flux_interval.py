"""Flux looks often enough to heal, and not so often that it hurts."""

from collections.abc import Iterator
from datetime import timedelta

from policy.cel import Check, Validation
from policy.config import Duration, RuleConfig
from policy.experiments import duration_of
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import MEDIUM, ResourceRule
from vocabulary.kinds import GIT_REPOSITORY, KUSTOMIZATION, Kind
from vocabulary.timing.duration import format_duration

SOURCES = tuple(
    Kind(GIT_REPOSITORY.api_version, kind)
    for kind in ("GitRepository", "OCIRepository", "HelmRepository", "Bucket")
)
KINDS = (*SOURCES, KUSTOMIZATION, Kind("helm.toolkit.fluxcd.io/v2", "HelmRelease"))


class Config(RuleConfig):
    """How often."""

    least: Duration = timedelta(minutes=1)
    """Shortest interval; Flux's own advice."""

    most: Duration = timedelta(hours=1)
    """Longest interval, and so the longest that drift may stay."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """`spec.interval` is there and within bounds."""
    place = resource["spec"]["interval"]
    interval = duration_of(place)
    bounds = f"{format_duration(config.least)} to {format_duration(config.most)}"
    if place.missing:
        if resource["spec"]["type"].text() != "oci":
            yield place.finding(f"not set; write {bounds}")
    elif place.text() is not None and interval is None:
        yield place.finding(f"{place} is not a duration; write {bounds}")
    elif interval is not None and not config.least <= interval <= config.most:
        yield place.finding(f"{place} is not allowed; write {bounds}")


def admission(config: Config) -> Iterator[Check]:
    """The same for the API server."""
    least, most = format_duration(config.least), format_duration(config.most)
    yield Check(
        kinds=KINDS,
        validations=(
            Validation(
                "!has(object.spec.interval)"
                f" || (duration(object.spec.interval) >= duration('{least}')"
                f" && duration(object.spec.interval) <= duration('{most}'))",
                f"spec.interval must be {least} to {most}",
            ),
        ),
    )


RULE = ResourceRule(
    id="flux-interval",
    severity=MEDIUM,
    summary="The interval of every Flux object is within bounds.",
    reason="Too short hammers the Git server and the API server; too long leaves what somebody "
    "changed by hand in place for hours.",
    fix="Write a spec.interval within the bounds, such as 5m0s.",
    kinds=KINDS,
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: brisa-infrastructure, namespace: flux-system}
spec: {interval: 5m0s, url: "https://example.com/r.git", ref: {branch: main}}
""",
)
