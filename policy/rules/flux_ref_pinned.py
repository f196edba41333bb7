"""A source follows the branch or tag that belongs to its environment."""

import re
from collections.abc import Iterator

from policy.cel import Check, Validation, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import GIT_REPOSITORY, OCI_REPOSITORY

REFERENCES = ("branch", "tag", "semver", "name", "commit", "digest")
ANY_VERSION = r"^\s*([*xX]|latest|>=?\s*[^<,\s]*)\s*$"
"""Tags and ranges that are whatever is newest."""

ANYBODYS = r"^refs/(pull|merge-requests)/"
"""References that whoever proposes a change writes."""


class Config(RuleConfig):
    """What may be followed."""

    branches: tuple[str, ...] = ()
    """Git branches that this environment may follow; empty allows any branch."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """A reference is named; a branch is one of the environment's; a version is bounded."""
    reference = resource["spec"]["ref"]
    if reference.unknown:
        return
    if all(reference[name].missing for name in REFERENCES):
        default = "latest" if resource.is_a(OCI_REPOSITORY) else "master"
        yield reference.finding(
            f"none is named, which means {default}; write branch, tag or digest"
        )
    branch = reference["branch"].text()
    if branch is not None and config.branches and branch not in config.branches:
        yield reference["branch"].finding(
            f"{branch} is not a branch of this environment; use {' or '.join(config.branches)}"
        )
    for name in ("tag", "semver"):
        yield from _bounded(reference[name])
    if re.search(ANYBODYS, reference["name"].text() or ""):
        yield reference["name"].finding("anybody can open a pull request; follow a branch")


def admission(_: Config) -> Iterator[Check]:
    """For the API server: a reference is named, and is not whatever comes."""
    for kind, names in (
        (GIT_REPOSITORY, ("branch", "tag", "semver", "name", "commit")),
        (OCI_REPOSITORY, ("tag", "semver", "digest")),
    ):
        named = " || ".join(f"has(object.spec.ref.{name})" for name in names)
        foreign = "object.spec.ref.name" if kind is GIT_REPOSITORY else ""
        yield Check(
            name=kind.kind.lower(),
            kinds=(kind,),
            validations=(
                Validation(
                    f"has(object.spec.ref) && ({named})",
                    f"spec.ref must name one of {', '.join(names)}",
                ),
                Validation(
                    "!has(object.spec.ref) || !has(object.spec.ref.semver)"
                    f" || !object.spec.ref.semver.matches({quoted(ANY_VERSION)})",
                    "spec.ref.semver must be a bounded range",
                ),
                *(
                    [
                        Validation(
                            f"!has(object.spec.ref) || !has({foreign})"
                            f" || !{foreign}.matches({quoted(ANYBODYS)})",
                            "spec.ref.name must not be a pull request's, which anybody can open",
                        )
                    ]
                    if foreign
                    else []
                ),
            ),
        )


def _bounded(place: Field) -> Iterator[Finding]:
    if re.search(ANY_VERSION, place.text() or ""):
        yield place.finding(f"{place} takes whatever comes; write a version or a bounded range")


RULE = ResourceRule(
    id="flux-ref-pinned",
    severity=HIGH,
    summary="Every Git and OCI source names the branch, tag or digest of its environment.",
    reason="A source that follows another environment's branch, or anything that is ever tagged, "
    "deploys what nobody promoted.",
    fix="Set spec.ref: the environment's branch, a tag, a bounded semver range or a digest.",
    kinds=(GIT_REPOSITORY, OCI_REPOSITORY),
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
