"""Check, Diff, Create, Read, Update and Delete of Helm releases."""

import copy
import os

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import autonaming, detaileddiff, read, tokens, wire
from sandbox.engine.kubernetes.checkpoint import INPUTS
from sandbox.engine.kubernetes.errors import PartialFailureError, ProviderError
from sandbox.engine.kubernetes.helm import chart, live, model, operations, threeway
from sandbox.engine.kubernetes.helm.command import Helm
from sandbox.engine.kubernetes.helm.model import Release
from sandbox.engine.kubernetes.helm.operations import ReleaseFailedError
from sandbox.engine.kubernetes.instance import Instance
from sandbox.engine.kubernetes.secrecy import mark_secrets, mark_unknowns
from sandbox.engine.kubernetes.wire import UNKNOWN, Properties, Secret

_NO_LONGER_INPUTS = ("checksum", "resourceNames")


def check(instance: Instance, request: pb.CheckRequest) -> pb.CheckResponse:
    """Fill in defaults and make sure that the chart can be loaded."""
    given, old = wire.decode(request.news), wire.decode(request.olds)
    wanted = dict(given)
    if not wanted.get("name"):
        wanted["name"] = old.get("name") or autonaming.propose(request, ".name")
    _set_defaults(instance, wanted)
    release = model.decode(wanted)
    failures = []
    if not wire.has_unknown(wanted):
        try:
            with Helm(instance, release.namespace) as helm:
                release.texts["version"] = chart.load(helm, release).get("version", "")
        except ProviderError as error:
            reason = f"{error}; check the chart name and repository configuration."
            failures.append(pb.CheckFailure(property="chart", reason=reason))
    inputs = release.properties()
    inputs.pop("resourceNames", None)
    mark_unknowns(inputs, given)
    mark_secrets(inputs, given)
    return pb.CheckResponse(inputs=wire.encode(inputs), failures=failures)


def _set_defaults(instance: Instance, wanted: Properties) -> None:
    if not wanted.get("namespace"):
        wanted["namespace"] = instance.default_namespace
    if not wanted.get("skipAwait") and "timeout" not in wanted:
        wanted["timeout"] = model.DEFAULT_TIMEOUT_SECONDS
    if wanted.get("verify") is True and not wanted.get("keyring"):
        wanted["keyring"] = os.path.expandvars("$HOME/.gnupg/pubring.gpg")


def diff(_instance: Instance, request: pb.DiffRequest) -> pb.DiffResponse:
    """Compare a release's state with its new inputs; drift of the live release shows."""
    state, new = wire.decode(request.olds), wire.decode(request.news)
    old_inputs = _old_inputs(state) or {}
    if "version" in request.ignoreChanges and "version" in state:
        new["version"] = state["version"]
    for key in _NO_LONGER_INPUTS:
        old_inputs.pop(key, None)
    old_plain, new_plain, state_plain = map(wire.reveal, (old_inputs, new, state))
    patch = threeway.create(_nulled(old_plain), _nulled(new_plain), _nulled(state_plain))
    found = detaileddiff.compute(
        patch,
        live=state_plain,
        new_inputs=new_plain,
        old_inputs=old_plain,
        forcing=("name", "namespace"),
    )
    return pb.DiffResponse(
        changes=pb.DiffResponse.DIFF_SOME if patch else pb.DiffResponse.DIFF_NONE,
        replaces=detaileddiff.replacing(found),
        diffs=sorted(patch),
        detailedDiff=found,
        hasDetailedDiff=bool(found),
    )


def _nulled(value: Properties) -> Properties:
    """Write unknowns as nulls, which is how the patch shows them."""

    def null(item: object) -> object:
        if isinstance(item, dict):
            return {key: null(entry) for key, entry in item.items()}
        if isinstance(item, list):
            return [null(entry) for entry in item]
        return None if item is UNKNOWN else item

    return {key: null(item) for key, item in value.items()}


