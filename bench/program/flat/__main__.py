"""The same resources as the program's, from a list: no components, no settings, no checks.

What somebody would write who knows every object beforehand. It uses the classes of the Kubernetes
SDK, as any program would.
"""

import json
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes
from pulumi_kubernetes.apiextensions import CustomResource

TOKEN = re.compile(r"kubernetes:(?P<group>[^/]+)/(?P<version>[^:]+):(?P<kind>\w+)")
BUILT_IN_DOMAINS = ("", "k8s.io", "authorization.k8s.io", "sh")
"""What follows the first part of a group that the SDK has classes for."""
ENGINES_OWN = ("version", "__internal")
"""Settings of a provider that the engine adds by itself."""


def construct(
    token: str, name: str, inputs: Mapping[str, Any], options: pulumi.ResourceOptions
) -> pulumi.Resource:
    """Make an object with the SDK's class for its kind."""
    if token == "pulumi:providers:kubernetes":
        settings = {key: switch(value) for key, value in inputs.items() if key not in ENGINES_OWN}
        return pulumi_kubernetes.Provider(name, **snake_case(settings), opts=options)
    parts = TOKEN.fullmatch(token)
    if parts is None:
        raise ValueError(f"{token} is not a Kubernetes type")
    group, _, domain = parts["group"].partition(".")
    if domain not in BUILT_IN_DOMAINS:
        return CustomResource(name, **snake_case(inputs), opts=options)
    module = import_module(f"pulumi_kubernetes.{group}.{parts['version']}")
    made: pulumi.Resource = getattr(module, parts["kind"])(name, **snake_case(inputs), opts=options)
    return made


def switch(value: Any) -> Any:
    """Read a yes or no, which providers get as text."""
    return value == "true" if value in ("true", "false") else value


def snake_case(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Spell the outermost keys as the SDK's keyword arguments are spelt."""
    return {re.sub("([A-Z])", r"_\1", key).lower(): value for key, value in inputs.items()}


def register(recorded: list[dict[str, Any]]) -> None:
    """Register everything in the order it was recorded in."""
    made: dict[str, pulumi.Resource] = {}
    for each in recorded:
        provider = made.get(each["provider"])
        options = pulumi.ResourceOptions(
            provider=provider if isinstance(provider, pulumi.ProviderResource) else None,
            depends_on=[made[urn] for urn in each["dependencies"]],
        )
        made[each["urn"]] = construct(each["type"], each["name"], each["inputs"], options)


if __name__ == "__main__":
    path = pulumi.Config().require("resources")
    register(json.loads(Path(path).read_text(encoding="utf-8")))
