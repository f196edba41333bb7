"""The promotion gate before the engine is asked: the checkout's release, held against its papers.

The policy holds them again in every preview and `up`; here one learns within seconds what it says.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from ops.delivery.rendering.stacks import configuration, registered
from ops.errors import EngineError, UsageError
from policy.errors import PolicyConfigError
from policy.stack import stack_configuration
from policy.terms import terms
from vocabulary.kinds import CONFIG_MAP
from vocabulary.labels import RECORD
from vocabulary.promotion.checkout import papers
from vocabulary.promotion.errors import PaperError
from vocabulary.promotion.gate import Objection, judge
from vocabulary.promotion.history import previous
from vocabulary.promotion.papers import Model, Override, Verdict
from vocabulary.promotion.release import NAME, Release


class GateReport(Model):
    """What the gate says."""

    version: Literal[1] = 1
    """Version of this form."""

    stack: str
    """Name of the stack."""

    environment: str
    """Which environment that is."""

    commit: str
    """What would be released."""

    tree: str
    """Its content."""

    open: bool
    """Whether the release passes."""

    by: Literal["verdict", "override", "nothing"]
    """What lets it pass."""

    verdict: Verdict | None = None
    """The verdict, if it is to be believed."""

    override: Override | None = None
    """The override, if it holds."""

    refusals: tuple[Objection, ...] = ()
    """What speaks against it; with an override, what that overrides."""


def hold(stack: str, *, last: dict[str, Any] | None, now: datetime) -> GateReport:
    """Hold the checkout's release of a stack against the papers that lie in it.

    `last` is the stack's output `release` of its last `up`.

    Raises:
        UsageError: when the stack asks for no papers, or its program or papers cannot be read.
    """
    try:
        release = _release(stack)
        agreed = terms(stack_configuration(stack, configuration(stack)[0]))
        found = papers()
        if release.gate == "off":
            raise UsageError(f"{stack} says promotion: off; `make deploy STACK={stack}` is enough")
        if agreed is None:
            raise UsageError(f"{stack} asks for no verdict; `make deploy STACK={stack}` is enough")
        before = previous(last, found)
    except (PaperError, PolicyConfigError) as error:
        raise UsageError(str(error)) from None
    shown = replace(found, previous=before.model_dump_json() if before else None)
    said = judge(shown, release, agreed, now)
    by: Literal["verdict", "override"] = "override" if said.objections else "verdict"
    return GateReport(
        stack=stack,
        environment=release.environment,
        commit=release.commit,
        tree=release.tree,
        open=said.passes,
        by=by if said.passes else "nothing",
        verdict=said.verdict,
        override=said.override,
        refusals=said.objections,
    )


def _release(stack: str) -> Release:
    try:
        found = registered(stack)
    except Exception as error:  # whatever the program raises
        raise EngineError(f"the program of {stack} cannot be run: {error}") from error
    for each in found.values():
        labels = each.inputs.get("metadata", {}).get("labels") or {}
        if each.type == CONFIG_MAP.token and labels.get(RECORD) == NAME:
            return Release.from_data(each.inputs["data"])
    raise EngineError(f"the program of {stack} registers no record of its release")
