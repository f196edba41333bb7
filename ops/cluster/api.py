"""Requests to one API server, for several threads; refusals become errors one can act on."""

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from http import HTTPStatus
from typing import Any

import urllib3
from kubernetes.client import ApiClient
from kubernetes.client.exceptions import ApiException
from tenacity import (
    Retrying,
    retry_if_exception_type,
    retry_never,
    stop_after_attempt,
    wait_random_exponential,
)

from ops.cluster.discovery import ACCEPT, Catalogue, Resource
from ops.cluster.objects import Object, Ref, pairs
from ops.errors import (
    BusyError,
    ClusterError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    NotInstalledError,
    OpsError,
    RefusedError,
    UnreachableError,
)
from vocabulary.kinds import POD, Kind

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

MANAGER = "brisa-ops"
"""Name under which our changes stand in `managedFields`. Not kubectl's: Flux takes back what that
name has set (kustomize-controller, `apply`: the field managers that are cleaned up)."""

PAGE = 500
"""Objects of one answer; kubectl's own figure."""

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
PARALLEL = 16
ATTEMPTS = 4
"""How often a question is asked of an API server that is busy; a change is sent once."""

_CAUSES = (
    "connection refused",
    "connection reset",
    "timed out",
    "name or service not known",
    "temporary failure in name resolution",
    "no route to host",
    "certificate verify failed",
    "hostname mismatch",
)
"""What there is to say about a connection that failed; libraries wrap it in a lot of words."""


_FAILED = (HTTPStatus.GONE, HTTPStatus.INTERNAL_SERVER_ERROR)
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, *range(HTTPStatus.NOT_IMPLEMENTED, 600))


