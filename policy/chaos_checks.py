"""The same admission checks on faults, whether they stand alone or in a Schedule or Workflow.

A fault that Chaos Mesh creates is judged when it is created. Judging the Schedule too tells whoever
writes one at once, and not at two in the morning.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from policy.cel import Check, Reach, Validation, listed, quoted
from policy.experiments import CHAOS, EXPERIMENTS
from vocabulary.kinds import CHAOS_EXPERIMENTS, Kind

Expressions = Callable[[str], Iterable[Validation]]
"""From the place of a fault's specification, such as `f.spec`, to what must hold there."""

FROM_STEP = (
    "(has(object.metadata.ownerReferences)"
    " && object.metadata.ownerReferences.exists(o, o.kind == 'WorkflowNode'))"
)
"""Whether Chaos Mesh created it as a step of a workflow. It copies what the step says, and neither
duration nor labels. An owner that somebody made up does not help: the object is deleted at once."""

_NAMED = (
    "has(s.selector) && ((has(s.selector.namespaces)"
    " && s.selector.namespaces.exists(n, n in variables.catalogue))"
    " || (has(s.selector.pods) && s.selector.pods.exists(n, n in variables.catalogue)))"
)
REACH = Reach(
    f"variables.selections.exists(group, group.exists(s, {_NAMED}))",
    "faults that select pods of the catalogue's namespaces",
)


def everywhere(
    expressions: Expressions,
    kinds: tuple[Kind, ...] = EXPERIMENTS,
    *,
    name: str = "",
    reach: Reach = REACH,
) -> Check:
    """Check faults of some kinds that stand alone, are scheduled, or are steps of a workflow."""
    return _all("faults", "f", expressions("f.spec"), kinds, name=name, reach=reach)


def selected(
    expressions: Expressions, kinds: tuple[Kind, ...], *, name: str = "", reach: Reach = REACH
) -> Check:
    """Check what faults select: the victims, and the other side of a network fault."""
    return _all("selections", "s", expressions("s"), kinds, name=name, reach=reach)


def victims(expressions: Expressions, kinds: tuple[Kind, ...]) -> Check:
    """Check what loses something: not what a network fault only keeps packets from."""
    check = _all("victims", "s", expressions("s"), kinds, name="", reach=REACH)
    theirs = _selections(" && has(f.spec.direction) && f.spec.direction != 'to'")
    return replace(check, variables={**check.variables, "victims": theirs})


def _all(
    groups: str,
    item: str,
    validations: Iterable[Validation],
    kinds: tuple[Kind, ...],
    *,
    name: str,
    reach: Reach,
) -> Check:
    """Check every item of every group that a variable holds."""
    return Check(
        name=name,
        kinds=CHAOS,
        variables=variables(kinds),
        validations=tuple(
            Validation(
                f"variables.{groups}.all(group, group.all({item}, {each.expression}))",
                each.message,
            )
            for each in validations
        ),
        reach=reach,
    )


def variables(kinds: tuple[Kind, ...] = EXPERIMENTS, *, steps: bool = True) -> dict[str, str]:
    """What holds the faults of an object of any kind of Chaos Mesh, in groups.

    `faults` are pairs of `key`, such as `podChaos`, and `spec`; `selections` have a `selector` and
    a `mode`. CEL cannot flatten lists, so both are lists of lists.
    """
    keys = {kind.kind: CHAOS_EXPERIMENTS[kind.kind] for kind in kinds}
    table = ", ".join(f"{quoted(kind)}: {quoted(key)}" for kind, key in keys.items())
    found = {"spec": "dyn(object.spec)"}
    holders = "[variables.spec]"
    if steps:
        found["templates"] = (
            "has(variables.spec.templates) ? variables.spec.templates :"
            " has(variables.spec.workflow) && has(variables.spec.workflow.templates) ?"
            " variables.spec.workflow.templates : dyn([])"
        )
        holders += (
            " + variables.templates.map(t, t)"
            " + variables.templates.filter(t, has(t.schedule)).map(t, t.schedule)"
        )
    return found | {
        "holders": holders,
        "faults": (
            f"variables.holders.map(h, {listed(keys.values())}.filter(k, k in h)"
            ".map(k, {'key': dyn(k), 'spec': h[k]}))"
            f" + [{{{table}}}].filter(names, object.kind in names)"
            ".map(names, [{'key': dyn(names[object.kind]), 'spec': variables.spec}])"
        ),
        "selections": _selections(""),
    }


def _selections(which: str) -> str:
    return (
        "variables.faults.map(group, group.map(f, f.spec)) + variables.faults.map(group,"
        f" group.filter(f, f.key == 'networkChaos' && has(f.spec.target){which})"
        ".map(f, f.spec.target))"
    )
