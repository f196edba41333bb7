"""One form for inputs that mean the same to the API server.

Without it a program that says ``1000m`` would differ forever from a server that says ``1``.
Built-in kinds are shaped by the server's own schema: unknown fields and empty maps and lists fall
away, quantities get their canonical form. Custom resources stay as they are.
"""

import base64
import binascii
from typing import Any, Final

from sandbox.engine.kubernetes import objects
from sandbox.engine.kubernetes.objects import Object
from sandbox.engine.kubernetes.openapi import OpenApi, SchemaView
from sandbox.engine.kubernetes.quantity import canonical
from sandbox.engine.kubernetes.wire import has_unknown

_QUANTITY: Final = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_ZERO_MEANS_ABSENT: Final = frozenset(
    [
        "clusterIP",
        "externalName",
        "failureThreshold",
        "healthCheckNodePort",
        "hostIPC",
        "hostNetwork",
        "hostPID",
        "hostPort",
        "hostname",
        "initialDelaySeconds",
        "loadBalancerIP",
        "minReadySeconds",
        "nodeName",
        "nodePort",
        "paused",
        "periodSeconds",
        "priorityClassName",
        "publishNotReadyAddresses",
        "readOnly",
        "schedulerName",
        "stdin",
        "stdinOnce",
        "subPath",
        "subdomain",
        "successThreshold",
        "timeoutSeconds",
        "tty",
        "unschedulable",
    ]
)
"""Fields of which the server leaves out ``false``, ``0`` and the empty text, or puts a default."""
_KEPT_EMPTY: Final = frozenset({"rules"})
"""Lists that the server returns even when they are empty."""


def normalize(obj: Object, schemas: OpenApi | None) -> Object:
    """Return an object's inputs in the form that the server returns, without its own metadata."""
    gvk = objects.gvk(obj)
    if gvk.built_in and not has_unknown(obj):
        if objects.is_crd(obj):
            _normalize_crd(obj)
        elif objects.is_core(obj, "Secret"):
            _normalize_secret(obj)
        elif schemas is not None:
            schema = schemas.schema(gvk)
            obj = obj if schema is None else _shape_map(obj, schema)
    for key in objects.SERVER_METADATA:
        objects.remove(obj, "metadata", key)
    return obj


def _normalize_crd(crd: Object) -> None:
    if objects.lookup(crd, "spec", "preserveUnknownFields") is False:
        objects.remove(crd, "spec", "preserveUnknownFields")
    crd.pop("status", None)


def _normalize_secret(secret: Object) -> None:
    texts = secret.get("stringData")
    data = secret.get("data")
    if isinstance(texts, dict) and texts and all(isinstance(text, str) for text in texts.values()):
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        secret["data"] = (data if isinstance(data, dict) else {}) | encoded
        del secret["stringData"]
    elif isinstance(data, dict):
        secret["data"] = {key: _reencode(value) for key, value in data.items()}


def _reencode(text: Any) -> Any:
    """Drop line breaks from base64 text, as the server does; leave other text to the server."""
    if not isinstance(text, str):
        return text
    try:
        return base64.b64encode(
            base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
        ).decode()
    except binascii.Error:
        return text


def _shape(value: Any, schema: SchemaView) -> Any:
    if schema.name == _QUANTITY:
        return _quantity(value)
    if isinstance(value, dict):
        return _shape_map(value, schema)
    if isinstance(value, list) and schema.elements is not None:
        return [_shape(item, schema.elements) for item in value]
    return value


def _shape_map(value: dict[str, Any], schema: SchemaView) -> dict[str, Any]:
    if schema.values is not None:
        return {key: _shape(item, schema.values) for key, item in value.items()}
    if not schema.properties:
        return value
    shaped = {
        key: _shape(item, schema.field(key))
        for key, item in value.items()
        if key in schema.properties
    }
    return {key: item for key, item in shaped.items() if not _absent(key, item, schema.field(key))}


def _absent(key: str, value: Any, schema: SchemaView) -> bool:
    if value in (False, "") and not isinstance(value, float):
        return key in _ZERO_MEANS_ABSENT
    free = schema.elements is not None or schema.values is not None
    return value in ([], {}) and free and key not in _KEPT_EMPTY


def _quantity(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    return canonical(value if isinstance(value, str) else repr(value))
