"""Everything this provider reports as wrong.

- ProviderError: an operation failed; the text is for the user.
    - NoMatchError: the API server does not serve this kind.
    - UnreachableError: the API server did not answer.
    - ApiError: the API server refused; its own text is passed on.
    - InitializationError: the object exists, but did not become ready.
    - PartialFailureError: the same, with the state that the engine must keep.
"""

from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from sandbox.engine.kubernetes.tokens import Gvk

_NOT_FOUND: Final = 404
_CONFLICT: Final = 409

CONFLICT_GUIDE = (
    "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/"
    "managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources"
)


class ProviderError(Exception):
    """An operation failed; the text says to the user what and why."""


class NoMatchError(ProviderError):
    """The API server does not serve this kind (yet)."""

    def __init__(self, gvk: "Gvk") -> None:
        super().__init__(f'no matches for kind "{gvk.kind}" in version "{gvk.api_version}"')


class InitializationError(ProviderError):
    """The object exists but is not ready; its last known state goes into the checkpoint."""

    def __init__(self, message: str, live: dict[str, Any], reasons: list[str]) -> None:
        super().__init__(message)
        self.live = live
        self.reasons = reasons


class PartialFailureError(ProviderError):
    """The resource exists, so the engine must keep its state although the operation failed."""

    def __init__(
        self,
        message: str,
        identifier: str,
        state: dict[str, Any],
        reasons: list[str],
        inputs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.identifier = identifier
        self.state = state
        self.reasons = reasons
        self.inputs = inputs


class UnreachableError(ProviderError):
    """The API server could not be reached, or stopped answering."""


class ApiError(ProviderError):
    """The API server answered with a failure."""

    def __init__(self, code: int, status: dict[str, Any], *, answer_was_lost: bool = False) -> None:
        super().__init__(str(status.get("message") or f"the server answered with status {code}"))
        self.code = code
        self.reason = str(status.get("reason", ""))
        self.details: dict[str, Any] = status.get("details") or {}
        self.answer_was_lost = answer_was_lost

    @property
    def not_found(self) -> bool:
        """Whether the object, or its namespace, does not exist."""
        return self.code == _NOT_FOUND

    @property
    def namespace_not_found(self) -> bool:
        """Whether it is the namespace that does not exist."""
        return self.not_found and self.details.get("kind") == "namespaces"

    @property
    def already_exists(self) -> bool:
        """Whether an object of this name stands in the way."""
        return self.code == _CONFLICT and self.reason == "AlreadyExists"

    @property
    def conflict(self) -> bool:
        """Whether somebody else owns a field, or changed the object meanwhile."""
        return self.code == _CONFLICT and self.reason == "Conflict"

    @property
    def forbidden(self) -> bool:
        """Whether we may not do this."""
        return self.reason == "Forbidden"

    @property
    def dry_run_unsupported(self) -> bool:
        """Whether the server, or a webhook of it, cannot do dry runs."""
        return self.reason == "BadRequest" and (
            "does not support dry run" in str(self)
            or str(self).startswith(("the dryRun alpha", "the dryRun beta"))
        )

    def with_message(self, message: str) -> Self:
        """Return the same failure, told in other words."""
        status = {"message": message, "reason": self.reason, "details": self.details}
        return type(self)(self.code, status, answer_was_lost=self.answer_was_lost)

    def causes(self, reason: str) -> list[str]:
        """Return the fields that the server blames for ``reason``."""
        return [
            str(cause.get("field", ""))
            for cause in self.details.get("causes", [])
            if cause.get("reason") == reason
        ]
