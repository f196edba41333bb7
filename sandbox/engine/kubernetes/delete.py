"""Delete: remove an object and wait until it is gone, or give up the fields of a Patch."""

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import (
    awaiting,
    checkpoint,
    directives,
    fieldmanager,
    objects,
    render,
    tokens,
    wire,
)
from sandbox.engine.kubernetes.errors import (
    ApiError,
    InitializationError,
    NoMatchError,
    PartialFailureError,
    ProviderError,
)
from sandbox.engine.kubernetes.instance import Instance
from sandbox.engine.kubernetes.objects import Object


def delete(instance: Instance, request: pb.DeleteRequest) -> None:
    """Remove an object; one that is gone already, or whose kind is, counts as removed.

    Raises:
        ProviderError: It is still there.
    """
    state = wire.decode(request.properties)
    inputs, live = checkpoint.split(state)
    if instance.options.render_directory:
        render.delete(instance, request.urn, live)
        return
    if instance.reachable is None:
        _without_cluster(instance, request.urn)
        return
    manager = fieldmanager.name(state, inputs, server_side=instance.options.server_side_apply)
    objects.set_metadata(live, "name", tokens.parse_id(request.id)[1])
    try:
        if tokens.is_patch(request.urn, str(live.get("kind", ""))):
            _relinquish(instance, live, manager)
        else:
            _remove(instance, request, inputs, live)
    except NoMatchError:
        return
    except InitializationError as error:
        remaining = checkpoint.compose(
            inputs=inputs,
            live=error.live,
            given=state,
            initial_api_version=checkpoint.initial_api_version(state, inputs),
            field_manager=manager,
        )
        raise PartialFailureError(str(error), request.id, remaining, error.reasons) from None


def _without_cluster(instance: Instance, urn: str) -> None:
    unreachable = "configured Kubernetes cluster is unreachable"
    instance.log.warning(urn, f"{unreachable}: {instance.unreachable_reason}")
    if not instance.options.delete_unreachable:
        raise ProviderError(
            f"{unreachable}. If the cluster was deleted, you can remove this resource from Pulumi "
            "state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment "
            'variable set to "true"'
        )
    instance.log.info(
        urn,
        f"{unreachable} and the `deleteUnreachable` option is enabled. "
        "Deleting the unreachable resource from Pulumi state",
    )


def _remove(instance: Instance, request: pb.DeleteRequest, inputs: Object, live: Object) -> None:
    cluster = instance.cluster
    try:
        cluster.delete(live, directives.propagation_policy(inputs))
    except ApiError as error:
        if error.not_found:
            return
        raise
    awaiting.deleted(awaiting.Wait.of(instance, request.urn, inputs, request.timeout), live)
    instance.log.status(request.urn, "")


def _relinquish(instance: Instance, live: Object, manager: str) -> None:
    """Apply nothing but the identity: fields that nobody else owns go away."""
    try:
        instance.cluster.apply(objects.identity(live), manager, force=False)
    except ApiError as error:
        if error.not_found:
            return
        required = error.causes("FieldValueRequired")
        if required:
            raise ProviderError(
                "this Patch resource is currently managing a required field, so it can't be "
                "deleted directly. Either set the `retainOnDelete` resource option, or transfer "
                f"ownership of the field before deleting: {required[0]}"
            ) from None
        raise
