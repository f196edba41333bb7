"""The policy configuration of a stack: what its own file says of limits, and `policy/<stack>.json`.

A limit that follows from the stack's configuration is taken from there, so that nobody types it
twice; what the policy file says goes over it. The pack derives the same limits by itself from what
the engine tells it, so that the engine is given the file as it is.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from policy.errors import PolicyConfigError

FOLDER = Path(__file__).parent
PROJECT = "brisa-platform"
DATE = len("YYYY-MM-DD")
"""The engine writes a date of YAML with a time behind it."""

FROM_STACK: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    # area, key in it, and the rules' limits that it is: rule and its key
    (
        "environment",
        (),
        (
            ("chaos-environment-lock", "environment"),
            ("platform-promotion-verdict", "environment"),
            ("platform-release-record", "environment"),
        ),
    ),
    (
        "services",
        (),
        (
            ("chaos-opt-in", "services"),
            ("chaos-blast-radius", "replicas"),
            ("mesh-mtls-strict", "plainText"),
            ("mesh-no-posing", "accounts"),
            ("mesh-proxies-kept", "catalogue"),
            ("pods-behind-proxy", "accounts"),
        ),
    ),
    ("gitops", ("namespace",), (("flux-stays-inside", "flux"),)),
    ("gitops", ("branch",), (("flux-ref-pinned", "branches"),)),
    (
        "mesh",
        ("namespace",),
        (
            ("mesh-client-tls", "rootNamespace"),
            ("mesh-default-deny", "rootNamespace"),
            ("mesh-mtls-present", "rootNamespace"),
        ),
    ),
    ("chaos", ("namespace",), (("chaos-only-schedules", "controllers"),)),
    ("chaos", ("window", "days"), (("chaos-window", "days"),)),
    ("chaos", ("window", "opens"), (("chaos-window", "opens"),)),
    ("chaos", ("window", "closes"), (("chaos-window", "closes"),)),
    ("chaos", ("window", "timezone"), (("chaos-window", "timezone"),)),
    ("chaos", ("freezes",), (("chaos-window", "freezes"),)),
    (
        "chaos",
        ("lookaheadWeeks",),
        (("chaos-no-overlap", "weeks"), ("chaos-rest-gap", "weeks"), ("chaos-window", "weeks")),
    ),
)
"""What a stack file says that rules have to know."""

REPLICAS = 2
"""Pods of a service whose entry does not say how many."""


def _services(text: str) -> list[Mapping[str, Any]]:
    """The catalogue's services; a KeyError where one has no name or no namespace."""
    return [{**each, "id": f"{each['namespace']}/{each['name']}"} for each in json.loads(text)]


_AS_LIMIT: Mapping[str, Callable[[Any], Any]] = {
    "catalogue": lambda text: sorted({each["namespace"] for each in _services(text)}),
    "accounts": lambda text: {
        each["id"]: each.get("serviceAccount") or each["name"] for each in _services(text)
    },
    "branches": lambda branch: [branch],
    "plainText": lambda text: [
        {
            "namespace": each["namespace"],
            "service": each["name"],
            "until": str(opted["until"])[:DATE],
        }
        for each in _services(text)
        if (opted := each.get("plainText"))
    ],
    "controllers": lambda home: [f"system:serviceaccount:{home}:chaos-controller-manager"],
    "services": lambda text: [each["id"] for each in _services(text) if each.get("chaos")],
    "replicas": lambda text: {
        each["name"]: each.get("replicas", REPLICAS) for each in _services(text)
    },
    "freezes": lambda days: [
        {key: str(day[key])[:DATE] for key in ("first", "last")} for day in days
    ],
}
"""Limits that are not written as the stack file writes them."""


def limits(values: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The limits of rules that follow from a stack's configuration.

    What cannot be read is left out: the program says what is wrong with it.

    Args:
        values: Full key -> text, objects as JSON, as the engine hands them over.
    """
    found: dict[str, dict[str, Any]] = {}
    for area, path, rules in FROM_STACK:
        value = _at(values.get(f"{PROJECT}:{area}"), path)
        if value is None:
            continue
        for rule, key in rules:
            try:
                limit = _AS_LIMIT[key](value) if key in _AS_LIMIT else value
            except (AttributeError, KeyError, TypeError, ValueError):
                continue
            found.setdefault(rule, {})[key] = limit
    return found


def _at(text: str | None, path: tuple[str, ...]) -> Any:
    if text is None or not path:
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return None
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def policy_file(stack: str) -> Path | None:
    """`policy/<stack>.json`; None where every rule is as it comes."""
    path = FOLDER / f"{stack}.json"
    return path if path.is_file() else None


def stack_configuration(stack: str, values: Mapping[str, str]) -> dict[str, Any]:
    """What holds for a stack: its policy file over what follows from its configuration.

    Args:
        stack: Name of the stack.
        values: Its configuration, as for `limits`.

    Raises:
        PolicyConfigError: when the file is no JSON object.
    """
    path = policy_file(stack)
    return merged(_read(path) if path else {}, values)


def merged(given: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """A policy configuration over what follows from a stack's configuration."""
    found: dict[str, Any] = dict(given)
    for rule, derived in limits(values).items():
        entry = given.get(rule, {})
        said = {"enforcementLevel": entry} if isinstance(entry, str) else entry
        found[rule] = {**derived, **said}
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise PolicyConfigError(f"policy/{path.name} is no JSON: {error}") from None
    if not isinstance(content, dict):
        raise PolicyConfigError(f"policy/{path.name} must be a JSON object of rules")
    return content
