"""The report of a preview: what would change, what the policies say, what experiments move.

It is a file between two jobs, of which the second trusts nothing of the first: a closed form, with
limits. Values in it are redacted before they get in.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from ops.files import read_document
from ops.stack import NAME
from vocabulary.promotion.papers import Model

MOST_STEPS = 20_000

Operation = Literal["replace", "delete", "update", "create"]
"""In the order of how much it can hurt."""

Source = Literal["engine", "rendered"]


def _up_to(longest: int) -> BeforeValidator:
    """A text of which no more is kept than that, whoever wrote it."""
    return BeforeValidator(lambda text: text[:longest] if isinstance(text, str) else text)


Stack = Annotated[str, StringConstraints(pattern=f"^{NAME}$")]
Line = Annotated[str, _up_to(400)]
Urn = Annotated[str, _up_to(2_000)]
Text = Annotated[str, _up_to(20_000)]
Week = Annotated[str, StringConstraints(max_length=60, pattern=r"^[\w .!]*$")]


class Difference(Model):
    """One place of an object that changes."""

    path: Line
    """Where, such as `spec.interval`."""

    old: Text | None = None
    """What is there, as YAML; None when nothing is."""

    new: Text | None = None
    """What will be there."""


class Step(Model):
    """What happens to one object."""

    operation: Operation
    """What."""

    kind: Line
    """Kind of object."""

    name: Line
    """`namespace/name`, or the Pulumi name of what is no Kubernetes object."""

    urn: Urn
    """Identity in the stack."""

    forced_by: tuple[Line, ...] = ()
    """Of a replacement: the places that cannot be changed otherwise."""

    reason: Line = ""
    """Why, where neither the declaration nor `forced_by` says it: what an earlier `up` left."""

    differences: tuple[Difference, ...] = ()
    """What changes in it; of a new object, what it is."""

    def rank(self) -> tuple[int, str, str]:
        """What hurts most comes first."""
        return get_args(Operation).index(self.operation), self.kind, self.name


class Finding(Model):
    """What a policy says."""

    rule: Line
    """Id of the rule."""

    mandatory: bool
    """Whether it stops the change."""

    subject: Line
    """What it is about."""

    message: Text
    """What is wrong, and what to do."""

    @property
    def level(self) -> str:
        """How strict the policy is, in a word."""
        return "mandatory" if self.mandatory else "advisory"


class Firings(Model):
    """An experiment whose calendar changes."""

    name: Line
    """`namespace/name` of its Schedule."""

    before: tuple[Line, ...] = ()
    """The next times it would have started, or why it would not; empty when it is new."""

    after: tuple[Line, ...] = ()
    """The next times it will; empty when it goes."""


class Diagnostic(Model):
    """What the engine or the program has to say."""

    severity: Literal["error", "warning"]
    """How bad it is."""

    message: Text
    """What."""


class Report(Model):
    """A preview of one stack."""

    version: Literal[1] = 1
    """Version of this form."""

    stack: Stack
    """Name of the stack."""

    source: Source
    """`engine`: against the stack's state and cluster; `rendered`: against the base branch, of
    which nothing but the program's objects is known."""

    succeeded: bool
    """Whether the preview went through."""

    at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    """When it was made."""

    commit: Line = ""
    """What was previewed."""

    seconds: float = Field(0.0, ge=0)
    """How long it took."""

    unchanged: int = Field(0, ge=0)
    """Objects that stay as they are."""

    steps: Annotated[
        tuple[Step, ...], AfterValidator(lambda steps: tuple(sorted(steps, key=Step.rank)))
    ] = Field((), max_length=MOST_STEPS)
    """What changes; what hurts most comes first."""

    findings: Annotated[
        tuple[Finding, ...],
        AfterValidator(lambda some: tuple(sorted(some, key=lambda each: not each.mandatory))),
    ] = ()
    """What the policies say; what stops the change comes first."""

    calendar: tuple[Firings, ...] = ()
    """Experiments whose times change."""

    month: tuple[Week, ...] = Field((), max_length=60)
    """All experiments of the coming weeks as they will be, day by day; empty when none changes."""

    interrupted: tuple[Line, ...] = ()
    """Operations of an earlier `up` of which the engine does not know how they ended."""

    diagnostics: tuple[Diagnostic, ...] = ()
    """Errors and warnings."""

    def of(self, *operations: Operation) -> list[Step]:
        """The steps of some operations."""
        return [step for step in self.steps if step.operation in operations]


def read(path: Path) -> Report:
    """Read a report that another job has written.

    Raises:
        UsageError: when it is missing, too large or of another form.
    """
    return read_document(path, Report, "report of a preview")
