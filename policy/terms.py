"""On which terms a stack lets a release in, for whoever is no rule: the program, `delivery`."""

from collections.abc import Mapping
from typing import Any

from pulumi_policy import EnforcementLevel

from policy.enforcement import enforcements
from policy.promotion import PRODUCTION
from policy.rules.platform_promotion_verdict import RULE, Config
from vocabulary.promotion.gate import Terms


def terms(given: Mapping[str, Any]) -> Terms | None:
    """The terms of a stack's policy configuration; None where its environment asks for no papers.

    Raises:
        PolicyConfigError: when the configuration is wrong.
    """
    (found,) = [each for each in enforcements(given) if each.rule is RULE]
    config = found.config
    if not isinstance(config, Config) or config.environment != PRODUCTION:
        return None
    return config.terms() if found.level is EnforcementLevel.MANDATORY else None