class Cluster:
    """One API server, and who we are there."""

    def __init__(self, client: ApiClient, name: str) -> None:
        self._client = client
        self.name = name
        """Name of the context."""

    def close(self) -> None:
        """Close all connections; the next request would open new ones."""
        self._client.rest_client.close()

    @property
    def server(self) -> str:
        """Its address."""
        return str(self._client.configuration.host)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Which kinds it serves; asked once."""
        return Catalogue(self.request("GET", "/apis", accept=ACCEPT))

    @cached_property
    def user(self) -> str:
        """What the cluster calls us."""
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        answer = self.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body)
        return str(answer["status"]["userInfo"].get("username", ""))

    def get(self, kind: Kind, namespace: str | None, name: str) -> Object:
        """One object."""
        resource = self.catalogue.find(kind)
        try:
            found = self.request("GET", resource.path(namespace, name))
        except NotFoundError:
            raise NotFoundError(f"there is no {Ref(kind, namespace, name)}") from None
        return {"apiVersion": resource.api_version, "kind": resource.kind, **found}

    def list_all(
        self,
        kind: Kind | Resource,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> list[Object]:
        """All objects of a kind, page by page."""
        resource = self.catalogue.find(kind)
        query = {"limit": str(PAGE)}
        if labels:
            query["labelSelector"] = pairs(labels)
        if fields:
            query["fieldSelector"] = pairs(fields)
        items: list[Object] = []
        while True:
            page = self.request("GET", resource.path(namespace), query=query)
            items += page.get("items") or ()
            token = page["metadata"].get("continue")
            if not token:
                # Items of a list do not say what they are.
                said = {"apiVersion": resource.api_version, "kind": resource.kind}
                return [said | item for item in items]
            query["continue"] = token

    def all(self, kind: Kind, **narrowed: Any) -> list[Object]:
        """All objects of a kind; none where the cluster does not know it."""
        try:
            return self.list_all(kind, **narrowed)
        except NotInstalledError:
            return []

    def one(self, kind: Kind, namespace: str | None, name: str) -> Object | None:
        """One object; None when it is not there."""
        try:
            return self.get(kind, namespace, name)
        except (NotFoundError, NotInstalledError):
            return None

    def list_many(
        self, kinds: Iterable[Resource], *, namespace: str | None = None
    ) -> dict[Resource, list[Object] | OpsError]:
        """All objects of several kinds, each asked once and all at the same time.

        A kind that cannot be listed has its error as value, so that it hides no other.
        """

        def fetch(kind: Resource) -> list[Object] | OpsError:
            try:
                return self.list_all(kind, namespace=namespace)
            except OpsError as error:
                return error

        wanted = list(kinds)
        with ThreadPoolExecutor(PARALLEL) as pool:
            return dict(zip(wanted, pool.map(fetch, wanted), strict=True))

    def list_each(self, *kinds: Kind) -> list[list[Object]]:
        """The same, where the answer needs all of them; the first error is raised."""
        found: list[list[Object]] = []
        for items in self.list_many(map(self.catalogue.find, kinds)).values():
            if isinstance(items, OpsError):
                raise items
            found.append(items)
        return found

    def create(self, item: Object, *, dry_run: bool = False) -> Object:
        """Make an object; returns it as the API server has it."""
        about = item["metadata"]
        kind = self.catalogue.find(Kind(item["apiVersion"], item["kind"]))
        query = {"dryRun": "All"} if dry_run else None
        return self.request("POST", kind.path(about.get("namespace")), item, query=query)

    def patch(
        self,
        item: Object,
        patch: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        dry_run: bool = False,
        manager: str = MANAGER,
    ) -> Object:
        """Change an object that nobody else has changed since it was read.

        A mapping is merged; a sequence holds the operations of a JSON patch.

        Raises:
            ConflictError: when somebody has.
        """
        version = item["metadata"]["resourceVersion"]
        body: Any
        if isinstance(patch, Mapping):
            content_type = MERGE_PATCH
            body = {**patch, "metadata": {**patch.get("metadata", {}), "resourceVersion": version}}
        else:
            content_type = JSON_PATCH
            guard = {"op": "replace", "path": "/metadata/resourceVersion", "value": version}
            body = [guard, *patch]
        query = {"fieldManager": manager} | ({"dryRun": "All"} if dry_run else {})
        return self.request("PATCH", self._path(item), body, query=query, content_type=content_type)

    def dry_apply(self, item: Object, *, manager: str) -> Object:
        """What an object would be if somebody applied this; nothing is changed."""
        query = {"fieldManager": manager, "force": "true", "dryRun": "All"}
        applied = json.dumps(item)
        return self.request(
            "PATCH", self._path(item), applied, query=query, content_type=APPLY_PATCH
        )

    def log(self, namespace: str, pod: str, *, seconds: int) -> str:
        """What a pod has written lately."""
        path = f"{self.catalogue.find(POD).path(namespace, pod)}/log"
        content = self._ask("GET", path, None, {"sinceSeconds": str(seconds)}, {"Accept": "*/*"})
        return content.decode(errors="replace")

    def delete(self, item: Object, *, dry_run: bool = False) -> None:
        """Delete this very object, not another that has taken its name."""
        body: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": {"uid": item["metadata"]["uid"]},
        }
        if dry_run:  # here, and not in the query, which a body makes the API server overlook
            body["dryRun"] = ["All"]
        self.request("DELETE", self._path(item), body)

    def _path(self, item: Object) -> str:
        ref = Ref.of(item)
        return self.catalogue.find(ref.type).path(ref.namespace, ref.name)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> Object:
        """Send one request and return the document of the answer.

        Raises:
            ClusterError: of the kind that says what is the matter.
        """
        headers = {"Accept": accept} | ({"Content-Type": content_type} if body else {})
        return _document(self._ask(method, path, body, query, headers))

    def _ask(self, method: str, *what: Any) -> bytes:
        patience = Retrying(
            retry=retry_if_exception_type(BusyError) if method == "GET" else retry_never,
            wait=wait_random_exponential(multiplier=0.2, max=2.0),
            stop=stop_after_attempt(ATTEMPTS),
            reraise=True,
        )
        return patience(self._send, method, *what)

    def _send(
        self,
        method: str,
        path: str,
        body: Any,
        query: Mapping[str, str] | None,
        headers: dict[str, str],
    ) -> bytes:
        try:
            serialized = self._client.param_serialize(
                method=method,
                resource_path=path,
                query_params=list((query or {}).items()),
                header_params=headers,
                body=body,
                auth_settings=["BearerToken"],
            )
            answer = self._client.call_api(
                *serialized, _request_timeout=(CONNECT_SECONDS, READ_SECONDS)
            )
            content: bytes = answer.read()
        except (urllib3.exceptions.HTTPError, ApiException, OSError) as error:
            raise UnreachableError(
                f"the API server {self.server} does not answer: {_cause(error)}; is the cluster "
                f"up, and is {self.name!r} the right context?"
            ) from None
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise _refusal(answer.status, _document(content), f"{method} {path}", self.name)
        return content


def separate(
    listed: Mapping[Resource, list[Object] | OpsError],
) -> tuple[list[Object], tuple[str, ...]]:
    """The objects that were listed of several kinds; which kinds could not be, and why."""
    items = [item for found in listed.values() if isinstance(found, list) for item in found]
    errors = ((kind, each) for kind, each in listed.items() if isinstance(each, OpsError))
    return items, tuple(f"{kind.plural}: {error}" for kind, error in errors)


def _document(content: bytes) -> Object:
    try:
        document = json.loads(content)
    except ValueError:
        return {"message": content.decode(errors="replace").strip()[:500]}
    return document if isinstance(document, dict) else {"message": str(document)}


def _cause(error: Exception) -> str:
    text = str(getattr(error, "reason", None) or error)
    return next((known for known in _CAUSES if known.lower() in text.lower()), text.strip())


def _refusal(status: int, document: Object, what: str, context: str) -> ClusterError:
    said = str(document.get("message") or document.get("reason") or f"answer {status}")
    if status == HTTPStatus.UNAUTHORIZED:
        return ForbiddenError(
            f"the cluster does not accept the credentials of {context!r}: they are missing, wrong "
            "or expired; log in again"
        )
    # A webhook's denial has the same status, and says nothing of what was asked for.
    if status == HTTPStatus.FORBIDDEN and (document.get("details") or {}).get("kind"):
        return ForbiddenError(f"not allowed: {said}; ask whoever gives rights in the cluster")
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
        changed = f"somebody else changed it meanwhile: {said}"
        return NotFoundError(said) if status == HTTPStatus.NOT_FOUND else ConflictError(changed)
    if status in _BUSY or status in _FAILED:
        kind = ClusterError if status in _FAILED else BusyError
        return kind(f"the API server failed at {what}: {said}")
    return RefusedError(f"the API server refuses: {said}")
