"""What a checkout would deploy: its objects, without secrets, and what the policies say to them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pulumi
from pydantic import Field

from ops.delivery.policies import GATE
from ops.delivery.preview.events import cleaned
from ops.delivery.preview.objects import kind_of, name_of
from ops.delivery.preview.redaction import HIDDEN, redacted
from ops.delivery.preview.report import Diagnostic, Finding, Stack
from ops.delivery.rendering.recording import Registered
from ops.delivery.rendering.stacks import Given, configuration, registered
from ops.files import read_document
from policy.enforcement import Enforcement, enforcements
from policy.errors import PolicyConfigError
from policy.resources import Resource
from policy.resources import Stack as Resources
from policy.rule import ResourceRule
from policy.stack import stack_configuration
from vocabulary.promotion.papers import Model


class Rendered(Model):
    """One object."""

    type: str
    """Pulumi type."""

    inputs: dict[str, Any]
    """The object, redacted."""


class Rendering(Model):
    """A stack of a checkout."""

    version: Literal[1] = 1
    """Version of this form."""

    stack: Stack
    """Name of the stack."""

    objects: dict[str, Rendered] = Field(default_factory=dict)
    """URN -> object."""

    findings: tuple[Finding, ...] = ()
    """What the policies say."""

    diagnostics: tuple[Diagnostic, ...] = ()
    """Why there is nothing, if there is nothing."""


def render(stack: str, given: Given | None = None) -> Rendering:
    """Run the program for a stack, and the policies over what it registers.

    Raises:
        UsageError: when there is no such stack.
    """
    values = given or configuration(stack)
    try:
        found = registered(stack, values)
        rules = enforcements(stack_configuration(stack, values[0]))
        findings = tuple(_findings(found, rules))
    except (pulumi.RunError, PolicyConfigError) as error:
        said = Diagnostic(severity="error", message=cleaned(str(error)))
        return Rendering(stack=stack, diagnostics=(said,))
    return Rendering(
        stack=stack,
        objects={
            urn: Rendered(type=each.type, inputs=_safe(each))
            for urn, each in found.items()
            if each.type.startswith("kubernetes:")
        },
        findings=findings,
    )


def read(path: Path) -> Rendering:
    """Read a rendering.

    Raises:
        UsageError: when it is missing or of another form.
    """
    return read_document(path, Rendering, "rendering of `python -m ops render`")


def broken(enforcement: Enforcement, found: Mapping[str, Registered]) -> Iterator[tuple[str, str]]:
    """URN and message of every place where the objects of a stack break a rule."""
    moment = datetime.now(UTC)
    resources = tuple(
        Resource(each.type, each.name, each.urn, each.inputs, moment) for each in found.values()
    )
    rule, config = enforcement.rule, enforcement.config
    if isinstance(rule, ResourceRule):
        said = [one for each in resources for one in rule.findings(each, config)]
    else:
        said = rule.findings(Resources(resources, moment), config)
    return ((one.urn, str(one)) for one in said)


def _findings(found: Mapping[str, Registered], rules: Iterable[Enforcement]) -> Iterator[Finding]:
    for enforcement in rules:
        level = enforcement.level.value
        if level == "disabled" or enforcement.rule.id == GATE:
            continue
        for urn, message in broken(enforcement, found):
            each = found.get(urn)
            subject = f"{kind_of(each.type)} {name_of(urn, each.inputs)}" if each else urn
            yield Finding(
                rule=enforcement.rule.id,
                mandatory=level == "mandatory",
                subject=subject,
                message=cleaned(message),
            )


def _safe(each: Registered) -> dict[str, Any]:
    hidden = {key: HIDDEN for key in each.secrets if key in each.inputs}
    safe: dict[str, Any] = redacted({**each.inputs, **hidden})
    return safe
