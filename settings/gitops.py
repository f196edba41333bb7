"""GitOps: where the truth is, how often it is applied, and who is told."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from settings.addresses import Branch, Folder, OciRelease, RepositoryUrl, SlackAddress
from settings.charts import Chart, FluxOperatorChart
from settings.flux import HelmRelease, ImageAutomation, Receiver, Source
from settings.types import Duration, Model, Once, broken_rule, duration_field
from settings.words import (
    ApiVersion,
    Channel,
    DnsLabel,
    FluxRelease,
    ImageRegistry,
    KindName,
    Line,
    VariableName,
)

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


IMAGE_CONTROLLERS: tuple[Component, ...] = (
    "image-reflector-controller",
    "image-automation-controller",
)
"""Controllers of image automation."""


KINDS = {
    "apps/v1": ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    "batch/v1": ("CronJob", "Job"),
    "v1": ("ConfigMap", "PersistentVolumeClaim", "Pod", "Secret", "Service", "ServiceAccount"),
}
"""Kinds of Kubernetes' own whose health can be told, by their API version."""


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


class Decryption(Model):
    """How what SOPS encrypted in the repository is read."""

    secret_name: DnsLabel
    """Secret in the Flux namespace with the private keys: `*.agekey` for age, `*.asc` for PGP,
    `sops.*` for a cloud's key service."""


class SubstituteFrom(Model):
    """An object whose keys are variables of manifests."""

    kind: Literal["ConfigMap", "Secret"]
    """Its kind."""

    name: DnsLabel
    """Its name, in the Flux namespace."""

    optional: bool = False
    """Go on without it where it does not exist."""


class PostBuild(Model):
    """Variables that Flux puts into manifests, `${name}`, after building them."""

    substitute: dict[VariableName, Line] = {}
    """Values by name, in plain text; they go over those of `substituteFrom`."""

    substitute_from: Annotated[tuple[SubstituteFrom, ...], Once] = ()
    """Objects with further values; of two with one key the later holds. Secrets belong here."""


class Kustomization(Model):
    """One path of the repository that Flux keeps applied."""

    name: DnsLabel
    """Name of the Kustomization object."""

    path: Folder
    """Folder in the repository."""

    source: DnsLabel | None = None
    """Name of one of `gitops.sources` that it is applied from; null is the stack's repository."""

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

    health_checks: Annotated[tuple[HealthCheck, ...], Once] = ()
    """Further objects to watch."""

    service_account_name: DnsLabel | None = None
    """ServiceAccount in the Flux namespace as which everything is applied, so that the repository
    can do no more than its roles allow; you make it, with its roles, before. Null applies as
    Flux's own controller: with every right, except under `instance.multitenant`."""

    target_namespace: DnsLabel | None = None
    """Namespace that everything namespaced is put into, whatever the manifests say; it must
    exist. Null leaves it to them. It is no fence by itself: a ServiceAccount is."""

    decryption: Decryption | None = None
    """For manifests that SOPS encrypted; null reads plain ones only."""

    post_build: PostBuild | None = None
    """Variables in manifests; null leaves `${name}` as it stands."""

    @model_validator(mode="after")
    def _kinds_are_there(self) -> "Kustomization":
        groups = {version.rpartition("/")[0]: version for version in KINDS}
        for index, watched in enumerate(self.health_checks):
            kinds = KINDS.get(watched.api_version)
            served = groups.get(watched.api_version.rpartition("/")[0])
            if served and kinds is None:
                what = f"is served no more, but {served}"
                raise broken_rule(what, "healthChecks", index, "apiVersion")
            if kinds is not None and watched.kind not in kinds:
                what = f"is no kind of {watched.api_version}, which has {', '.join(kinds)}"
                raise broken_rule(what, "healthChecks", index, "kind")
        return self

    @model_validator(mode="after")
    def _watched_where_applied(self) -> "Kustomization":
        for index, watched in enumerate(self.health_checks):
            if self.target_namespace not in (None, watched.namespace):
                raise broken_rule(
                    f"is not {self.target_namespace}, the targetNamespace that everything is put "
                    "into; it would be waited for in vain",
                    "healthChecks",
                    index,
                    "namespace",
                )
        return self


