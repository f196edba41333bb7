"""The papers of a promotion: the verdict, and the override that stands in for one.

Only their form; whether they are to be believed is `promotion.seal`'s concern, and whether they
let a release pass `promotion.gate`'s.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from promotion.errors import PaperError

Hash = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""SHA-256 of something, in hexadecimal."""

Commit = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})(-dirty)?$")]
"""A Git commit; `-dirty` when the checkout had changes that no commit has."""


class Model(BaseModel):
    """A closed, immutable part of a paper; camelCase in JSON."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class Flux(Model):
    """Whether Flux had applied what Git says."""

    ready: bool
    """Every Kustomization and HelmRelease was ready, at its source's last revision, unsuspended."""

    revisions: dict[str, str] = {}
    """`namespace/name` of each Kustomization -> the revision it had applied."""

    problems: tuple[str, ...] = ()
    """What was not ready, and why."""


class Chaos(Model):
    """How the last experiment ended."""

    result: Literal["passed", "failed", "none"]
    """`none` when no run has ended yet, or nobody has judged it: said, never guessed."""

    run: str = ""
    """Namespace and name of the run."""

    finished: AwareDatetime | None = None
    """When it ended."""

    reason: str = ""
    """What the result rests on."""


class Detector(Model):
    """How well the detector sees known faults."""

    grade: float | None = Field(None, ge=0, le=1)
    """From 0 to 1; null when it has not been graded: said, never guessed."""

    reason: str = ""
    """Where the grade comes from, or why there is none."""


class Alerts(Model):
    """What Prometheus had to say."""

    watched: int = Field(ge=0)
    """Critical alert rules that are loaded; without any, silence means nothing."""

    firing: tuple[str, ...] = ()
    """Names of the critical alerts that were firing."""


class Verdict(Model):
    """What an environment says of the release that it runs."""

    version: Literal[1] = 1
    """Version of this form."""

    environment: str
    """Where it was tried."""

    commit: Commit
    """What was tried."""

    configuration: dict[str, Hash]
    """Area -> hash of what is promoted of its configuration."""

    images: dict[str, Hash]
    """Image -> digest, of those that the configuration pins."""

    flux: Flux
    """GitOps."""

    chaos: Chaos
    """Experiments."""

    detector: Detector
    """Anomaly detection."""

    alerts: Alerts
    """Critical alerts."""

    at: AwareDatetime
    """When it was given."""

    expires: AwareDatetime
    """From when on it counts no more."""


class Override(Model):
    """A release that somebody lets pass without a verdict, and answers for."""

    commit: Commit
    """The only commit that it lets pass."""

    reason: str = Field(min_length=10, max_length=500)
    """Why, for those who review it; a sentence."""

    by: str = Field(min_length=1, max_length=100)
    """Who answers for it."""

    until: AwareDatetime
    """From when on it counts no more."""


class Promoted(Model):
    """The last verdict that has let a release pass."""

    commit: Commit
    """What it was about."""

    at: AwareDatetime
    """When it was given."""


Paper = TypeVar("Paper", bound=Model)


def read(paper: type[Paper], text: str) -> Paper:
    """Read a paper.

    Raises:
        PaperError: when it is not of its form.
    """
    try:
        return paper.model_validate_json(text)
    except ValidationError as error:
        raise PaperError(
            f"the {paper.__name__.lower()} cannot be read: {first_problem(error)}"
        ) from None


def written(moment: datetime) -> str:
    """A moment as people and machines read it, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def first_problem(error: ValidationError) -> str:
    """The first thing that is wrong, with its place."""
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in problem["loc"])
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])
