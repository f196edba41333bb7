"""A release's properties: their names, their defaults, and how they travel.

The official plugin returns every switch and text, set or not, so this one does too; only maps and
``maxHistory`` may be absent.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.engine.kubernetes import wire
from sandbox.engine.kubernetes.helm import values
from sandbox.engine.kubernetes.wire import UNKNOWN, Properties

DEFAULT_TIMEOUT_SECONDS: Final = 300

_SWITCHES: Final = (
    "allowNullValues",
    "atomic",
    "cleanupOnFail",
    "createNamespace",
    "dependencyUpdate",
    "devel",
    "disableCRDHooks",
    "disableOpenapiValidation",
    "disableWebhooks",
    "forceUpdate",
    "lint",
    "recreatePods",
    "renderSubchartNotes",
    "replace",
    "resetValues",
    "reuseValues",
    "skipAwait",
    "skipCrds",
    "takeOwnership",
    "verify",
    "waitForJobs",
)
_TEXTS: Final = (
    "chart",
    "description",
    "keyring",
    "name",
    "namespace",
    "postrender",
    "version",
)
_REPOSITORY_TEXTS: Final = ("repo", "caFile", "certFile", "keyFile", "password", "username")


@dataclass
class Release:
    """One Helm release, wanted or live."""

    texts: dict[str, str]
    """Texts by property name; empty when not set."""
    switches: dict[str, bool]
    """Switches by property name; off when not set."""
    timeout: int
    """Seconds that Helm may wait."""
    max_history: int | None
    """Revisions to keep; ``None`` leaves the number to Helm."""
    repository: dict[str, str] | None
    """Where the chart comes from; ``None`` for local charts, OCI and configured repositories."""
    values: dict[str, Any]
    """Values given to the chart, files merged in."""
    resource_names: dict[str, list[str]] | None = None
    """Names of what the release made, by kind; known once it is live."""
    status: dict[str, Any] | None = field(default=None)
    """Name, revision and state of the live release."""

    @property
    def name(self) -> str:
        """The release's name."""
        return self.texts["name"]

    @property
    def namespace(self) -> str:
        """The release's namespace."""
        return self.texts["namespace"]

    @property
    def waits(self) -> bool:
        """Whether Helm waits until everything is ready."""
        return not self.switches["skipAwait"]

    def properties(self) -> Properties:
        """Return the release as properties."""
        found: Properties = dict(self.texts) | dict(self.switches)
        found["timeout"] = self.timeout
        found["values"] = self.values
        optional = {
            "maxHistory": self.max_history,
            "repositoryOpts": self.repository,
            "resourceNames": self.resource_names,
            "status": self.status,
        }
        return found | {key: value for key, value in optional.items() if value is not None}


def decode(properties: Properties) -> Release:
    """Read a release; secrets are revealed, what is not known yet counts as not set."""
    plain = {key: value for key, value in wire.reveal(properties).items() if value is not UNKNOWN}
    switches = {key: plain.get(key) is True for key in _SWITCHES}
    files = values.from_files(plain.get("valueYamlFiles") or [])
    given = plain.get("values") or {}
    if not switches["allowNullValues"]:
        files, given = values.without_nulls(files), values.without_nulls(given)
    repository = plain.get("repositoryOpts")
    return Release(
        texts={key: _text(plain.get(key)) for key in _TEXTS},
        switches=switches,
        timeout=_number(plain.get("timeout")) or 0,
        max_history=_number(plain.get("maxHistory")),
        repository=None
        if repository is None
        else {key: _text(repository.get(key)) for key in _REPOSITORY_TEXTS},
        values=values.merge(files, given),
        resource_names=plain.get("resourceNames"),
        status=plain.get("status"),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None
