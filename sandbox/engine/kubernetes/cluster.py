"""The API server as the operations see it: objects in, objects out."""

from dataclasses import dataclass
from typing import Final

from sandbox.engine.kubernetes import objects
from sandbox.engine.kubernetes.client import APPLY, JSON, JSON_PATCH, ApiClient, Request
from sandbox.engine.kubernetes.discovery import Discovery
from sandbox.engine.kubernetes.errors import CONFLICT_GUIDE, ApiError, NoMatchError
from sandbox.engine.kubernetes.objects import Object

CREATE_FIELD_MANAGER: Final = "pulumi-kubernetes"
"""Who owns the fields of an object that was created with POST."""


@dataclass(frozen=True)
class Cluster:
    """One API server, and what it serves."""

    client: ApiClient
    """Requests."""
    discovery: Discovery
    """Kinds and their paths."""

    def serves(self, obj: Object) -> bool:
        """Whether the API server knows the object's kind."""
        try:
            self.discovery.find(objects.gvk(obj))
        except NoMatchError:
            return False
        return True

    def _path(self, obj: Object, name: str = "") -> str:
        return self.discovery.path(objects.gvk(obj), objects.namespace(obj), name)

    def get(self, obj: Object, name: str = "") -> Object:
        """Return the live version of an object."""
        return self.client.send(Request("GET", self._path(obj, name or objects.name(obj))))

    def items(self, like: Object, *, labels: str = "") -> list[Object]:
        """Return the objects of one kind in one namespace."""
        query = {"labelSelector": labels} if labels else None
        found = self.client.send(Request("GET", self._path(like), query))
        return list(found.get("items") or [])

    def create(self, obj: Object, *, dry_run: bool) -> Object:
        """Make an object; one of that name must not exist."""
        query = {"fieldManager": CREATE_FIELD_MANAGER} | _dry_run(dry_run)
        return self.client.send(Request("POST", self._path(obj), query, obj))

    def replace(self, obj: Object, field_manager: str, *, dry_run: bool) -> Object:
        """Replace an object as a whole; its resource version must be the live one."""
        query = {"fieldManager": field_manager} | _dry_run(dry_run)
        return self.client.send(Request("PUT", self._path(obj, objects.name(obj)), query, obj))

    def apply(
        self, obj: Object, field_manager: str, *, force: bool, dry_run: bool = False
    ) -> Object:
        """Apply the fields we own, server-side.

        Raises:
            ApiError: The server refused; a conflict with another manager is explained.
        """
        query = {
            "fieldManager": field_manager,
            "force": "true" if force else "false",
            "fieldValidation": "Warn",
        } | _dry_run(dry_run)
        path = self._path(obj, objects.name(obj))
        try:
            return self.client.send(Request("PATCH", path, query, obj, APPLY))
        except ApiError as error:
            if error.conflict:
                raise error.with_message(
                    f"server-side apply field conflict detected, see {CONFLICT_GUIDE} for "
                    f'troubleshooting help\nThe resource managed by field manager "{field_manager}"'
                    f" had an apply conflict: {error}"
                ) from None
            raise

    def patch(
        self, obj: Object, patch: object, content_type: str = JSON_PATCH, *, dry_run: bool = False
    ) -> Object:
        """Change an object by a patch document."""
        query = {"fieldManager": CREATE_FIELD_MANAGER} | _dry_run(dry_run)
        return self.client.send(
            Request("PATCH", self._path(obj, objects.name(obj)), query, patch, content_type)
        )

    def delete(self, obj: Object, propagation_policy: str) -> Object:
        """Ask for an object's deletion; it may stay while finalizers are at work."""
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": propagation_policy,
        }
        return self.client.send(
            Request("DELETE", self._path(obj, objects.name(obj)), None, options, JSON)
        )


def _dry_run(wanted: bool) -> dict[str, str]:
    return {"dryRun": "All"} if wanted else {}
