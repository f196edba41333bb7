"""The configuration that a rule takes: typed, described, with safe defaults.

A rule's own model adds its limits. The engine gets the model as JSON schema, the documentation
page as a table; `policy.stack` says which values hold for a stack.
"""

from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from policy.resources import Resource
from vocabulary.timing.duration import format_duration, parse_duration


def _duration(value: object) -> timedelta:
    return value if isinstance(value, timedelta) else parse_duration(str(value))


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(format_duration),
    WithJsonSchema({"type": "string"}),
]
"""A Go duration such as `5m0s`."""


class Model(BaseModel):
    """A closed, immutable part of a rule's configuration; camelCase in JSON."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class Exemption(Model):
    """One resource that may break the rule for a while."""

    resource: str = Field(min_length=1)
    """`Kind/namespace/name`, or `Kind/name` for what has no namespace."""

    until: date
    """Last day on which it may, `YYYY-MM-DD`."""

    reason: str = Field(min_length=1)
    """Why, for those who review it."""


class RuleConfig(Model):
    """What every rule can be told."""

    exempt: tuple[Exemption, ...] = ()
    """Resources that may break the rule until a date: `resource`, `until`, `reason`."""

    def exempts(self, resource: Resource) -> bool:
        """Whether a resource is let off today."""
        today = resource.moment.date()
        return any(e.resource == resource.reference and today <= e.until for e in self.exempt)


class Unexempted(RuleConfig):
    """The configuration of a rule that nothing may be exempt from."""

    exempt: tuple[Exemption, ...] = Field((), max_length=0)
    """Nothing may break this rule."""


def schema(config: type[RuleConfig]) -> dict[str, dict[str, Any]]:
    """The JSON schema of each configuration property, without references between them."""
    whole = config.model_json_schema(by_alias=True)
    properties: dict[str, dict[str, Any]] = _inline(whole["properties"], whole.get("$defs", {}))
    return properties


def _inline(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(definitions[node["$ref"].rpartition("/")[2]], definitions)
    # The engine would fill in defaults, as pydantic writes them: the rules have their own.
    return {
        key: _inline(item, definitions)
        for key, item in node.items()
        if key not in {"title", "default"}
    }


def problems(error: ValidationError) -> list[str]:
    """What is wrong with a configuration, one line each: path, what is wrong, and the value."""
    return [
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']} "
        f"(it says {problem['input']!r})"
        for problem in error.errors()
    ]
