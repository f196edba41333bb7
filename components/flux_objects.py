"""What Flux looks after beside the stack's own repository, as objects of Flux's kinds. Pure."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from settings.flux import (
    BucketSource,
    GitSource,
    HelmRelease,
    ImageAutomation,
    OciSource,
    OciVerification,
    Receiver,
    Source,
)
from settings.gitops import GitOps
from vocabulary.kinds import (
    BUCKET,
    FLUX_HELM_RELEASE,
    GIT_REPOSITORY,
    HELM_REPOSITORY,
    IMAGE_AUTOMATION,
    IMAGE_POLICY,
    IMAGE_REPOSITORY,
    OCI_REPOSITORY,
    RECEIVER,
    Kind,
)
from vocabulary.timing.duration import format_duration


class FluxObject(NamedTuple):
    """One object of Flux, in its namespace."""

    kind: Kind
    name: str
    spec: dict[str, Any]


KINDS = {"git": GIT_REPOSITORY, "oci": OCI_REPOSITORY, "bucket": BUCKET}


def sources(settings: GitOps) -> Iterator[FluxObject]:
    """The further sources, which Kustomizations name."""
    for source in settings.sources:
        yield FluxObject(KINDS[source.kind], source.name, source_spec(source))


def others(settings: GitOps) -> Iterator[FluxObject]:
    """What needs the sources, or brings its own; each after what it refers to."""
    for release in settings.helm_releases:
        yield from _release(release)
    if settings.image_automation:
        yield from _images(settings, settings.image_automation)
    for receiver in settings.receivers:
        yield FluxObject(RECEIVER, receiver.name, receiver_spec(receiver, settings))


def source_spec(source: Source) -> dict[str, Any]:
    """The `spec` of a source."""
    spec: dict[str, Any] = {"interval": format_duration(source.interval)}
    if source.secret_name:
        spec["secretRef"] = {"name": source.secret_name}
    match source:
        case GitSource():
            spec |= {"url": source.url, "ref": {"branch": source.branch}}
            if source.verify_secret:
                spec["verify"] = {"mode": "HEAD", "secretRef": {"name": source.verify_secret}}
        case OciSource():
            reference = {"tag": source.tag, "semver": source.semver, "digest": source.digest}
            spec |= {"url": source.url, "ref": {k: v for k, v in reference.items() if v}}
            if source.verify:
                spec["verify"] = _verification(source.verify)
        case BucketSource():
            spec |= {
                "bucketName": source.bucket_name,
                "endpoint": source.endpoint,
                "provider": source.provider,
            }
            if source.region:
                spec["region"] = source.region
    return spec


def _verification(verify: OciVerification) -> dict[str, Any]:
    spec: dict[str, Any] = {"provider": verify.provider}
    if verify.secret_name:
        spec["secretRef"] = {"name": verify.secret_name}
    if verify.signers:
        spec["matchOIDCIdentity"] = [each.model_dump() for each in verify.signers]
    return spec


def receiver_spec(receiver: Receiver, settings: GitOps) -> dict[str, Any]:
    """The Receiver's `spec`: it wakes every source of the stack."""
    woken = [(GIT_REPOSITORY, settings.source_name)]
    woken += [(KINDS[source.kind], source.name) for source in settings.sources]
    spec: dict[str, Any] = {
        "type": receiver.type,
        "secretRef": {"name": receiver.secret_name},
        "resources": [
            {"apiVersion": kind.api_version, "kind": kind.kind, "name": name}
            for kind, name in woken
        ],
    }
    if receiver.events:
        spec["events"] = [*receiver.events]
    return spec


def _release(release: HelmRelease) -> Iterator[FluxObject]:
    interval = format_duration(release.interval)
    source = OCI_REPOSITORY if release.is_artifact else HELM_REPOSITORY
    reference = {"kind": source.kind, "name": release.name}
    spec: dict[str, Any] = {"url": release.repository, "interval": interval}
    if release.is_artifact:
        # Else the layers of a chart would be taken for manifests.
        media = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
        spec["ref"] = {"tag": release.version}
        spec["layerSelector"] = {"mediaType": media, "operation": "copy"}
        chart: dict[str, Any] = {"chartRef": reference}
    else:
        about = {"chart": release.chart, "version": release.version, "sourceRef": reference}
        chart = {"chart": {"spec": about}}
    yield FluxObject(source, release.name, spec)
    given: dict[str, Any] = {
        **chart,
        "interval": interval,
        "timeout": format_duration(release.timeout),
        "targetNamespace": release.namespace,
        "releaseName": release.name,
        "driftDetection": {"mode": "enabled"},
        "install": {"strategy": {"name": "RetryOnFailure"}},
        "upgrade": {"remediation": {"retries": 2, "strategy": "rollback"}},
    }
    if release.service_account_name:
        given["serviceAccountName"] = release.service_account_name
    if release.values:
        given["values"] = release.values
    if release.values_secret:
        given["valuesFrom"] = [{"kind": "Secret", "name": release.values_secret}]
    yield FluxObject(FLUX_HELM_RELEASE, release.name, given)


def _images(settings: GitOps, automation: ImageAutomation) -> Iterator[FluxObject]:
    interval = format_duration(automation.interval)
    for each in automation.images:
        spec: dict[str, Any] = {"image": each.image, "interval": interval}
        if each.secret_name:
            spec["secretRef"] = {"name": each.secret_name}
        yield FluxObject(IMAGE_REPOSITORY, each.name, spec)
        policy = {
            "imageRepositoryRef": {"name": each.name},
            "policy": {"semver": {"range": each.semver}},
        }
        yield FluxObject(IMAGE_POLICY, each.name, policy)
    yield FluxObject(
        IMAGE_AUTOMATION,
        settings.source_name,
        {
            "interval": interval,
            "sourceRef": {"kind": GIT_REPOSITORY.kind, "name": settings.source_name},
            "git": {
                "checkout": {"ref": {"branch": settings.branch}},
                "commit": {"author": {"name": automation.author, "email": automation.email}},
                "push": {"branch": automation.push_branch},
            },
            "update": {"path": f"./{automation.path}", "strategy": "Setters"},
        },
    )
