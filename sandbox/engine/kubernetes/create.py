"""Create: make an object, or in a preview learn from the API server what it would become."""

from datetime import UTC, datetime, timedelta
from typing import Final

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import (
    awaiting,
    checkpoint,
    deprecations,
    directives,
    fieldmanager,
    objects,
    prune,
    render,
    tokens,
    wire,
)
from sandbox.engine.kubernetes.cluster import CREATE_FIELD_MANAGER, Cluster
from sandbox.engine.kubernetes.errors import (
    ApiError,
    InitializationError,
    NoMatchError,
    PartialFailureError,
    ProviderError,
)
from sandbox.engine.kubernetes.instance import Instance
from sandbox.engine.kubernetes.objects import Object

_RETRY_PAUSES_SECONDS: Final = (1, 2, 4, 8, 16, 32)
"""A CRD or a namespace made by somebody else gets about a minute to appear."""
_CLOCK_TOLERANCE: Final = timedelta(seconds=2)
"""Timestamps of objects are whole seconds."""


def create(instance: Instance, request: pb.CreateRequest) -> pb.CreateResponse:
    """Make an object.

    Raises:
        ProviderError: It was not made, or (``PartialFailureError``) is not ready.
    """
    given = wire.decode(request.properties)
    inputs = checkpoint.to_object(given)
    if instance.options.render_directory and not request.preview:
        return render.create(instance, request.urn, inputs, given)
    unchanged = pb.CreateResponse(properties=request.properties)
    if request.preview and not _can_preview(instance, request.urn, inputs):
        return unchanged
    creation = _Creation(instance, request, inputs, given)
    try:
        live = creation.run()
    except InitializationError as error:
        raise creation.not_ready(error) from None
    except (ApiError, NoMatchError) as error:
        if request.preview and _leaves_preview_open(error):
            return unchanged
        raise creation.failure(error) from None
    if request.preview:
        live.pop("status", None)
        return pb.CreateResponse(properties=wire.encode(creation.state(live)))
    return pb.CreateResponse(id=_identifier(live), properties=wire.encode(creation.state(live)))


def _can_preview(instance: Instance, urn: str, inputs: Object) -> bool:
    return (
        instance.reachable is not None
        and instance.options.server_side_apply
        and not wire.has_unknown(inputs)
        and not tokens.is_patch(urn, str(inputs.get("kind", "")))
        and instance.reachable.serves(inputs)
    )


def _leaves_preview_open(error: ApiError | NoMatchError) -> bool:
    """Whether the server's refusal says nothing about what `up` would do."""
    return isinstance(error, ApiError) and (
        error.forbidden
        or error.already_exists
        or error.namespace_not_found
        or error.dry_run_unsupported
    )


def _identifier(live: Object) -> str:
    return tokens.resource_id(objects.namespace(live), objects.name(live))


class _Creation:
    def __init__(
        self,
        instance: Instance,
        request: pb.CreateRequest,
        inputs: Object,
        given: wire.Properties,
    ) -> None:
        self.instance = instance
        self.given = given
        self.cluster: Cluster = instance.cluster
        self.request = request
        self.inputs = inputs
        self.field_manager = fieldmanager.name(
            {}, inputs, server_side=instance.options.server_side_apply
        )
        self.applies = tokens.is_patch(request.urn, str(inputs.get("kind", ""))) or (
            instance.options.server_side_apply and instance.options.upsert
        )

    def run(self) -> Object:
        live = self._send_until_served()
        self.instance.log.status(self.request.urn, "")
        if self.request.preview:
            return live
        return awaiting.ready(
            awaiting.Wait.of(self.instance, self.request.urn, self.inputs, self.request.timeout),
            live,
        )

    def _send_until_served(self) -> Object:
        """Send, and send again while the kind or the namespace does not exist yet."""
        attempts = (*_RETRY_PAUSES_SECONDS, None)
        for attempt, pause in enumerate(attempts):
            try:
                return self._send()
            except (NoMatchError, ApiError) as error:
                passing = isinstance(error, NoMatchError) or error.not_found
                removed = deprecations.replacement(objects.gvk(self.inputs))
                if self.request.preview or removed or not passing or pause is None:
                    raise
                self.instance.log.status(
                    self.request.urn, f"Retry #{attempt}; creation failed: {error}"
                )
                if self.instance.cancelled.wait(pause):
                    raise
        raise AssertionError

    def _send(self) -> Object:
        started = datetime.now(UTC) - _CLOCK_TOLERANCE
        if self.applies:
            force = (
                self.request.preview
                or self.instance.options.patch_force
                or directives.is_true(self.inputs, directives.PATCH_FORCE)
            )
            return self.cluster.apply(
                self.inputs, self.field_manager, force=force, dry_run=self.request.preview
            )
        try:
            return self.cluster.create(self.inputs, dry_run=self.request.preview)
        except ApiError as error:
            if error.already_exists and error.answer_was_lost and not self.request.preview:
                return self._own_or_raise(started, error)
            raise

    def _own_or_raise(self, started: datetime, error: ApiError) -> Object:
        """Adopt the object that a lost answer left behind, if it is provably the one we sent."""
        live = self.cluster.get(self.inputs)
        created = datetime.fromisoformat(live["metadata"]["creationTimestamp"])
        managers = {entry.get("manager") for entry in fieldmanager.managed(live)}
        ours = created >= started and CREATE_FIELD_MANAGER in managers
        if not ours or prune.prune(live, self.inputs) != self.inputs:
            raise error
        return live

    def state(self, live: Object) -> wire.Properties:
        """Return the state of the resource."""
        return checkpoint.compose(
            inputs=self.inputs,
            live=live,
            given=self.given,
            initial_api_version=str(self.inputs.get("apiVersion", "")),
            field_manager=self.field_manager,
        )

    def not_ready(self, error: InitializationError) -> PartialFailureError:
        """Say that the object is there, but not ready."""
        return PartialFailureError(
            f'resource "{self.request.urn}" was successfully created, but the Kubernetes API '
            f"server reported that it failed to fully initialize or become live: {error}",
            _identifier(error.live),
            self.state(error.live),
            error.reasons,
        )

    def failure(self, error: ApiError | NoMatchError) -> ProviderError:
        """Say what could not be done."""
        if isinstance(error, NoMatchError):
            gvk = objects.gvk(self.inputs)
            return ProviderError(
                f'creation of resource "{self.request.urn}" with kind '
                f"{gvk.api_version}/{gvk.kind} failed because the Kubernetes API server reported "
                "that the apiVersion for this resource does not exist. Verify that any required "
                f"CRDs have been created: {error}"
            )
        text = (
            f'resource "{self.request.urn}" was not successfully created by the Kubernetes API '
            f"server: {error}"
        )
        return ProviderError(text + _ALREADY_EXISTS_HINT if error.already_exists else text)


_ALREADY_EXISTS_HINT: Final = """
The object exists already. Depending on what you want:
  - the resource was renamed in the program: add an alias with its old name
  - manage only some fields of the object: use the Patch kind of the resource
  - manage the whole object from now on: import it
  - take over whatever exists: set the provider's `upsertExistingObjects` option"""
