"""The provider as a resource: are its arguments allowed, and does a change replace everything?"""

import json
import os
from typing import Any

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import kubeconfig, tokens, wire
from sandbox.engine.kubernetes.wire import UNKNOWN, Properties

_CLUSTER_ARGUMENTS = ("kubeconfig", "context", "cluster")


def check(request: pb.CheckRequest) -> pb.CheckResponse:
    """Refuse combinations of arguments that contradict each other."""
    arguments = wire.reveal(wire.decode(request.news))
    failures = _strict_mode_failures(request.urn, arguments) or _render_failures(arguments)
    return pb.CheckResponse(
        inputs=request.news,
        failures=[
            pb.CheckFailure(property=argument, reason=reason) for argument, reason in failures
        ],
    )


def _strict_mode_failures(urn: str, arguments: Properties) -> list[tuple[str, str]]:
    strict = arguments.get("strictMode", _ambient_config().get("strictMode"))
    if strict not in ("true", True) or not tokens.is_provider(urn):
        return []
    failures = []
    if tokens.is_default_provider(urn):
        failures.append(("", "strict mode prohibits default provider"))
    failures += [
        (argument, f'strict mode requires Provider "{argument}" argument')
        for argument in ("kubeconfig", "context")
        if not arguments.get(argument)
    ]
    return failures


def _render_failures(arguments: Properties) -> list[tuple[str, str]]:
    if not _set(arguments.get("renderYamlToDirectory")):
        return []
    ambient = os.environ.get("KUBECONFIG")
    return [
        (argument, f'"{argument}" arg is not compatible with "renderYamlToDirectory" arg')
        for argument in ("cluster", "context", "kubeconfig")
        if _set(arguments.get(argument))
        and not (argument == "kubeconfig" and arguments[argument] == ambient)
    ]


def _set(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value != "")


def _ambient_config() -> dict[str, Any]:
    try:
        config = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")
    except ValueError:
        return {}
    return config if isinstance(config, dict) else {}


def diff(request: pb.DiffRequest) -> pb.DiffResponse:
    """Say which arguments changed, and whether another cluster is meant.

    A cluster identifier, where it stays the same, rules a replacement out; without one, another
    active cluster in the kubeconfig means replacement.
    """
    old, new = wire.reveal(wire.decode(request.olds)), wire.reveal(wire.decode(request.news))
    changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    if not changed:
        return pb.DiffResponse(changes=pb.DiffResponse.DIFF_NONE)
    identifiers = old.get("clusterIdentifier"), new.get("clusterIdentifier")
    replaces = ["clusterIdentifier"] if all(identifiers) and len(set(identifiers)) > 1 else []
    unknown = next((key for key in _CLUSTER_ARGUMENTS if new.get(key) is UNKNOWN), None)
    if unknown:
        changed, replaces = [unknown], [*replaces, unknown]
    else:
        replaces += [key for key in changed if key == "renderYamlToDirectory"]
        if _moved(old, new):
            replaces += [key for key in _CLUSTER_ARGUMENTS if key in changed]
    if identifiers[1] and identifiers[0] == identifiers[1]:
        replaces = []
    return pb.DiffResponse(changes=pb.DiffResponse.DIFF_SOME, diffs=changed, replaces=replaces)


def _moved(old: Properties, new: Properties) -> bool:
    before, after = _active_cluster(old), _active_cluster(new)
    return before is not None and after is not None and before != after


def _active_cluster(arguments: Properties) -> dict[str, Any] | None:
    config = arguments.get("kubeconfig") or ""
    text = config if isinstance(config, str) else json.dumps(config)
    return kubeconfig.parse(text).active_cluster(
        arguments.get("context", ""), arguments.get("cluster", "")
    )
