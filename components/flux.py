"""What Flux keeps applied: the source and the Kustomizations made from it.

Installing Flux is `components.flux_install`'s concern, telling people is `components.flux_alerts`'.
"""

import json
from collections.abc import Sequence
from graphlib import TopologicalSorter
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from components.flux_objects import KINDS, FluxObject, others, sources
from components.objects import TOKEN, custom_resource, metadata
from settings.catalogue import ImagePin, Service
from settings.gitops import Decryption, GitOps, HealthCheck, Kustomization, PostBuild
from vocabulary.kinds import GIT_REPOSITORY, KUSTOMIZATION
from vocabulary.timing.duration import format_duration

_PART = "gitops"
_SUSPENSION = ["spec.suspend"]
"""Suspending is for people at work on the cluster: never written here, so never taken back."""


class FluxSync(pulumi.ComponentResource):
    """A Git repository and the paths of it that Flux applies."""

    source: pulumi.Output[str]
    """Name of the GitRepository."""

    branch: pulumi.Output[str]
    """Branch that it follows."""

    kustomizations: pulumi.Output[list[str]]
    """Names of the Kustomizations, each after those it depends on."""

    def __init__(
        self,
        name: str,
        settings: GitOps,
        services: Sequence[Service],
        opts: pulumi.ResourceOptions | None = None,
        *,
        repository: pulumi.Input[str] | None = None,
    ) -> None:
        """Register the component.

        Args:
            name: Pulumi name.
            settings: What is applied from where.
            services: The catalogue.
            opts: Pulumi options.
            repository: Where the repository is, if that is another resource's to say.
        """
        super().__init__(f"{TOKEN}:flux:FluxSync", name, None, opts)
        source = custom_resource(
            f"{name}-{settings.source_name}",
            GIT_REPOSITORY,
            metadata(settings.source_name, settings.namespace, part=_PART),
            repository_spec(settings, repository),
            pulumi.ResourceOptions(parent=self, ignore_changes=_SUSPENSION),
        )
        child = pulumi.ResourceOptions(parent=self, ignore_changes=_SUSPENSION)
        known = {each.name: self._object(name, settings, each, child) for each in sources(settings)}
        by_name = {item.name: item for item in settings.kustomizations}
        order = TopologicalSorter({item.name: item.depends_on for item in by_name.values()})
        created: dict[str, CustomResource] = {}
        for item in (by_name[key] for key in order.static_order()):
            needed = [created[other] for other in item.depends_on]
            origin = known.get(item.source or "", source)
            created[item.name] = custom_resource(
                f"{name}-{item.name}",
                KUSTOMIZATION,
                metadata(item.name, settings.namespace, part=_PART),
                kustomization_spec(item, settings, services),
                pulumi.ResourceOptions(
                    parent=self, depends_on=[origin, *needed], ignore_changes=_SUSPENSION
                ),
            )
        after: list[CustomResource] = [source, *known.values()]
        for each in others(settings):
            opts = pulumi.ResourceOptions(
                parent=self, depends_on=[*after], ignore_changes=_SUSPENSION
            )
            after.append(self._object(name, settings, each, opts))
        self.source = pulumi.Output.from_input(settings.source_name)
        self.branch = pulumi.Output.from_input(settings.branch)
        self.kustomizations = pulumi.Output.from_input(list(created))
        self.register_outputs(
            {"source": self.source, "branch": self.branch, "kustomizations": self.kustomizations}
        )

    def _object(
        self, name: str, settings: GitOps, item: FluxObject, opts: pulumi.ResourceOptions
    ) -> CustomResource:
        return custom_resource(
            f"{name}-{item.kind.kind.lower()}-{item.name}",
            item.kind,
            metadata(item.name, settings.namespace, part=_PART),
            item.spec,
            opts,
        )


def repository_spec(
    settings: GitOps, repository: pulumi.Input[str] | None = None
) -> dict[str, Any]:
    """The GitRepository's `spec`."""
    spec: dict[str, Any] = {
        "url": settings.repository if repository is None else repository,
        "ref": {"branch": settings.branch},
        "interval": format_duration(settings.interval),
        "timeout": format_duration(settings.timeout),
    }
    if settings.credentials_secret:
        spec["secretRef"] = {"name": settings.credentials_secret}
    if settings.verify_secret:
        spec["verify"] = {"mode": "HEAD", "secretRef": {"name": settings.verify_secret}}
    return spec


def kustomization_spec(
    item: Kustomization, settings: GitOps, services: Sequence[Service]
) -> dict[str, Any]:
    """The Kustomization's `spec`, with what the catalogue says about its services."""
    concerned = services if item.services else ()
    optional: dict[str, Any] = {
        "serviceAccountName": item.service_account_name,
        "targetNamespace": item.target_namespace,
        "decryption": _decryption(item.decryption) if item.decryption else None,
        "postBuild": _post_build(item.post_build) if item.post_build else None,
        "dependsOn": [{"name": other} for other in item.depends_on],
        "healthChecks": [*map(_workload, concerned), *map(_health_check, item.health_checks)],
        "images": [_image(service.image) for service in concerned if service.image],
        "patches": [_replicas(service) for service in concerned],
    }
    return {
        "sourceRef": _origin(item, settings),
        "path": f"./{item.path}",
        "interval": format_duration(item.interval),
        "retryInterval": format_duration(item.retry_interval),
        "timeout": format_duration(item.timeout),
        "prune": item.prune,
        "wait": item.wait,
        "deletionPolicy": item.deletion_policy,
        **{key: entries for key, entries in optional.items() if entries},
    }


def _origin(item: Kustomization, settings: GitOps) -> dict[str, str]:
    if item.source is None:
        return {"kind": GIT_REPOSITORY.kind, "name": settings.source_name}
    return {"kind": KINDS[settings.source_kinds[item.source]].kind, "name": item.source}


def _decryption(decryption: Decryption) -> dict[str, Any]:
    return {"provider": "sops", "secretRef": {"name": decryption.secret_name}}


def _post_build(variables: PostBuild) -> dict[str, Any]:
    return variables.model_dump(by_alias=True, exclude_defaults=True)


def _workload(service: Service) -> dict[str, str]:
    return {
        "apiVersion": "apps/v1",
        "kind": service.workload,
        "name": service.name,
        "namespace": service.namespace,
    }


def _health_check(check: HealthCheck) -> dict[str, str]:
    return check.model_dump(by_alias=True)


def _image(pin: ImagePin) -> dict[str, str]:
    return pin.model_dump(by_alias=True, exclude_none=True)


def _replicas(service: Service) -> dict[str, Any]:
    # `add` also sets a field that Git leaves out, where `replace` fails; null takes it out whether
    # it is there or not, where `remove` fails. The target names no namespace: manifests may leave
    # that to a kustomization, which sets it after patching.
    about = {"apiVersion": "apps/v1", "kind": service.workload, "metadata": {"name": service.name}}
    patch: Any = (
        {**about, "spec": {"replicas": None}}
        if service.autoscaled
        else [{"op": "add", "path": "/spec/replicas", "value": service.replicas}]
    )
    target = {"group": "apps", "version": "v1", "kind": service.workload, "name": service.name}
    return {"patch": json.dumps(patch), "target": target}
