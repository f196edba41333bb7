"""What a stack's policy configuration says about each rule.

The engine reads the same file by itself (`--policy-pack-config`). It is read here too, because the
cluster's admission policies follow it, and because the engine lets a misspelt name pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_policy import EnforcementLevel
from pydantic import ValidationError

from policy.config import RuleConfig, problems
from policy.errors import PolicyConfigError
from policy.rule import AnyRule
from policy.rules import all_rules

ALL = "all"
LEVEL = "enforcementLevel"


@dataclass(frozen=True)
class Enforcement:
    """A rule as one stack enforces it."""

    rule: AnyRule
    """The rule."""

    level: EnforcementLevel
    """What a finding does."""

    config: RuleConfig
    """The rule's limits."""


def enforcements(given: Mapping[str, Any]) -> list[Enforcement]:
    """Read a policy configuration.

    Raises:
        PolicyConfigError: with every problem, one a line.
    """
    rules = {rule.id: rule for rule in all_rules()}
    wrong = [
        f"{name}: there is no such rule; the rules are listed in docs/policies/index.md"
        for name in given
        if name not in {*rules, ALL}
    ]
    found = []
    for rule in rules.values():
        entry = given.get(rule.id, {})
        settings = {LEVEL: entry} if isinstance(entry, str) else dict(entry)
        level = settings.pop(LEVEL, given.get(ALL, rule.level.value))
        try:
            config = rule.config.model_validate(settings)
            found.append(Enforcement(rule, EnforcementLevel(level), config))
        except ValidationError as error:
            wrong += [f"{rule.id}.{problem}" for problem in problems(error)]
        except ValueError:
            levels = ", ".join(level.value for level in EnforcementLevel)
            wrong.append(f"{rule.id}.{LEVEL}: {level!r} is not allowed; use one of {levels}")
    if wrong:
        raise PolicyConfigError("\n".join(wrong))
    return found
