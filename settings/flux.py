"""What Flux looks after beside the stack's repository: sources, charts, images, who wakes it."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from settings.addresses import Branch, ChartsUrl, Folder, HostAndPort, OciUrl, RepositoryUrl
from settings.types import Duration, Model, Once, broken_rule, duration_field
from settings.words import (
    BucketName,
    ChartName,
    Digest,
    DnsLabel,
    Email,
    ExactVersion,
    Identity,
    ImageName,
    Line,
    Tag,
    VersionRange,
)


class GitSource(Model):
    """Another Git repository."""

    kind: Literal["git"]
    """Which form of source this is."""

    name: DnsLabel
    """Name of the GitRepository object."""

    url: RepositoryUrl
    """Where it is."""

    branch: Branch
    """Branch that is followed."""

    interval: Duration = duration_field("5m0s", least="1m", most="24h")
    """How often it is looked at."""

    secret_name: DnsLabel | None = None
    """Secret in the Flux namespace with credentials; null for a public one."""

    verify_secret: DnsLabel | None = None
    """Secret with public PGP keys, by one of which the last commit must be signed."""


class Signer(Model):
    """Who signs without a key: an identity that a certificate of Sigstore tells."""

    issuer: Identity
    """Pattern of the token's issuer, such as `^https://token.actions.githubusercontent.com$`."""

    subject: Identity
    """Pattern of who it is, such as `^https://github.com/team/repository.*$`."""


class OciVerification(Model):
    """Whose signature an artifact must have."""

    provider: Literal["cosign", "notation"] = "cosign"
    """Kind of signature."""

    secret_name: DnsLabel | None = None
    """Secret in the Flux namespace with public keys; cosign needs none where `signers` are."""

    signers: tuple[Signer, ...] = ()
    """Who may sign without a key; for cosign only."""

    @model_validator(mode="after")
    def _somebody(self) -> "OciVerification":
        if self.signers and self.provider != "cosign":
            raise broken_rule("go with provider cosign, and only with it", "signers")
        if not self.secret_name and not self.signers:
            raise broken_rule("is missing; without keys and signers anybody may sign", "secretName")
        return self


class OciSource(Model):
    """An artifact of manifests in a registry."""

    kind: Literal["oci"]
    """Which form of source this is."""

    name: DnsLabel
    """Name of the OCIRepository object."""

    url: OciUrl
    """Where it is, without tag."""

    tag: Tag | None = None
    """Tag that is followed; exactly one of `tag`, `semver` and `digest`."""

    semver: VersionRange | None = None
    """Range of versions of which the newest is taken, such as `>=1.2.0 <2.0.0`."""

    digest: Digest | None = None
    """One artifact, for good."""

    interval: Duration = duration_field("5m0s", least="1m", most="24h")
    """How often it is looked at."""

    secret_name: DnsLabel | None = None
    """Secret in the Flux namespace with the registry's credentials; null for a public one."""

    verify: OciVerification | None = None
    """Whose signature it must have; null takes any."""

    @model_validator(mode="after")
    def _one_reference(self) -> "OciSource":
        if sum(each is not None for each in (self.tag, self.semver, self.digest)) != 1:
            raise ValueError("give exactly one of tag, semver and digest")
        return self


class BucketSource(Model):
    """A folder of manifests in an object store."""

    kind: Literal["bucket"]
    """Which form of source this is."""

    name: DnsLabel
    """Name of the Bucket object."""

    bucket_name: BucketName
    """Name of the bucket."""

    endpoint: HostAndPort
    """Host of the store, without scheme, such as `s3.eu-central-1.amazonaws.com`."""

    provider: Literal["generic", "aws", "gcp", "azure"] = "generic"
    """How Flux proves who it is: `generic` by the Secret's keys, others by the cloud's identity."""

    region: Line | None = None
    """Region of the bucket, for stores that have some."""

    interval: Duration = duration_field("5m0s", least="1m", most="24h")
    """How often it is looked at."""

    secret_name: DnsLabel | None = None
    """Secret in the Flux namespace with `accesskey` and `secretkey`."""


Source = Annotated[GitSource | OciSource | BucketSource, Field(discriminator="kind")]


