"""The papers of a promotion: the verdict, and the override that stands in for one.

Only their form; whether they are to be believed is `vocabulary.promotion.seal`'s concern, and
whether they let a release pass `vocabulary.promotion.gate`'s.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from vocabulary.promotion.errors import PaperError

Tree = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
"""A tree of Git: the content of a whole checkout, whichever commit has it."""

Commit = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})(-dirty)?$")]
"""A Git commit; `-dirty` when the checkout had changes that no commit has."""

Check = Literal["flux", "chaos", "detector", "alerts"]
CHECKS: tuple[Check, ...] = get_args(Check)
"""What an environment is asked for a verdict."""


class Model(BaseModel):
    """A closed, immutable part of a paper; camelCase in JSON."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class Result(Model):
    """What came of one check."""

    result: Literal["passed", "failed", "none"]
    """`none` when it was not asked for or nobody has judged it: said, never guessed."""

    reason: str = Field("", max_length=2_000)
    """What the result rests on, or why there is none."""

    score: float | None = Field(None, ge=0, le=1)
    """Of the detector: its F1 over known faults; null when it has not been graded."""

    revisions: dict[str, str] = {}
    """Of Flux: `namespace/name` of each Kustomization -> the revision that it had applied."""


class Verdict(Model):
    """What an environment says of the release that it runs."""

    version: Literal[2] = 2
    """Version of this form."""

    environment: str
    """Where it was tried."""

    tree: Tree
    """What was tried: the content of the repository, stack files included."""

    commit: Commit
    """The commit that had it there; another may have it where it goes."""

    checks: Mapping[Check, Result]
    """What was seen; a check that is left out was not asked for."""

    at: AwareDatetime
    """When it was given."""

    expires: AwareDatetime
    """From when on it counts no more."""


def _person(name: str) -> str:
    if _NOBODY.fullmatch(name) or not _PERSON.fullmatch(name):
        raise ValueError(f"{name!r} is no person; give a mail address or an account's name")
    return name


_PERSON = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+|[A-Za-z0-9][A-Za-z0-9-]{1,38}")
_NOBODY = re.compile(
    r"(?i)(root|runner|admin(istrator)?|user|ubuntu|ci|bot|nobody|anonymous|github-actions|jenkins"
    r"|renovate|dependabot|no-?reply|(svc|service|system)[-_.].*|.*([-_.](bot|ci)|\[bot\]))(@.*)?"
)


class Override(Model):
    """A release that somebody lets pass without a verdict, and answers for."""

    tree: Tree
    """The only content that it lets pass."""

    reason: str = Field(min_length=10, max_length=500)
    """Why, for those who review it; a sentence."""

    by: Annotated[str, StringConstraints(max_length=100), AfterValidator(_person)]
    """The person who answers for it."""

    at: AwareDatetime
    """When it was given."""

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
        raise PaperError(f"the {named(paper)} cannot be read: {first_problem(error)}") from None


def named(paper: type[Model]) -> str:
    """What a paper is called."""
    return paper.__name__.lower()


def written(moment: datetime) -> str:
    """A moment as people and machines read it, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def first_problem(error: ValidationError) -> str:
    """The first thing that is wrong, with its place."""
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in problem["loc"])
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])
