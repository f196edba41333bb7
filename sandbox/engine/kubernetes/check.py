"""Check: from what the program gave to the inputs that the engine keeps.

Names and namespaces are filled in, equivalent forms become one, secrets are marked. What the API
server thinks of the object is asked later, by the dry run of Create and Update.
"""

from typing import Any

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import (
    autonaming,
    checkpoint,
    deprecations,
    directives,
    objects,
    tokens,
    wire,
)
from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.instance import Instance
from sandbox.engine.kubernetes.normalize import normalize
from sandbox.engine.kubernetes.objects import Object
from sandbox.engine.kubernetes.secrecy import mark_secrets

_MANAGED_BY = "app.kubernetes.io/managed-by"


def check(instance: Instance, request: pb.CheckRequest) -> pb.CheckResponse:
    """Return the inputs to keep.

    Raises:
        ProviderError: The program asks for something that cannot be.
    """
    if instance.reachable is None and instance.options.skip_update_unreachable:
        instance.log.warning(
            request.urn,
            "Cluster is unreachable but skipUpdateUnreachable flag is set to true, skipping...",
        )
        return pb.CheckResponse(inputs=request.olds)
    if tokens.is_list(request.urn):
        raise ProviderError(
            "list resources exist for compatibility with YAML manifests and Helm charts, "
            "and cannot be created directly. Use the underlying resource type instead"
        )
    given = wire.decode(request.news)
    old = checkpoint.to_object(wire.decode(request.olds))
    obj = normalize(checkpoint.to_object(given), instance.schemas)
    _check_patch(instance, request.urn, obj)
    _warn_about_annotations(instance, request.urn, obj)
    _name(instance, request, obj, old)
    deprecations.warn(instance, request.urn)
    _fill_namespace(instance, request.urn, obj)
    if objects.is_crd(obj):
        instance.discovery.plan(obj)
    mark_secrets(obj, given)
    return pb.CheckResponse(inputs=wire.encode(obj))


def _check_patch(instance: Instance, urn: str, obj: Object) -> None:
    if not tokens.is_patch(urn, str(obj.get("kind", ""))):
        return
    if not instance.options.server_side_apply:
        raise ProviderError(
            "patch resources require Server-Side Apply mode, which is enabled using the "
            "`enableServerSideApply` Provider config"
        )
    if not objects.is_named(obj):
        raise ProviderError("patch resources require the `.metadata.name` field to be set")


def _warn_about_annotations(instance: Instance, urn: str, obj: Object) -> None:
    found = objects.annotations(obj)
    if directives.AUTONAMED in found:
        instance.log.warning(
            urn,
            f'ignoring user-specified value for internal annotation "{directives.AUTONAMED}"',
        )
    hooked = any(
        key.startswith(directives.HELM_HOOK) and "test" in value for key, value in found.items()
    )
    if hooked and not instance.options.suppress_helm_hook_warnings:
        instance.log.warning(
            urn,
            "This resource contains Helm hooks that are not currently supported by Pulumi. The "
            "resource will be created, but any hooks will not be executed. This warning can be "
            "disabled by setting the PULUMI_K8S_SUPPRESS_HELM_HOOK_WARNINGS environment variable",
        )


def _name(instance: Instance, request: pb.CheckRequest, obj: Object, old: Object) -> None:
    server_side = instance.options.server_side_apply
    if old:
        autonaming.adopt(obj, old)
        if objects.lookup(old, "metadata", "labels", _MANAGED_BY) == "pulumi":
            _label(obj)
    else:
        autonaming.assign(obj, request)
        if not server_side:
            _label(obj)
    if autonaming.has_generate_name(obj):
        if server_side:
            raise ProviderError(
                "the `.metadata.generateName` field is not supported in Server-Side Apply mode"
            )
        if instance.options.render_directory:
            raise ProviderError(
                "the `.metadata.generateName` field is not supported in YAML rendering mode"
            )


def _label(obj: Object) -> None:
    metadata: Any = obj.setdefault("metadata", {})
    labels = metadata.setdefault("labels", {}) if isinstance(metadata, dict) else None
    if isinstance(labels, dict):
        labels[_MANAGED_BY] = "pulumi"


def _fill_namespace(instance: Instance, urn: str, obj: Object) -> None:
    if objects.namespace(obj) or not instance.default_namespace:
        return
    # A kind whose definition nobody has seen yet is taken for namespaced, which most are.
    if instance.discovery.is_namespaced(tokens.gvk_of(urn)) is not False:
        objects.set_metadata(obj, "namespace", instance.default_namespace)
