"""The stacks of this repository break none of the rules that hold for them."""

from datetime import UTC, datetime

import pytest

from policy.config import FILES, stack_configuration
from policy.enforcement import Enforcement, enforcements
from policy.findings import Finding
from policy.resources import Resource, Stack
from policy.rule import ResourceRule
from tests.policy.views import proxied
from tests.program.stacks import run
from tests.recording import Graph


def findings(enforcement: Enforcement, graph: Graph) -> list[Finding]:
    """What a rule says about everything that a stack registers."""
    moment = datetime.now(UTC)
    resources = tuple(
        Resource(item.type, item.name, item.urn, proxied(item.inputs), moment) for item in graph
    )
    if isinstance(enforcement.rule, ResourceRule):
        return [f for r in resources for f in enforcement.rule.findings(r, enforcement.config)]
    return enforcement.rule.findings(Stack(resources, moment), enforcement.config)


@pytest.mark.parametrize("environment", FILES)
def test_a_stack_breaks_no_rule(environment):
    graph = run(FILES[environment])
    broken = [
        f"{enforcement.rule.id}: {finding.urn}: {finding}"
        for enforcement in enforcements(stack_configuration(environment))
        if enforcement.level.value == "mandatory"
        for finding in findings(enforcement, graph)
    ]
    assert broken == []
