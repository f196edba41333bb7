"""The schemas of the built-in kinds, as the API server publishes them.

Fetched per group and version when first needed, and kept.
"""

import threading
from typing import Any, Final

from sandbox.engine.kubernetes.client import ApiClient, Request
from sandbox.engine.kubernetes.discovery import base_path
from sandbox.engine.kubernetes.errors import ApiError
from sandbox.engine.kubernetes.tokens import Gvk

Schema = dict[str, Any]

_REFERENCE: Final = "#/components/schemas/"


class OpenApi:
    """The published schemas of one API server."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._documents: dict[str, dict[str, Schema]] = {}
        self._kinds: dict[Gvk, str] = {}
        self._lock = threading.Lock()

    def schema(self, gvk: Gvk) -> "SchemaView | None":
        """Return the schema of a kind; ``None`` when there is none."""
        base = base_path(gvk)
        with self._lock:
            if base not in self._documents:
                self._documents[base] = self._fetch(base)
        name = self._kinds.get(gvk)
        return None if name is None else SchemaView(self._documents[base], name)

    def _fetch(self, base: str) -> dict[str, Schema]:
        try:
            document = self._client.send(Request("GET", f"/openapi/v3{base}"))
        except ApiError as error:
            if error.not_found:
                return {}
            raise
        schemas: dict[str, Schema] = document.get("components", {}).get("schemas", {})
        for name, schema in schemas.items():
            for kind in schema.get("x-kubernetes-group-version-kind", []):
                self._kinds[Gvk(kind["group"], kind["version"], kind["kind"])] = name
        return schemas


class SchemaView:
    """A schema with its references followed on demand."""

    def __init__(self, schemas: dict[str, Schema], name: str, inline: Schema | None = None) -> None:
        self._schemas = schemas
        self.name = name
        """The schema's name, such as ``io.k8s.api.core.v1.PodSpec``; empty for an inline one."""
        self._schema = inline if inline is not None else schemas.get(name, {})

    def _view(self, schema: Schema) -> "SchemaView":
        references = [schema, *schema.get("allOf", [])]
        for candidate in references:
            if "$ref" in candidate:
                return SchemaView(self._schemas, candidate["$ref"].removeprefix(_REFERENCE))
        return SchemaView(self._schemas, "", schema)

    @property
    def properties(self) -> dict[str, Schema]:
        """The fields of a structured map; empty for anything else."""
        properties: dict[str, Schema] = self._schema.get("properties", {})
        return properties

    def field(self, name: str) -> "SchemaView":
        """Return the schema of a field."""
        return self._view(self.properties[name])

    @property
    def elements(self) -> "SchemaView | None":
        """The schema of a list's elements; ``None`` if it is no list."""
        items = self._schema.get("items")
        return self._view(items) if isinstance(items, dict) else None

    @property
    def values(self) -> "SchemaView | None":
        """The schema of a free map's values; ``None`` if it is no free map."""
        values = self._schema.get("additionalProperties")
        return self._view(values) if isinstance(values, dict) else None
