"""The same admission checks on faults, whether they stand alone or in a Schedule or Workflow.

A fault that Chaos Mesh creates is judged when it is created. Judging the Schedule too tells whoever
writes one at once, and not at two in the morning.
"""

from collections.abc import Callable, Iterator

from policy.cel import Check, Validation
from vocabulary.kinds import CHAOS_EXPERIMENTS, SCHEDULE, WORKFLOW, Kind

Expressions = Callable[[str], tuple[Validation, ...]]
"""From the place of a fault's specification, such as `object.spec`, to what must hold there."""

FROM_STEP = (
    "(has(object.metadata.ownerReferences)"
    " && object.metadata.ownerReferences.exists(o, o.kind == 'WorkflowNode'))"
)
"""Whether Chaos Mesh created it as a step of a workflow. It copies what the step says, and neither
duration nor labels. An owner that somebody made up does not help: the object is deleted at once."""


def everywhere(expressions: Expressions, kinds: tuple[Kind, ...]) -> Iterator[Check]:
    """Check faults that stand alone, are scheduled, or are steps of a workflow."""
    keys = [CHAOS_EXPERIMENTS[kind.kind] for kind in kinds]
    yield Check(kinds=kinds, validations=expressions("object.spec"))
    yield from scheduled(expressions, kinds)
    yield _check(WORKFLOW, [(_in_steps("object.spec", key, expressions)) for key in keys])


def scheduled(
    expressions: Expressions, kinds: tuple[Kind, ...], *, in_steps: bool = True
) -> Iterator[Check]:
    """Check faults in a Schedule, and unless told otherwise those in its workflow."""
    found = []
    for kind in kinds:
        key = CHAOS_EXPERIMENTS[kind.kind]
        place = f"object.spec.{key}"
        found.append([_guarded(v, f"!has({place})") for v in expressions(place)])
        if in_steps:
            steps = _in_steps("object.spec.workflow", key, expressions)
            found.append([_guarded(v, "!has(object.spec.workflow)") for v in steps])
    yield _check(SCHEDULE, found)


def _in_steps(workflow: str, key: str, expressions: Expressions) -> list[Validation]:
    return [
        Validation(
            f"{workflow}.templates.all(t, !has(t.{key}) || ({validation.expression}))",
            validation.message,
        )
        for validation in expressions(f"t.{key}")
    ]


def _guarded(validation: Validation, unless: str) -> Validation:
    return Validation(f"({unless} || ({validation.expression}))", validation.message)


def _check(kind: Kind, found: list[list[Validation]]) -> Check:
    """One validation for each thing that must hold, over all the places at once."""
    joined = tuple(
        Validation(" && ".join(v.expression for v in same), same[0].message)
        for same in zip(*found, strict=True)
    )
    return Check(name=f"{kind.kind.lower()}s", kinds=(kind,), validations=joined)
