"""The detector's pod: what it runs, what it mounts, with which rights (none)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    EmptyDirVolumeSourceArgs,
    EnvVarArgs,
    PersistentVolumeClaimVolumeSourceArgs,
    PodSecurityContextArgs,
    PodSpecArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecretVolumeSourceArgs,
    SecurityContextArgs,
    VolumeArgs,
    VolumeMountArgs,
)

from components.anomaly_configuration import (
    CONFIGURATION_FILE,
    CONFIGURATION_FOLDER,
    SECRETS_FOLDER,
    STATE_FOLDER,
    keeps_state,
)
from settings.anomaly import Anomaly

BUNDLE_FILE, BUNDLE_FOLDER = "anomaly.pyz", "/bundle"
COMMAND = (
    "python",
    f"{BUNDLE_FOLDER}/{BUNDLE_FILE}",
    "run",
    "--config",
    f"{CONFIGURATION_FOLDER}/{CONFIGURATION_FILE}",
)

UID = 65532
"""The user that distroless images call `nonroot`; the image need not know it."""

SECRET_MODE = 0o440
"""For the detector's group only; `fsGroup` makes it that of the files."""

SCRATCH_SIZE = "1Gi"
"""Most of what waits on the node's disk while a run reads: two weeks of 10,000 series, with the
traffic behind them, are 700 MiB."""

STATE_SIZE = "4Gi"
"""Most of what is remembered on the node's disk: up to 115 KiB for each series of each signal."""

QUIET = {
    # One core is asked for: more threads than that only wait for one another.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclass(frozen=True)
class Names:
    """The objects that the pod refers to."""

    detector: str
    """The service account, and the label of the pods."""

    bundle: str
    """ConfigMap with the code."""

    configuration: str
    """ConfigMap with the configuration."""

    secret: str | None
    """Secret with all secrets; None when there are none."""

    claim: str
    """PersistentVolumeClaim with the state, if there is one."""

    image: pulumi.Input[str]
    """What the container runs."""


def pod_spec(settings: Anomaly, names: Names, *, stays: bool) -> PodSpecArgs:
    """The pod of a run, or the one that stays and runs again and again."""
    return PodSpecArgs(
        restart_policy="Always" if stays else "Never",
        service_account_name=names.detector,
        automount_service_account_token=False,
        enable_service_links=False,
        security_context=PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=UID,
            run_as_group=UID,
            fs_group=UID,
            fs_group_change_policy="OnRootMismatch",
            seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[_container(settings, names, stays=stays)],
        volumes=[VolumeArgs(name=name, **source) for name, _, source in _mounts(settings, names)],
    )


def environment(settings: Anomaly) -> dict[str, str]:
    """The environment variables that the original design promised; the file says the rest."""
    variables = {
        "PROMETHEUS_URL": settings.prometheus_url,
        "ANOMALY_DETECTION_ENABLED": str(settings.enabled).lower(),
        "ANOMALY_CHECK_INTERVAL_MINUTES": str(settings.interval_minutes),
        "ANOMALY_THRESHOLD_ZSCORE": f"{settings.thresholds.zscore:g}",
        "ANOMALY_THRESHOLD_MA_PERCENT": f"{settings.thresholds.moving_average_percent:g}",
    }
    # Kubernetes itself says which of them a pod is.
    shards = {"JOB_COMPLETION_COUNT": str(settings.shards)} if settings.shards > 1 else {}
    return {**variables, **shards, **QUIET}


def _container(settings: Anomaly, names: Names, *, stays: bool) -> ContainerArgs:
    need = settings.resources
    forever = ("--every", f"{settings.interval_minutes}m") if stays else ()
    return ContainerArgs(
        name="detector",
        image=names.image,
        image_pull_policy="IfNotPresent",
        command=[*COMMAND, *forever],
        env=[EnvVarArgs(name=name, value=value) for name, value in environment(settings).items()],
        resources=ResourceRequirementsArgs(
            requests={"cpu": need.cpu_request, "memory": need.memory},
            limits={"cpu": need.cpu_limit, "memory": need.memory},
        ),
        security_context=SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[
            VolumeMountArgs(name=name, mount_path=path, read_only=_is_read_only(source))
            for name, path, source in _mounts(settings, names)
        ],
    )


Source = dict[str, Any]


def _mounts(settings: Anomaly, names: Names) -> Iterator[tuple[str, str, Source]]:
    """Name, place and source of each volume."""
    yield "bundle", BUNDLE_FOLDER, {"config_map": ConfigMapVolumeSourceArgs(name=names.bundle)}
    source = ConfigMapVolumeSourceArgs(name=names.configuration)
    yield "config", CONFIGURATION_FOLDER, {"config_map": source}
    if names.secret:
        files = SecretVolumeSourceArgs(secret_name=names.secret, default_mode=SECRET_MODE)
        yield "secrets", SECRETS_FOLDER, {"secret": files}
    scratch = EmptyDirVolumeSourceArgs(size_limit=SCRATCH_SIZE)
    yield "tmp", "/tmp", {"empty_dir": scratch}  # noqa: S108 - the pod's own
    if settings.state:
        claim = PersistentVolumeClaimVolumeSourceArgs(claim_name=names.claim)
        yield "state", STATE_FOLDER, {"persistent_volume_claim": claim}
    elif keeps_state(settings):
        yield "state", STATE_FOLDER, {"empty_dir": EmptyDirVolumeSourceArgs(size_limit=STATE_SIZE)}


def _is_read_only(source: Source) -> bool:
    return not source.keys() & {"empty_dir", "persistent_volume_claim"}
