"""Diff: what an update would change, and whether it can be made in place.

The comparison is between the live object, cut down to what the program gave last time, and what
the program gives now: drift shows, fields of others do not.
"""

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import (
    autonaming,
    checkpoint,
    detaileddiff,
    directives,
    mergepatch,
    objects,
    propertypath,
    prune,
    replace,
    tokens,
    wire,
)
from sandbox.engine.kubernetes.awaiting import job
from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.instance import Instance
from sandbox.engine.kubernetes.normalize import normalize
from sandbox.engine.kubernetes.objects import Object

_UNREADY = '.metadata.annotations["pulumi.com/replaceUnready"]'


def diff(instance: Instance, request: pb.DiffRequest) -> pb.DiffResponse:
    """Compare a resource's state with its new inputs."""
    old_inputs, old_live = checkpoint.split(wire.decode(request.olds))
    old_inputs = normalize(old_inputs, instance.schemas)
    new_inputs = normalize(checkpoint.to_object(wire.decode(request.news)), instance.schemas)
    base = _comparable(instance, old_live, old_inputs, new_inputs)
    patch = mergepatch.create(base, new_inputs)
    patched_only = tokens.is_patch(request.urn, str(new_inputs.get("kind", "")))
    found = detaileddiff.compute(
        patch,
        live=base,
        new_inputs=new_inputs,
        old_inputs=base,
        forcing=replace.IDENTITY
        if patched_only
        else replace.fields(new_inputs, instance.options.mutability),
    )
    _drop_ignored(found, list(request.ignoreChanges))
    replaces = detaileddiff.replacing(found)
    if "metadata" in found and found["metadata"].kind == pb.PropertyDiff.DELETE:
        replaces.append("metadata")
    changed = bool(found)
    if directives.is_true(new_inputs, directives.REPLACE_UNREADY) and _is_unready(
        instance, request.urn, new_inputs, old_live
    ):
        replaces.append(_UNREADY)
        changed = True
    return pb.DiffResponse(
        changes=pb.DiffResponse.DIFF_SOME if changed else pb.DiffResponse.DIFF_NONE,
        replaces=replaces,
        deleteBeforeReplace=bool(replaces) and _keeps_name(new_inputs, old_live),
        detailedDiff=found,
        hasDetailedDiff=True,
    )


def _comparable(instance: Instance, live: Object, old_inputs: Object, new_inputs: Object) -> Object:
    """Cut the live object down and make both sides agree on what is not a change."""
    base = prune.prune(live, old_inputs)
    if instance.discovery.is_namespaced(objects.gvk(new_inputs)) is False:
        for obj in (base, new_inputs):
            objects.remove(obj, "metadata", "namespace")
    else:
        for obj in (base, new_inputs):
            objects.set_metadata(obj, "namespace", objects.namespace(obj) or "default")
    if not base.get("apiVersion") and not base.get("kind"):
        base |= {key: new_inputs[key] for key in ("apiVersion", "kind") if key in new_inputs}
    if instance.options.server_side_apply:
        objects.remove(base, "metadata", "resourceVersion")
    if objects.name(new_inputs):
        objects.set_metadata(base, "name", objects.name(live))
    return base


def _drop_ignored(found: dict[str, pb.PropertyDiff], ignored: list[str]) -> None:
    outer = [propertypath.parse(text) for text in ignored]
    for text in list(found):
        inner = propertypath.parse(text)
        if any(propertypath.contains(path, inner) for path in outer):
            del found[text]


def _is_unready(instance: Instance, urn: str, inputs: Object, live: Object) -> bool:
    if instance.reachable is None:
        instance.log.warning(urn, "Cluster is unreachable, skipping replaceUnready check")
        return False
    if inputs.get("kind") != "Job":
        instance.log.warning(urn, "replaceUnready annotation is not supported for this resource")
        return False
    try:
        return not job.is_complete(instance.reachable.get(live))
    except ProviderError:
        return False


def _keeps_name(new_inputs: Object, live: Object) -> bool:
    """Whether the replacement would collide with what it replaces."""
    return (
        objects.is_named(new_inputs)
        and not autonaming.is_autonamed(new_inputs)
        and objects.name(new_inputs) == objects.name(live)
        and objects.namespace(new_inputs) == objects.namespace(live)
    )
