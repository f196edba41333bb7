"""Manifests in a directory instead of objects in a cluster (``renderYamlToDirectory``).

Definitions of custom resources go to ``0-crd``, everything else to ``1-manifest``, so that
applying the folders in order works. Files are readable by their owner only: secrets are in plain
text.
"""

from pathlib import Path
from typing import Final

import yaml
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import checkpoint, fieldmanager, objects, tokens, wire
from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.instance import Instance
from sandbox.engine.kubernetes.objects import Object

_CRD_FOLDER: Final = "0-crd"
_MANIFEST_FOLDER: Final = "1-manifest"


def create(
    instance: Instance, urn: str, inputs: Object, given: wire.Properties
) -> pb.CreateResponse:
    """Write a new manifest."""
    state = _write(instance, urn, inputs, given, {})
    identifier = tokens.resource_id(objects.namespace(inputs), objects.name(inputs))
    return pb.CreateResponse(id=identifier, properties=wire.encode(state))


def update(
    instance: Instance, request: pb.UpdateRequest, inputs: Object, given: wire.Properties
) -> pb.UpdateResponse:
    """Write a changed manifest, unless it is a preview."""
    if request.preview:
        return pb.UpdateResponse(properties=request.news)
    state = _write(instance, request.urn, inputs, given, wire.decode(request.olds))
    return pb.UpdateResponse(properties=wire.encode(state))


def read(request: pb.ReadRequest) -> pb.ReadResponse:
    """Return what was written; there is no cluster to ask."""
    return pb.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)


def delete(instance: Instance, urn: str, live: Object) -> None:
    """Remove a manifest; one that is gone already is fine."""
    path = _path(instance, live)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ProviderError(f"failed to delete {path}: {error.strerror}") from None
    instance.log.status(urn, f"deleted {path}")


def _write(
    instance: Instance, urn: str, inputs: Object, given: wire.Properties, old: wire.Properties
) -> wire.Properties:
    path = _path(instance, inputs)
    if wire.has_secret(given):
        instance.log.warning(urn, f"rendered file {path} contains a secret value in plaintext")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(inputs, sort_keys=True))
    except OSError as error:
        raise ProviderError(f"failed to write YAML file: {path}: {error.strerror}") from None
    instance.log.status(urn, f"rendered {path}")
    return checkpoint.compose(
        inputs=inputs,
        live=inputs,
        given=given,
        initial_api_version=checkpoint.initial_api_version(old, inputs),
        field_manager=fieldmanager.name(
            old, inputs, server_side=instance.options.server_side_apply
        ),
    )


def _path(instance: Instance, obj: Object) -> Path:
    version = str(obj.get("apiVersion", "")).replace("/", "_").replace(":", "_")
    namespace = objects.namespace(obj) or "default"
    kind = str(obj.get("kind", "")).lower()
    folder = _CRD_FOLDER if objects.is_crd(obj) else _MANIFEST_FOLDER
    name = f"{version}-{kind}-{namespace}-{objects.name(obj)}.yaml"
    return Path(instance.options.render_directory) / folder / name