_EVENTS = {
    "github": "ping|push|create|delete|pull_request|release|package|registry_package|status"
    "|check_(run|suite)|workflow_(run|job|dispatch)|deployment(_status)?|repository(_dispatch)?"
    "|(issues|issue_comment|pull_request_review|merge_group)",
    "gitlab": "(push|tag push|merge request|pipeline|release|job|note|issue|deployment) hook",
    "bitbucket": "(repo|pullrequest|pr|diagnostics):[a-z_:]+",
}
"""What callers call their events; others tell none apart."""


class Receiver(Model):
    """A door at which somebody tells Flux that there is something new."""

    name: DnsLabel
    """Name of the Receiver object; its status tells the path that is called."""

    type: Literal["github", "gitlab", "bitbucket", "generic-hmac", "generic", "harbor"]
    """Who calls."""

    secret_name: DnsLabel
    """Secret in the Flux namespace with the key `token`, by which callers are known."""

    events: Annotated[tuple[Line, ...], Once] = ()
    """Events that count, as who calls spells them: `push` of GitHub, `Push Hook` of GitLab; none
    means all."""

    @model_validator(mode="after")
    def _events_come(self) -> "Receiver":
        for index, event in enumerate(self.events):
            spelling = _EVENTS.get(self.type)
            if spelling is None or not re.fullmatch(spelling, event, re.IGNORECASE):
                raise broken_rule(f"is no event of {self.type}", "events", index)
        return self


class HelmRelease(Model):
    """A chart that Flux keeps installed."""

    name: DnsLabel
    """Name of the HelmRelease and of its source, in the Flux namespace."""

    namespace: DnsLabel
    """Where it is installed; must exist."""

    repository: ChartsUrl
    """The chart's repository (https), or the chart itself in a registry (`oci://`)."""

    chart: ChartName | None = None
    """The chart in an https repository; null for `oci://`, which names it."""

    version: ExactVersion
    """Exact version."""

    values: dict[str, Any] = {}
    """Values of the chart; secrets belong into `valuesSecret`."""

    values_secret: DnsLabel | None = None
    """Secret in the Flux namespace with the key `values.yaml`, laid over by `values`."""

    interval: Duration = duration_field("5m0s", least="1m", most="1h")
    """How often drift is looked for; it is put right."""

    timeout: Duration = duration_field("5m0s", least="30s", most="1h")
    """Limit for installing and upgrading; a failed upgrade is rolled back."""

    service_account_name: DnsLabel | None = None
    """ServiceAccount in the Flux namespace as which it is installed; null as Flux itself."""

    @property
    def is_artifact(self) -> bool:
        """Whether the chart is an artifact of a registry."""
        return self.repository.startswith("oci://")

    @model_validator(mode="after")
    def _chart_named(self) -> "HelmRelease":
        if self.is_artifact == (self.chart is not None):
            raise broken_rule("goes with an https repository, and only with it", "chart")
        return self


class WatchedImage(Model):
    """An image whose newest version is written into the repository."""

    name: DnsLabel
    """Name of its ImageRepository and ImagePolicy; markers say `flux-system:name`."""

    image: ImageName
    """Image without tag."""

    semver: VersionRange
    """Range of versions, such as `>=1.0.0 <2.0.0`."""

    secret_name: DnsLabel | None = None
    """Secret in the Flux namespace with the registry's credentials."""


class ImageAutomation(Model):
    """Newer images as commits: Flux writes, people or the branch's rules decide."""

    images: tuple[WatchedImage, ...] = Field(min_length=1)
    """What is watched."""

    path: Folder
    """Folder of the stack's repository in which markers are looked for."""

    push_branch: Branch
    """Branch that is written; of its own, so that a pull request decides."""

    author: Line = "Flux"
    """Name of the commits' author."""

    email: Email
    """Address of the commits' author."""

    interval: Duration = duration_field("30m0s", least="1m", most="24h")
    """How often."""

    @model_validator(mode="after")
    def _names_differ(self) -> "ImageAutomation":
        names = [each.name for each in self.images]
        for index, name in enumerate(names):
            if names.index(name) < index:
                raise broken_rule("is another image's too", "images", index, "name")
        return self