class FluxInstance(Model):
    """The Flux that the operator installs."""

    version: FluxRelease = "2.9.x"
    """Flux release line or exact version. The notification API that the platform writes is that
    of 2.9; it is deprecated from 2.10 on."""

    registry: ImageRegistry = "ghcr.io/fluxcd"
    """Where the controllers' images come from."""

    artifact: OciRelease | None = None
    """OCI artifact to check for updates; null uses what the operator brings along."""

    components: Annotated[tuple[Component, ...], Once] = (
        "source-controller",
        "kustomize-controller",
        "helm-controller",
        "notification-controller",
    )
    """Controllers to install."""

    multitenant: bool = False
    """Flux's lockdown: no references between namespaces, no remote bases, and a Kustomization
    that names no ServiceAccount acts as `default`, which may do nothing. Every Kustomization here
    must then have a `serviceAccountName`. Off by default, as those accounts and their roles are
    yours to make; other teams' Kustomizations and HelmReleases need one too."""

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

    verify_secret: DnsLabel | None = None
    """Secret in the Flux namespace with public PGP keys; the branch's last commit must then be
    signed by one of them, or nothing new is applied. Null takes every commit."""

    kustomizations: tuple[Kustomization, ...] = Field(min_length=1)
    """What is applied from the repository, and in which order."""

    sources: tuple[Source, ...] = ()
    """Further sources: other repositories, artifacts in registries, buckets."""

    receivers: tuple[Receiver, ...] = ()
    """Doors at which Git servers and registries tell of something new, so that nobody waits for the
    next interval."""

    helm_releases: tuple[HelmRelease, ...] = ()
    """Charts that Flux keeps installed."""

    image_automation: ImageAutomation | None = None
    """Newer images as commits; null leaves images to people and pipelines."""

    slack: Slack | None = Slack()
    """Who is told; null tells nobody."""

    @property
    def source_kinds(self) -> dict[str, str]:
        """Kind of each further source, by name."""
        return {source.name: source.kind for source in self.sources}

    @model_validator(mode="after")
    def _names_differ(self) -> "GitOps":
        taken = {("git", self.source_name)}
        for index, source in enumerate(self.sources):
            if source.name in {name for _, name in taken}:
                text = "is another source's too"
                raise broken_rule(text, "sources", index, source.kind, "name")
            taken.add((source.kind, source.name))
        names = [name for _, name in taken] + [each.name for each in self.helm_releases]
        for index, each in enumerate(self.helm_releases):
            if names.count(each.name) > 1:
                raise broken_rule("is another source's too", "helmReleases", index, "name")
        doors = [each.name for each in self.receivers]
        for index, name in enumerate(doors):
            if doors.index(name) < index:
                raise broken_rule("is another receiver's too", "receivers", index, "name")
        return self

    @model_validator(mode="after")
    def _ssh_has_a_key(self) -> "GitOps":
        """Flux asks no server over SSH without a key and the server's own."""
        if self.repository.startswith("ssh://") and self.credentials_secret is None:
            raise broken_rule("is missing; Flux needs a key for ssh://", "credentialsSecret")
        for index, source in enumerate(self.sources):
            if source.kind == "git" and source.url.startswith("ssh://") and not source.secret_name:
                text = "is missing; Flux needs a key for ssh://"
                raise broken_rule(text, "sources", index, source.kind, "secretName")
        return self

    @model_validator(mode="after")
    def _charts_are_looked_at(self) -> "GitOps":
        if self.install != "operator":
            return self
        if self.helm_releases and "helm-controller" not in self.instance.components:
            raise broken_rule("needs helm-controller in instance.components", "helmReleases")
        for index, each in enumerate(self.helm_releases):
            if self.instance.multitenant and each.service_account_name is None:
                text = "is missing; under instance.multitenant nothing is installed without one"
                raise broken_rule(text, "helmReleases", index, "serviceAccountName")
        return self

    @model_validator(mode="after")
    def _images_are_looked_at(self) -> "GitOps":
        automation, needed = self.image_automation, IMAGE_CONTROLLERS
        if automation and automation.push_branch == self.branch:
            text = "is the branch that is applied, which nobody would have looked at; name another"
            raise broken_rule(text, "imageAutomation", "pushBranch")
        missing = [each for each in needed if each not in self.instance.components]
        if automation and self.install == "operator" and missing:
            text = f"needs {' and '.join(missing)} in instance.components"
            raise broken_rule(text, "imageAutomation")
        return self

    @model_validator(mode="after")
    def _chart_given(self) -> "GitOps":
        if self.install == "chart" and self.flux_chart is None:
            raise broken_rule("is missing; install: chart needs it", "fluxChart")
        return self

    @model_validator(mode="after")
    def _tenants_named(self) -> "GitOps":
        if self.install == "operator" and self.instance.multitenant:
            for index, item in enumerate(self.kustomizations):
                if item.service_account_name is None:
                    raise broken_rule(
                        "is missing; under instance.multitenant nothing is applied without one",
                        "kustomizations",
                        index,
                        "serviceAccountName",
                    )
        return self
