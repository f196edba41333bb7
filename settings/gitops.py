"""GitOps: where the truth is, how often it is applied, and who is told."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from settings.addresses import Branch, Folder, OciUrl, RepositoryUrl, SlackAddress
from settings.charts import Chart, FluxOperatorChart
from settings.types import Duration, Model, Once, broken_rule, duration_field
from settings.words import ApiVersion, Channel, DnsLabel, ImageRegistry, KindName, ReleaseLine

Component = Literal[
    "source-controller",
    "kustomize-controller",
    "helm-controller",
    "notification-controller",
    "image-reflector-controller",
    "image-automation-controller",
    "source-watcher",
]
NEEDED: tuple[Component, ...] = (
    "source-controller",
    "kustomize-controller",
    "notification-controller",
)
"""Controllers of the objects that the platform writes."""


class HealthCheck(Model):
    """An object that must be healthy before a Kustomization counts as applied."""

    api_version: ApiVersion = "apps/v1"
    """Its API version."""

    kind: KindName = "Deployment"
    """Its kind."""

    name: DnsLabel
    """Its name."""

    namespace: DnsLabel
    """Its namespace."""


class Kustomization(Model):
    """One path of the repository that Flux keeps applied."""

    name: DnsLabel
    """Name of the Kustomization object."""

    path: Folder
    """Folder in the repository."""

    depends_on: Annotated[tuple[DnsLabel, ...], Once] = ()
    """Kustomizations that must be ready first."""

    interval: Duration = duration_field("5m0s", least="1m", most="24h")
    """How often drift is looked for and healed; Flux's own advice for the least is one minute."""

    retry_interval: Duration = duration_field("2m0s", least="10s", most="1h")
    """How soon a failed attempt is repeated."""

    timeout: Duration = duration_field("3m0s", least="10s", most="1h")
    """Limit for applying and for health checks."""

    prune: bool = True
    """Delete what was removed from Git."""

    wait: bool = True
    """Wait until everything applied is healthy."""

    deletion_policy: Literal["MirrorPrune", "Delete", "WaitForTermination", "Orphan"] = (
        "MirrorPrune"
    )
    """What becomes of the applied objects when the Kustomization itself is deleted; `Orphan`
    leaves them running."""

    services: bool = True
    """Health-check the catalogue's services and set their replicas and images. Of Kustomizations
    that depend on one another only one may: the first would wait for what the second brings."""

    health_checks: tuple[HealthCheck, ...] = ()
    """Further objects to watch."""


class FluxInstance(Model):
    """The Flux that the operator installs."""

    version: ReleaseLine = "2.9.x"
    """Flux release line or exact version. The notification API that the platform writes is that
    of 2.9; it is deprecated from 2.10 on."""

    registry: ImageRegistry = "ghcr.io/fluxcd"
    """Where the controllers' images come from."""

    artifact: OciUrl | None = None
    """OCI artifact to check for updates; null uses what the operator brings along."""

    components: Annotated[tuple[Component, ...], Once] = (
        "source-controller",
        "kustomize-controller",
        "helm-controller",
        "notification-controller",
    )
    """Controllers to install."""

    wait: bool = True
    """The operator reports ready only when all controllers run."""

    ready_timeout: Duration = duration_field("5m0s", least="10s", most="1h")
    """How long an `up` waits for the instance to be ready."""

    @field_validator("components")
    @classmethod
    def _complete(cls, components: tuple[Component, ...]) -> tuple[Component, ...]:
        missing = [name for name in NEEDED if name not in components]
        if missing:
            raise ValueError(f"lacks {', '.join(missing)}, without which nothing is applied")
        return components


class Slack(Model):
    """Where events are told."""

    channel: Channel = "#deployments"
    """Slack channel."""

    severity: Literal["info", "error"] = "info"
    """`info` tells of every change, `error` of failures only."""

    secret_name: DnsLabel = "slack-token"
    """Secret in the Flux namespace with the key `token`. The stack creates it when the secret
    configuration value `brisa-platform:slackToken` is set, and expects it to exist when not."""

    address: SlackAddress = "https://slack.com/api/chat.postMessage"
    """Slack's API, or what stands in for it."""


class GitOps(Model):
    """The GitOps area of a stack."""

    install: Literal["operator", "chart", "none"] = "operator"
    """`operator`: Flux Operator and a FluxInstance; `chart`: the community chart; `none`: the
    cluster has Flux already."""

    namespace: DnsLabel = "flux-system"
    """Where Flux runs."""

    operator_chart: FluxOperatorChart = FluxOperatorChart()
    """Chart for `install: operator`."""

    flux_chart: Chart | None = None
    """Chart for `install: chart`, for example the community's flux2; needed only then."""

    instance: FluxInstance = FluxInstance()
    """For `install: operator`."""

    source_name: DnsLabel = "brisa-infrastructure"
    """Name of the GitRepository object."""

    repository: RepositoryUrl
    """The repository that is the truth."""

    branch: Branch
    """Branch of this environment: main for production, develop for staging."""

    interval: Duration = duration_field("5m0s", least="1m", most="24h")
    """How often the repository is looked at."""

    timeout: Duration = duration_field("1m0s", least="10s", most="10m")
    """Limit for one fetch."""

    credentials_secret: DnsLabel | None = None
    """Secret in the Flux namespace for a private repository."""

    kustomizations: tuple[Kustomization, ...] = Field(min_length=1)
    """What is applied from the repository, and in which order."""

    slack: Slack | None = Slack()
    """Who is told; null tells nobody."""

    @model_validator(mode="after")
    def _chart_given(self) -> "GitOps":
        if self.install == "chart" and self.flux_chart is None:
            raise broken_rule("is missing; install: chart needs it", "fluxChart")
        return self
