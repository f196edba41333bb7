"""Reading a stack's configuration: the only place that asks the engine for it.

Everything that is wrong is collected over all areas and reported at once, before any resource is
registered.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path as File
from typing import Any, Literal, TypeVar, get_args

import pulumi
import pydantic
from pulumi.runtime import config as engine

from settings.agreement import check_agreement
from settings.anomaly import Anomaly
from settings.calendar import check_chaos
from settings.catalogue import Service
from settings.chaos import Chaos
from settings.checks import (
    check_accounts,
    check_budgets,
    check_catalogue,
    check_images,
    check_masks,
    check_namespaces,
    check_plain_texts,
    homes,
)
from settings.cluster import Cluster
from settings.gitops import GitOps
from settings.kustomizations import check_gitops
from settings.mesh import Mesh
from settings.mesh_checks import check_health, check_mesh
from settings.observability import Observability
from settings.partial import remainder
from settings.problems import (
    EDIT,
    PROJECT,
    REMOVE,
    Problem,
    SettingsError,
    from_validation,
    nearest,
)
from settings.remarks import remarks
from settings.results import Entry
from settings.schema import Path
from settings.secrets import (
    DETECTOR,
    SECRETS,
    SLACK_TOKEN,
    check_detector_memory,
    check_detector_secrets,
    check_plain_text,
    check_secrets,
)
from settings.spelling import check_numbers, check_unseen
from settings.types import Model

Environment = Literal["sandbox", "staging", "production"]
ENVIRONMENTS: tuple[str, ...] = get_args(Environment)
AREAS = (
    "environment",
    "promotion",
    "cluster",
    "services",
    "gitops",
    "mesh",
    "chaos",
    "anomaly",
    "observability",
)
_SWITCH = {"on": True, "true": True, "off": False, "false": False}
"""YAML 1.1 reads `off` as false, and so does the engine."""

KEYS = (*AREAS, *SECRETS)
MISSPELT = 0.85
"""How much alike two names are of which one is taken for a slip of the other."""

Area = TypeVar("Area", bound=Model)


@dataclass(frozen=True)
class Settings:
    """The whole configuration of a stack."""

    environment: Environment
    """Which kind of stack this is."""

    promotion: bool
    """Whether production asks for a verdict of staging; `promotion: off` is a deliberate no."""

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

    observability: Observability
    """Boards and rules."""

    slack_token: pulumi.Output[str] | None = field(default=None, repr=False)
    """Secret; None when the Secret that holds it is made elsewhere."""

    detector_secrets: Mapping[Entry, pulumi.Output[str]] = field(default_factory=dict, repr=False)
    """Secrets of the detector; none when they are made elsewhere, or not needed."""

    @property
    def services_by_namespace(self) -> dict[str, list[Service]]:
        """The catalogue by namespace, in the order of declaration."""
        grouped: dict[str, list[Service]] = {}
        for service in self.services:
            grouped.setdefault(service.namespace, []).append(service)
        return grouped


def configured() -> Mapping[str, str]:
    """What the running stack's configuration says: full key -> text, objects as JSON."""
    values: Mapping[str, str] = engine.CONFIG.get()
    return values


def load(*checks: Callable[[Settings], Iterable[Problem]]) -> Settings:
    """Read and check the configuration of the running stack, and tell what should be known of it.

    Args:
        checks: what must hold besides, by those who know more than the settings.

    Raises:
        SettingsError: listing everything that is wrong.
    """
    values = configured()
    names = {key.removeprefix(f"{PROJECT}:"): key for key in values if _concerns_us(key)}
    raw = {key: values[name] for key, name in names.items()}
    secrets = {key for key, name in names.items() if engine.is_config_secret(name)}
    if misread := [*check_numbers(File(f"Pulumi.{pulumi.get_stack()}.yaml"))]:
        raise SettingsError(misread)
    settings = read(raw, secrets, datetime.now(UTC))
    if further := [problem for check in checks for problem in check(settings)]:
        raise SettingsError(further)
    for remark in remarks(settings.services):
        pulumi.log.warn(remark)
    return settings


