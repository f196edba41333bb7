"""Installing, upgrading and uninstalling with Helm.

An API server that goes away in the middle leaves a release that Helm considers busy for ever.
What this very run left behind like that is cleaned up, and the operation is made again once.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.engine.kubernetes.client import Request
from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.helm import chart, live
from sandbox.engine.kubernetes.helm.command import Helm, HelmError
from sandbox.engine.kubernetes.helm.model import DEFAULT_TIMEOUT_SECONDS, Release
from sandbox.engine.kubernetes.instance import Instance

_BUSY: Final = ("pending-install", "pending-upgrade", "pending-rollback")
_CONNECTION_TROUBLE: Final = (
    "connection refused",
    "connection reset",
    "Kubernetes cluster unreachable",
    "etcdserver:",
    "unexpected EOF",
    "http2: client connection lost",
)
_CLOCK_TOLERANCE: Final = timedelta(seconds=2)


class ReleaseFailedError(ProviderError):
    """The release exists, but did not become what it should."""

    def __init__(self, release: Release, error: HelmError) -> None:
        super().__init__(
            "failed to become available within allocated timeout. Error: Helm Release "
            f"{release.namespace}/{release.name}: {error}"
        )


def install(instance: Instance, helm: Helm, release: Release) -> None:
    """Install a release and fill in what it became.

    Raises:
        HelmError: Nothing was installed.
        ReleaseFailedError: It was, but did not become ready.
    """
    started = datetime.now(UTC) - _CLOCK_TOLERANCE
    try:
        _install(helm, release)
    except HelmError as error:
        if _left_busy(instance, helm, release, error, started):
            helm.run_on_cluster("uninstall", release.name, "--wait", "--ignore-not-found")
            _install(helm, release)
        else:
            raise _failure(helm, release, error) from None
    _take_over(helm, release)


def upgrade(instance: Instance, helm: Helm, release: Release) -> None:
    """Upgrade a release and fill in what it became.

    Raises:
        HelmError: Nothing changed.
        ReleaseFailedError: It did, but did not become ready.
    """
    started = datetime.now(UTC) - _CLOCK_TOLERANCE
    try:
        _upgrade(helm, release)
    except HelmError as error:
        if _left_busy(instance, helm, release, error, started):
            helm.run_on_cluster("rollback", release.name)
            _upgrade(helm, release)
        else:
            raise _failure(helm, release, error) from None
    _take_over(helm, release)


def uninstall(helm: Helm, release: Release) -> None:
    """Uninstall a release; one that is gone already is fine."""
    options = ["--ignore-not-found"]
    if release.switches["atomic"] or release.waits:
        options += ["--wait", "--timeout", _timeout(release)]
    helm.run_on_cluster("uninstall", release.name, *options)


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


def _take_over(helm: Helm, release: Release) -> None:
    record = live.find(helm, release.name)
    if record is None:
        raise HelmError(f"release {release.name} is gone as soon as it was made")
    live.take_over(release, record)


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


def _left_busy(
    instance: Instance, helm: Helm, release: Release, error: HelmError, started: datetime
) -> bool:
    """Whether trouble with the API server interrupted this run and left the release busy."""
    if not any(hint in str(error) for hint in _CONNECTION_TROUBLE):
        return False
    instance.cluster.client.send(Request("GET", "/version"))  # waits for the API server
    record: dict[str, Any] | None = live.find(helm, release.name)
    if record is None:
        return False
    deployed = datetime.fromisoformat(record["info"]["last_deployed"])
    return deployed >= started and record["info"]["status"] in (*_BUSY, "failed")
