"""Reading a stack's configuration: the only place that asks the engine for it.

Everything that is wrong is collected over all areas and reported at once, before any resource is
registered.
"""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import Any, Literal, TypeVar, get_args

import pulumi
import pydantic
from pulumi.runtime import config as engine

from settings.anomaly import Anomaly
from settings.calendar import check_chaos
from settings.catalogue import Service
from settings.chaos import Chaos
from settings.checks import check_catalogue, check_gitops
from settings.cluster import Cluster
from settings.gitops import GitOps
from settings.mesh import Mesh
from settings.problems import PROJECT, Path, Problem, SettingsError, from_validation, nearest
from settings.types import Model

Environment = Literal["sandbox", "staging", "production"]
ENVIRONMENTS: tuple[str, ...] = get_args(Environment)
SLACK_TOKEN = "slackToken"
KEYS = ("environment", "cluster", "services", "gitops", "mesh", "chaos", "anomaly", SLACK_TOKEN)

Area = TypeVar("Area", bound=Model)


@dataclass(frozen=True)
class Settings:
    """The whole configuration of a stack."""

    environment: Environment
    """Which kind of stack this is."""

    cluster: Cluster
    """Where it goes."""

    services: tuple[Service, ...]
    """The catalogue."""

    gitops: GitOps
    """Flux."""

    mesh: Mesh
    """Istio."""

    chaos: Chaos
    """Chaos Mesh."""

    anomaly: Anomaly
    """The detector."""

    slack_token: pulumi.Output[str] | None = field(default=None, repr=False)
    """Secret; None when the Secret that holds it is made elsewhere."""

    @property
    def services_by_namespace(self) -> dict[str, list[Service]]:
        """The catalogue by namespace, in the order of declaration."""
        grouped: dict[str, list[Service]] = {}
        for service in self.services:
            grouped.setdefault(service.namespace, []).append(service)
        return grouped


def load() -> Settings:
    """Read and check the configuration of the stack that the engine is running.

    Raises:
        SettingsError: listing everything that is wrong.
    """
    prefix = f"{PROJECT}:"
    values: Mapping[str, str] = engine.CONFIG.get()
    raw = {key.removeprefix(prefix): values[key] for key in values if key.startswith(prefix)}
    secrets = {key for key in raw if engine.is_config_secret(prefix + key)}
    return read(raw, secrets, datetime.now(UTC))


def read(raw: Mapping[str, str], secrets: AbstractSet[str], now: datetime) -> Settings:
    """Check the raw configuration and give it its types.

    Args:
        raw: the stack's values by key, objects and lists as JSON text, as the engine does it.
        secrets: the keys whose values are kept encrypted.
        now: the moment from which experiments are looked ahead.

    Raises:
        SettingsError: listing everything that is wrong.
    """
    problems = [*_unknown_keys(raw), *_misplaced_secrets(raw, secrets)]

    def area(key: str, model: type[Area], default: str | None = None) -> Area | None:
        if key in secrets:  # already reported; its values must not be shown
            return None
        return _area((key,), model, raw.get(key, default), problems)

    environment = raw.get("environment")
    if environment not in ENVIRONMENTS:
        what = "is missing" if environment is None else "is not an environment"
        allowed = f"one of {', '.join(ENVIRONMENTS)}"
        problems.append(Problem(("environment",), what, allowed, environment))
    cluster = area("cluster", Cluster)
    if cluster and cluster.kubeconfig and not FilePath(cluster.kubeconfig).expanduser().is_file():
        path: Path = ("cluster", "kubeconfig")
        allowed = "the path of a kubeconfig, or null for the user's own"
        problems.append(Problem(path, "there is no such file", allowed, cluster.kubeconfig))
    services = None if "services" in secrets else _services(raw.get("services"), problems)
    gitops = area("gitops", GitOps)
    if gitops:
        problems += check_gitops(gitops)
    mesh = area("mesh", Mesh, default="{}")
    chaos = area("chaos", Chaos, default="{}")
    if chaos:
        by_name = None if services is None else {service.name: service for service in services}
        problems += check_chaos(chaos, by_name, now)
    anomaly = area("anomaly", Anomaly)
    if problems:
        raise SettingsError(problems)
    token = pulumi.Output.secret(raw[SLACK_TOKEN]) if SLACK_TOKEN in raw else None
    # Without problems every area has been read.
    areas: dict[str, Any] = {
        "environment": environment,
        "cluster": cluster,
        "services": tuple(services or ()),
        "gitops": gitops,
        "mesh": mesh,
        "chaos": chaos,
        "anomaly": anomaly,
    }
    return Settings(**areas, slack_token=token)


def _unknown_keys(raw: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(
            (key,),
            f"is not a known key{nearest(key, KEYS)}",
            f"one of {', '.join(KEYS)}",
            superfluous=True,
        )
        for key in raw
        if key not in KEYS
    ]


def _misplaced_secrets(raw: Mapping[str, str], secrets: AbstractSet[str]) -> list[Problem]:
    problems = []
    if SLACK_TOKEN in raw and SLACK_TOKEN not in secrets:
        how = f"a secret: pulumi config set --secret {PROJECT}:{SLACK_TOKEN}"
        problems.append(Problem((SLACK_TOKEN,), "is stored in plain text", how))
    problems += [
        Problem(
            (key,), "is kept as a secret", f"secrets only in {SLACK_TOKEN}; this one in the open"
        )
        for key in sorted(secrets & (set(raw) - {SLACK_TOKEN}))
    ]
    return problems


def _area(path: Path, model: type[Area], text: str | None, problems: list[Problem]) -> Area | None:
    """Read one object; what is wrong with it is added to `problems`."""
    if text is None:
        required = [name for name, info in model.model_fields.items() if info.is_required()]
        problems.append(
            Problem(path, "is missing", f"an object with at least {', '.join(required)}")
        )
        return None
    try:
        return model.model_validate_json(text, strict=True, by_name=False, by_alias=True)
    except pydantic.ValidationError as error:
        problems += from_validation(path, model, error)
        return None


def _services(text: str | None, problems: list[Problem]) -> list[Service] | None:
    """Read the catalogue entry by entry, so that one bad entry does not hide the others."""
    entries = _list(text)
    if not entries:
        allowed = "a list of services, each with name, namespace and port"
        what = "is missing" if text is None else "is not a list of services"
        problems.append(Problem(("services",), what, allowed, text))
        return None
    found = [
        (place, _area(("services", place), Service, json.dumps(entry), problems))
        for place, entry in enumerate(entries)
    ]
    readable = [(place, service) for place, service in found if service is not None]
    names = [str(entry.get("name")) for entry in entries if isinstance(entry, dict)]
    problems += check_catalogue(readable, names)
    return [service for _, service in readable] if len(readable) == len(entries) else None


def _list(text: str | None) -> list[Any]:
    try:
        entries = json.loads(text or "[]")
    except ValueError:
        return []
    return entries if isinstance(entries, list) else []
