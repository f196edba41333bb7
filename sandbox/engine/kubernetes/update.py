"""Update: change an object in place, or in a preview learn what the change would make of it."""

import copy
from collections.abc import Callable

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import (
    awaiting,
    checkpoint,
    directives,
    fieldmanager,
    mergepatch,
    objects,
    render,
    tokens,
    wire,
)
from sandbox.engine.kubernetes.client import MERGE_PATCH
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

_CONFLICT_ATTEMPTS = 5
"""How often a change is made again because the object changed under our hands."""


def update(instance: Instance, request: pb.UpdateRequest) -> pb.UpdateResponse:
    """Change an object.

    Raises:
        ProviderError: It was not changed, or (``PartialFailureError``) is not ready.
    """
    unchanged = pb.UpdateResponse(properties=request.news)
    given = wire.decode(request.news)
    inputs = normalize(checkpoint.to_object(given), instance.schemas)
    if instance.options.render_directory:
        return render.update(instance, request, inputs, given)
    if request.preview and not _can_preview(instance, inputs):
        return unchanged
    change = _Change(instance, request, inputs, given)
    try:
        live = change.run()
    except NoMatchError as error:
        raise ProviderError(
            f'update of resource "{request.urn}" failed because the Kubernetes API server reported '
            "that the apiVersion for this resource does not exist. Verify that any required CRDs "
            f"have been created: {error}"
        ) from None
    except ProviderError as error:
        if request.preview and isinstance(error, ApiError) and error.forbidden:
            return unchanged
        raise change.failure(error) from None
    if not request.preview:
        change.release_old_manager(live)
    return pb.UpdateResponse(properties=wire.encode(change.state(live)))


def _can_preview(instance: Instance, inputs: Object) -> bool:
    return (
        instance.reachable is not None
        and not wire.has_unknown(inputs)
        and instance.reachable.serves(inputs)
    )


class _Change:
    def __init__(
        self,
        instance: Instance,
        request: pb.UpdateRequest,
        inputs: Object,
        given: wire.Properties,
    ) -> None:
        self.instance = instance
        self.given = given
        self.cluster = instance.cluster
        self.request = request
        self.inputs = inputs
        self.old_state = old_state = wire.decode(request.olds)
        self.old_inputs, self.old_live = checkpoint.split(old_state)
        server_side = instance.options.server_side_apply
        self.old_manager = fieldmanager.name(old_state, self.old_inputs, server_side=server_side)
        self.field_manager = fieldmanager.name(
            old_state | {checkpoint.FIELD_MANAGER: self.old_manager},
            inputs,
            server_side=server_side,
        )

    def run(self) -> Object:
        for attempt in range(1, _CONFLICT_ATTEMPTS + 1):
            before = self.cluster.get(self.inputs, objects.name(self.old_live))
            try:
                changed = self._send(before)
                break
            except _StaleError as stale:
                if attempt == _CONFLICT_ATTEMPTS:
                    raise stale.error from None
        if self.request.preview:
            return changed
        return awaiting.ready(
            awaiting.Wait.of(
                self.instance, self.request.urn, self.inputs, self.request.timeout, before
            ),
            changed,
        )

    def _send(self, before: Object) -> Object:
        dry_run = self.request.preview
        if objects.is_crd(self.inputs):
            wanted = copy.deepcopy(self.inputs)
            objects.set_metadata(wanted, "resourceVersion", before["metadata"]["resourceVersion"])
            return _unless_stale(
                lambda: self.cluster.replace(wanted, self.field_manager, dry_run=dry_run)
            )
        if not self.instance.options.server_side_apply:
            patch = mergepatch.create(prune(before, self.old_inputs), self.inputs)
            return self.cluster.patch(before, patch, MERGE_PATCH, dry_run=dry_run)
        if not dry_run and not self._is_patch():
            before = self._take_over(before)
        wanted = copy.deepcopy(self.inputs)
        objects.set_metadata(wanted, "name", objects.name(before))
        ignored = list(self.request.ignoreChanges)
        fieldmanager.apply_ignored(wanted, before, ignored, self.field_manager)
        return self.cluster.apply(
            wanted, self.field_manager, force=self._force(before), dry_run=dry_run
        )

    def _is_patch(self) -> bool:
        return tokens.is_patch(self.request.urn, str(self.inputs.get("kind", "")))

    def _take_over(self, before: Object) -> Object:
        patch = fieldmanager.takeover_patch(before, self.field_manager)
        return _unless_stale(lambda: self.cluster.patch(before, patch)) if patch else before

    def _force(self, before: Object) -> bool:
        if directives.is_true(self.inputs, directives.PATCH_FORCE):
            return True
        if self.instance.options.patch_force:
            return True
        # A preview cannot move ownership first, so what was ours anyway must not count as conflict.
        if self.request.preview and fieldmanager.was_created_by_us(before):
            return True
        return not fieldmanager.managed(before)

    def state(self, live: Object) -> wire.Properties:
        """Return the state of the resource."""
        return checkpoint.compose(
            inputs=self.inputs,
            live=live,
            given=self.given,
            initial_api_version=checkpoint.initial_api_version(self.old_state, self.old_inputs),
            field_manager=self.field_manager,
        )

    def failure(self, error: ProviderError) -> ProviderError:
        """Say that the change failed, and keep the state of what exists all the same."""
        reasons: list[str] = []
        if isinstance(error, InitializationError):
            live, reasons = error.live, error.reasons
        else:
            try:
                live = self.cluster.get(self.old_live)
            except ProviderError as second:
                return ProviderError(
                    f'update of resource "{self.request.urn}" failed: {error}\n'
                    f"unable to get cluster state: {second}"
                )
        identifier = tokens.resource_id(objects.namespace(live), objects.name(live))
        text = (
            f'the Kubernetes API server reported that "{identifier}" failed to fully initialize or '
            f"become live: {error}"
        )
        return PartialFailureError(text, identifier, self.state(live), reasons)

    def release_old_manager(self, live: Object) -> None:
        """Give up the fields that another manager of ours owned before."""
        if self.instance.options.server_side_apply and self.old_manager != self.field_manager:
            self.cluster.apply(objects.identity(live), self.old_manager, force=False)


class _StaleError(Exception):
    """The object changed between reading and writing."""

    def __init__(self, error: ApiError) -> None:
        self.error = error


def _unless_stale(write: Callable[[], Object]) -> Object:
    try:
        return write()
    except ApiError as error:
        if error.conflict:
            raise _StaleError(error) from None
        raise