def read(raw: Mapping[str, str], secrets: AbstractSet[str], now: datetime) -> Settings:
    """Check the raw configuration and give it its types.

    Args:
        raw: the stack's values by key, objects and lists as JSON text, as the engine does it.
        secrets: the keys whose values are kept encrypted.
        now: the moment from which experiments are looked ahead.

    Raises:
        SettingsError: listing everything that is wrong.
    """
    open_to_all = {key: text for key, text in raw.items() if key not in {*secrets, *SECRETS}}
    problems = [*_unknown_keys(raw), *_misplaced_secrets(raw, secrets)]
    problems += check_unseen(open_to_all)

    def area(key: str, model: type[Area], default: str | None = None) -> Area | None:
        if key in secrets:  # already reported; its values must not be shown
            return None
        return _area((key,), model, raw.get(key, default), problems)

    environment = raw.get("environment")
    if "environment" not in secrets and environment not in ENVIRONMENTS:
        what = "is missing" if environment is None else "is not an environment"
        allowed = f"one of {', '.join(ENVIRONMENTS)}"
        problems.append(Problem(("environment",), what, allowed, environment))
    gated = _SWITCH.get(raw.get("promotion", "on"))
    if "promotion" not in secrets and gated is None:
        allowed = "on (the default) or off"
        problems.append(Problem(("promotion",), "is no switch", allowed, raw["promotion"]))
    cluster = area("cluster", Cluster)
    catalogue = _services(raw, secrets, problems)
    problems += check_plain_texts(catalogue.readable, now)
    gitops = area("gitops", GitOps)
    if gitops:
        problems += check_gitops(gitops, (service for _, service in catalogue.readable))
    mesh = area("mesh", Mesh, default="{}")
    if mesh:
        problems += check_mesh(catalogue.readable, mesh)
    chaos = area("chaos", Chaos, default="{}")
    rest = None if "chaos" in secrets else remainder(Chaos, raw.get("chaos", "{}"))
    problems += check_health(chaos, catalogue.readable, mesh)
    if rest:
        found = check_chaos(rest.area, catalogue.by_name, now, always=environment == "sandbox")
        problems += [rest.restored(problem) for problem in found]
    anomaly = area("anomaly", Anomaly)
    if anomaly:
        problems += check_detector_secrets(anomaly, raw.keys())
        problems += check_detector_memory(anomaly, raw.keys())
        problems += check_masks(anomaly, catalogue.by_name, now)
    observability = area("observability", Observability, default="{}")
    problems += check_agreement(mesh, rest, anomaly, observability)
    entered = any(service.ingress for _, service in catalogue.readable)
    platform = homes(gitops, mesh, chaos, anomaly, observability, entered=entered)
    problems += check_namespaces(catalogue.readable, platform)
    if problems:
        raise SettingsError(problems)
    hidden = {key: pulumi.Output.secret(raw[key]) for key in SECRETS if key in raw}
    # Without problems every area has been read.
    areas: dict[str, Any] = {
        "environment": environment,
        "promotion": gated,
        "cluster": cluster,
        "services": tuple(service for _, service in catalogue.readable),
        "gitops": gitops,
        "mesh": mesh,
        "chaos": chaos,
        "anomaly": anomaly,
        "observability": observability,
    }
    return Settings(
        **areas,
        slack_token=hidden.get(SLACK_TOKEN),
        detector_secrets={entry: hidden[key] for key, entry in DETECTOR.items() if key in hidden},
    )


def _concerns_us(name: str) -> bool:
    """Whether a configuration key is the project's, or is meant to be but misspells it."""
    namespace = name.partition(":")[0]
    return SequenceMatcher(None, namespace, PROJECT).ratio() > MISSPELT


def _unknown_keys(raw: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(
            (key,),
            f"is not a known key{nearest(key.rpartition(':')[2], KEYS)}",
            f"{PROJECT}: and one of {', '.join(KEYS)}",
            remedy=REMOVE,
        )
        for key in raw
        if key not in KEYS
    ]


def _misplaced_secrets(raw: Mapping[str, str], secrets: AbstractSet[str]) -> list[Problem]:
    allowed = f"secrets only in {', '.join(SECRETS)}; this one in the open"
    return [
        *check_secrets(raw, secrets),
        *check_plain_text(raw, secrets),
        *(
            Problem((key,), "is kept as a secret, or has one in it", allowed, remedy=EDIT)
            for key in sorted(secrets & set(KEYS) - set(SECRETS))
        ),
    ]


def _area(path: Path, model: type[Area], text: str | None, problems: list[Problem]) -> Area | None:
    """Read one object; what is wrong with it is added to `problems`."""
    if text is None:
        required = [name for name, info in model.model_fields.items() if info.is_required()]
        allowed = f"an object with at least {', '.join(required)}"
        problems.append(Problem(path, "is missing", allowed, remedy=EDIT))
        return None
    try:
        return model.model_validate_json(text, strict=True, by_name=False, by_alias=True)
    except pydantic.ValidationError as error:
        problems += from_validation(path, model, error)
        return None


@dataclass(frozen=True)
class _Catalogue:
    """What could be read of the services."""

    readable: Sequence[tuple[int, Service]]
    """The good entries, with their place in the list."""

    complete: bool
    """Whether there is no other entry."""

    @property
    def by_name(self) -> Mapping[str, Service] | None:
        """The whole catalogue; None when some of it is not known."""
        return {service.name: service for _, service in self.readable} if self.complete else None


def _services(
    raw: Mapping[str, str], secrets: AbstractSet[str], problems: list[Problem]
) -> _Catalogue:
    """Read the catalogue entry by entry, so that one bad entry does not hide the others."""
    if "services" in secrets:  # already reported
        return _Catalogue((), complete=False)
    text = raw.get("services")
    entries = _list(text)
    if not entries:
        allowed = "a list of services, each with name, namespace and port"
        what = "is missing" if text is None else "is not a list of services"
        problems.append(Problem(("services",), what, allowed, text, remedy=EDIT))
        return _Catalogue((), complete=False)
    found = [
        (place, _area(("services", place), Service, json.dumps(entry), problems))
        for place, entry in enumerate(entries)
    ]
    readable = [(place, service) for place, service in found if service is not None]
    names = [str(entry.get("name")) for entry in entries if isinstance(entry, dict)]
    problems += check_catalogue(readable, names)
    problems += check_accounts(readable)
    problems += check_budgets(readable)
    problems += check_images(readable)
    return _Catalogue(readable, complete=len(readable) == len(entries))


def _list(text: str | None) -> list[Any]:
    try:
        entries = json.loads(text or "[]")
    except ValueError:
        return []
    return entries if isinstance(entries, list) else []
