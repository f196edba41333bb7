"""Installing, upgrading and uninstalling with Helm.

An API server that goes away in the middle leaves a release that Helm considers busy for ever.
What this very run left behind like that is cleaned up, and the operation is made again.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.helm import chart, live
from sandbox.engine.kubernetes.helm.command import Helm, HelmError
from sandbox.engine.kubernetes.helm.model import DEFAULT_TIMEOUT_SECONDS, Release

_DEPLOYED: Final = "deployed"
_ATTEMPTS: Final = 3
_CLOCK_TOLERANCE: Final = timedelta(seconds=2)


Record = dict[str, Any]
"""What Helm knows of a release."""
Operation = Callable[[Helm, Release], None]


class ReleaseFailedError(ProviderError):
    """The release exists, but did not become what it should."""

    def __init__(self, release: Release, error: HelmError) -> None:
        super().__init__(
            "failed to become available within allocated timeout. Error: Helm Release "
            f"{release.namespace}/{release.name}: {error}"
        )


def install(helm: Helm, release: Release) -> None:
    """Install a release and fill in what it became.

    Raises:
        HelmError: Nothing was installed.
        ReleaseFailedError: It was, but did not become ready.
    """
    _carry_out(helm, release, _install, undo=_uninstall_half)


def upgrade(helm: Helm, release: Release) -> None:
    """Upgrade a release and fill in what it became.

    Raises:
        HelmError: Nothing changed.
        ReleaseFailedError: It did, but did not become ready.
    """
    _carry_out(helm, release, _upgrade, undo=_roll_back_half)


def _carry_out(helm: Helm, release: Release, operation: Operation, *, undo: Operation) -> None:
    before = live.find(helm, release.name)
    for attempt in range(1, _ATTEMPTS + 1):
        started = datetime.now(UTC) - _CLOCK_TOLERANCE
        try:
            operation(helm, release)
        except HelmError as error:
            if attempt == _ATTEMPTS or not error.is_connection_trouble:
                raise _failure(helm, release, error) from None
            helm.await_api_server()
            record = live.find(helm, release.name)
            if _revision(record) == _revision(before):
                continue
            if not _is_recent(record, started):  # somebody else's, made in the meantime
                raise _failure(helm, release, error) from None
        else:
            record = live.find(helm, release.name)
        # Helm also succeeds when all but its own note of the success could be written.
        if record is not None and record["info"]["status"] == _DEPLOYED:
            live.take_over(release, record)
            return
        undo(helm, release)
    raise HelmError(f"release {release.name} could not be recorded")


def _revision(record: Record | None) -> int:
    return record["version"] if record else 0


def _is_recent(record: Record | None, started: datetime) -> bool:
    return record is None or datetime.fromisoformat(record["info"]["last_deployed"]) >= started


def _uninstall_half(helm: Helm, release: Release) -> None:
    helm.ask("uninstall", release.name, "--wait", "--ignore-not-found")


def _roll_back_half(helm: Helm, release: Release) -> None:
    helm.ask("rollback", release.name)


def uninstall(helm: Helm, release: Release) -> None:
    """Uninstall a release; one that is gone already is fine."""
    options = ["--ignore-not-found"]
    if release.switches["atomic"] or release.waits:
        options += ["--wait", "--timeout", _timeout(release)]
    helm.ask("uninstall", release.name, *options)


def _install(helm: Helm, release: Release) -> None:
    switches = {
        "--create-namespace": "createNamespace",
        "--no-hooks": "disableWebhooks",
        "--replace": "replace",
        "--skip-crds": "skipCrds",
    }
    helm.run_on_cluster(
        "install", release.name, *chart.arguments(helm, release), *_common(helm, release, switches)
    )


def _upgrade(helm: Helm, release: Release) -> None:
    if release.switches["lint"]:
        helm.run("lint", chart.arguments(helm, release)[0], "--values", _values(helm, release))
    switches = {
        "--cleanup-on-fail": "cleanupOnFail",
        "--force": "forceUpdate",
        "--no-hooks": "disableCRDHooks",
        "--recreate-pods": "recreatePods",
        "--reset-values": "resetValues",
        "--reuse-values": "reuseValues",
    }
    history = ["--history-max", str(release.max_history or 0)]
    helm.run_on_cluster(
        "upgrade",
        release.name,
        *chart.arguments(helm, release),
        *_common(helm, release, switches),
        *history,
    )


def _common(helm: Helm, release: Release, switches: dict[str, str]) -> list[str]:
    switches = switches | {
        "--atomic": "atomic",
        "--dependency-update": "dependencyUpdate",
        "--devel": "devel",
        "--disable-openapi-validation": "disableOpenapiValidation",
        "--render-subchart-notes": "renderSubchartNotes",
        "--take-ownership": "takeOwnership",
    }
    options = [option for option, key in switches.items() if release.switches[key]]
    options += ["--timeout", _timeout(release), "--values", _values(helm, release)]
    if release.waits:
        options += ["--wait"] + (["--wait-for-jobs"] if release.switches["waitForJobs"] else [])
    for option, key in (("--description", "description"), ("--post-renderer", "postrender")):
        options += [option, release.texts[key]] if release.texts[key] else []
    return options


def _values(helm: Helm, release: Release) -> str:
    return helm.file("values", release.values)


def _timeout(release: Release) -> str:
    return f"{release.timeout or DEFAULT_TIMEOUT_SECONDS}s"


def _failure(helm: Helm, release: Release, error: HelmError) -> ProviderError:
    """Tell a release that failed from one that never came to be."""
    try:
        record = live.find(helm, release.name)
    except HelmError:
        return error
    if record is None or "cannot re-use a name" in str(error):
        return error
    live.take_over(release, record)
    return ReleaseFailedError(release, error)
