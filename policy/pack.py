"""The rules as policies of the Pulumi engine, with the limits that the stack itself says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pulumi.runtime import config as engine
from pulumi_policy import (
    Policy,
    PolicyConfigSchema,
    PolicyProviderResource,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pydantic import ValidationError

from policy.config import RuleConfig, problems, schema
from policy.links import PAGES
from policy.resources import Resource, Stack
from policy.rule import AnyRule, ResourceRule, StackRule
from policy.rules import all_rules
from policy.stack import limits

NAME = "brisa-platform"


def policies() -> list[Policy]:
    """Every rule, as the engine takes it."""
    return [policy(rule) for rule in all_rules()]


def policy(rule: AnyRule) -> Policy:
    """One rule, as the engine takes it."""
    shared: dict[str, Any] = {
        "name": rule.id,
        "description": f"{rule.summary} {rule.reason}",
        "enforcement_level": rule.level,
        "config_schema": PolicyConfigSchema(schema(rule.config)),
        "severity": rule.severity,
        "tags": [rule.family],
        "remediation_steps": rule.fix,
        "url": f"{PAGES}/{rule.id}.md",
    }
    if isinstance(rule, ResourceRule):
        return ResourceValidationPolicy(validate=_resource_check(rule), **shared)
    return StackValidationPolicy(validate=_stack_check(rule), **shared)


def _resource_check(rule: ResourceRule[Any]) -> Any:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        config = _configured(rule, args.get_config(), report)
        resource = _resource(args, datetime.now(UTC))
        if config is None:
            return
        for finding in rule.findings(resource, config):
            report(str(finding), None)
        # Last, so that what is known has been reported: the engine then says that the rule could
        # not judge everything yet. At `up` the value is known and the rule runs again.
        if resource.notes.unknown:
            raise resource.notes.unknown

    return validate


def _stack_check(rule: StackRule[Any]) -> Any:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        config = _configured(rule, args.get_config(), report)
        moment = datetime.now(UTC)
        stack = Stack(tuple(_resource(resource, moment) for resource in args.resources), moment)
        if config is None:
            return
        for finding in rule.findings(stack, config):
            report(str(finding), finding.urn)
        for resource in stack.resources:
            if resource.notes.unknown:
                raise resource.notes.unknown

    return validate


@cache
def _derived(values: tuple[tuple[str, str], ...]) -> dict[str, dict[str, Any]]:
    """The limits that follow from the configuration, which the engine tells a pack at its start."""
    return limits(dict(values))


def _configured(
    rule: AnyRule, given: Mapping[str, Any], report: ReportViolation
) -> RuleConfig | None:
    try:
        derived = _derived(tuple(engine.CONFIG.get().items())).get(rule.id, {})
        configured: RuleConfig = rule.config.model_validate({**derived, **given})
    except ValidationError as error:
        report(f"the configuration of {rule.id} is wrong: {'; '.join(problems(error))}", None)
        return None
    return configured


def _resource(given: ResourceValidationArgs | PolicyResource, moment: datetime) -> Resource:
    provider: PolicyProviderResource | None = given.provider
    return Resource(
        type=given.resource_type,
        name=given.name,
        urn=given.urn,
        props=given.props,
        moment=moment,
        provider=provider.name if provider else None,
    )
