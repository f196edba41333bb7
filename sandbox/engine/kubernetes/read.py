"""Read: what is live now, for refresh and for import."""

import copy

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
from sandbox.engine.kubernetes.normalize import normalize
from sandbox.engine.kubernetes.objects import Object
from sandbox.engine.kubernetes.prune import prune
from sandbox.engine.kubernetes.secrecy import mark_secrets

GONE = pb.ReadResponse(id="")
"""Tells the engine to forget the resource."""
_NOT_INPUTS = frozenset({"status", "metadata", "apiVersion", "kind"})


def read(instance: Instance, request: pb.ReadRequest) -> pb.ReadResponse:
    """Return the live state of a resource; an empty id when it is gone.

    Raises:
        ProviderError: Nobody can tell, or (``PartialFailureError``) it is not ready.
    """
    answer = answer_without_cluster(instance, request)
    if answer is not None:
        return answer
    given = wire.decode(request.inputs)
    old_state = wire.decode(request.properties)
    wanted = normalize(checkpoint.to_object(given), instance.schemas)
    imported = _identify(wanted, old_state, request)
    try:
        live = instance.cluster.get(wanted, tokens.parse_id(request.id)[1])
    except (NoMatchError, ApiError) as error:
        if isinstance(error, NoMatchError) or error.not_found:
            return GONE
        raise
    inputs = _imported_inputs(instance, live, wanted) if imported else prune(live, wanted)
    state = checkpoint.compose(
        inputs=inputs,
        live=live,
        given=given,
        initial_api_version=checkpoint.initial_api_version(old_state, wanted),
        field_manager=fieldmanager.name(
            old_state, wanted, server_side=instance.options.server_side_apply
        ),
    )
    mark_secrets(inputs, given)
    if not imported:
        try:
            awaiting.check(awaiting.Wait.of(instance, request.urn, wanted, 0.0), live)
        except InitializationError as error:
            raise PartialFailureError(
                str(error), request.id, state, error.reasons, inputs
            ) from None
    return pb.ReadResponse(id=request.id, properties=wire.encode(state), inputs=wire.encode(inputs))


def answer_without_cluster(instance: Instance, request: pb.ReadRequest) -> pb.ReadResponse | None:
    """Answer when the cluster cannot be reached, as the options say; ``None`` when it can.

    Raises:
        ProviderError: The options leave it an error.
    """
    if instance.options.render_directory:
        return render.read(request)
    if instance.reachable is not None:
        return None
    log, options = instance.log, instance.options
    unreachable = "configured Kubernetes cluster is unreachable"
    log.warning(request.urn, f"{unreachable}: {instance.unreachable_reason}")
    if options.delete_unreachable:
        log.info(
            request.urn,
            f"{unreachable} and the `deleteUnreachable` option is enabled. "
            "Deleting the unreachable resource from Pulumi state",
        )
        return GONE
    if options.skip_update_unreachable:
        log.info(
            request.urn,
            f"{unreachable} and the `skipUnreachable` option is enabled. Returned data could not "
            "reflect the actual cluster configuration.",
        )
        return pb.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
    raise ProviderError(
        "failed to read resource state due to unreachable cluster. If the cluster was deleted, you "
        "can remove this resource from Pulumi state by rerunning the operation with the "
        'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"'
    )


def _identify(wanted: Object, state: wire.Properties, request: pb.ReadRequest) -> bool:
    """Complete what is known of the object; return whether nothing was, as in an import."""
    if wanted.get("kind"):
        return False
    namespace, name = tokens.parse_id(request.id)
    _, old_live = checkpoint.split(state)
    imported = not old_live.get("kind")
    if imported:
        gvk = tokens.gvk_of(request.urn)
        wanted |= {"apiVersion": gvk.api_version, "kind": gvk.kind}
    else:
        wanted |= {key: old_live[key] for key in ("apiVersion", "kind")}
    if not objects.name(wanted):
        objects.set_metadata(wanted, "name", name)
    if not objects.namespace(wanted):
        objects.set_metadata(wanted, "namespace", namespace)
    return imported


def _imported_inputs(instance: Instance, live: Object, wanted: Object) -> Object:
    """Return what a program would have to say to get the live object."""
    kind = objects.gvk(wanted)
    schema = instance.schemas.schema(kind) if instance.schemas and kind.built_in else None
    fields = set(schema.properties) if schema else set(live)
    inputs = {key: copy.deepcopy(live[key]) for key in live if key in fields - _NOT_INPUTS}
    inputs |= {key: live[key] for key in ("apiVersion", "kind")}
    inputs["metadata"] = copy.deepcopy(live["metadata"])
    for key in objects.SERVER_METADATA:
        objects.remove(inputs, "metadata", key)
    for key in ("deployment.kubernetes.io/revision", directives.LAST_APPLIED):
        objects.remove(inputs, "metadata", "annotations", key)
    return inputs