def create(instance: Instance, request: pb.CreateRequest) -> pb.CreateResponse:
    """Install a release.

    Raises:
        ProviderError: It was not installed, or (``PartialFailureError``) is not ready.
    """
    inputs = wire.decode(request.properties)
    release = model.decode(inputs)
    if request.preview:
        return pb.CreateResponse(properties=wire.encode(_state(inputs, release, preview=True)))
    if instance.reachable is None:
        raise ProviderError(
            f"can't create Helm Release with unreachable cluster: {instance.unreachable_reason}"
        )
    identifier = tokens.resource_id(release.namespace, release.name)
    try:
        with Helm(instance, release.namespace) as helm:
            operations.install(helm, release)
    except ReleaseFailedError as error:
        instance.log.warning(
            request.urn,
            f'Helm release "{release.name}" was created but has a failed status. Use the `helm` '
            "command to investigate the error, correct it, then retry.",
        )
        text = (
            f'Helm release "{identifier}" was created, but failed to initialize completely. '
            f"Use Helm CLI to investigate: {error}"
        )
        raise PartialFailureError(text, identifier, _state(inputs, release), []) from None
    return pb.CreateResponse(id=identifier, properties=wire.encode(_state(inputs, release)))


def update(instance: Instance, request: pb.UpdateRequest) -> pb.UpdateResponse:
    """Upgrade a release.

    Raises:
        ProviderError: It was not upgraded, or (``PartialFailureError``) is not ready.
    """
    inputs = wire.decode(request.news)
    release = model.decode(inputs)
    if request.preview:
        return pb.UpdateResponse(properties=wire.encode(_state(inputs, release, preview=True)))
    if instance.reachable is None:
        raise ProviderError(
            f"can't update Helm Release with unreachable cluster: {instance.unreachable_reason}"
        )
    old = model.decode(wire.decode(request.olds))
    try:
        with Helm(instance, old.namespace) as helm:
            operations.upgrade(helm, release)
    except ReleaseFailedError as error:
        identifier = tokens.resource_id(release.namespace, release.name)
        text = (
            f'Helm release "{identifier}" failed to initialize completely. '
            f"Use Helm CLI to investigate: error running update: {error}"
        )
        raise PartialFailureError(text, identifier, _state(inputs, release), []) from None
    return pb.UpdateResponse(properties=wire.encode(_state(inputs, release)))


def read_release(instance: Instance, request: pb.ReadRequest) -> pb.ReadResponse:
    """Return the live state of a release; an empty id when it is gone."""
    unreachable = read.answer_without_cluster(instance, request)
    if unreachable is not None:
        return unreachable
    state = wire.decode(request.properties)
    release = model.decode(state)
    namespace, name = (release.namespace, release.name) if state else tokens.parse_id(request.id)
    with Helm(instance, namespace) as helm:
        record = live.find(helm, name)
    if record is None:
        return read.GONE
    live.take_over(release, record)
    inputs = _old_inputs(state)
    if inputs is None:
        inputs = release.properties()
        for key in ("resourceNames", "status"):
            inputs.pop(key, None)
        _set_defaults(instance, inputs)
    return pb.ReadResponse(
        id=request.id,
        properties=wire.encode(_state(inputs, release)),
        inputs=wire.encode(inputs),
    )


def delete(instance: Instance, request: pb.DeleteRequest) -> None:
    """Uninstall a release; one that is gone already counts as uninstalled."""
    if instance.reachable is None:
        raise ProviderError(
            "can't delete Helm Release with unreachable cluster. "
            f'Reason: "{instance.unreachable_reason}"'
        )
    release = model.decode(wire.decode(request.properties))
    with Helm(instance, release.namespace) as helm:
        operations.uninstall(helm, release)


def _state(inputs: Properties, release: Release, *, preview: bool = False) -> Properties:
    state = copy.deepcopy(release.properties())
    state[INPUTS] = Secret(inputs)
    mark_unknowns(state, inputs)
    mark_secrets(state, inputs)
    if preview:
        state |= {"resourceNames": UNKNOWN, "status": UNKNOWN}
    return state


def _old_inputs(state: Properties) -> Properties | None:
    inputs = state.get(INPUTS)
    if isinstance(inputs, Secret):
        inputs = inputs.value
    return dict(inputs) if isinstance(inputs, dict) else None
