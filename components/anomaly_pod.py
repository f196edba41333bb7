"""The CronJob's specification: when the detector runs, in which pod, with which rights (none)."""

from pulumi_kubernetes.batch.v1 import CronJobSpecArgs, JobSpecArgs, JobTemplateSpecArgs
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    EnvVarArgs,
    PodSecurityContextArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from settings.anomaly import Anomaly
from vocabulary.labels import standard_labels

BUNDLE_FILE, BUNDLE_FOLDER = "anomaly.pyz", "/bundle"
CONFIGURATION_FILE, CONFIGURATION_FOLDER = "anomaly.json", "/config"
COMMAND = (
    "python",
    f"{BUNDLE_FOLDER}/{BUNDLE_FILE}",
    "run",
    "--config",
    f"{CONFIGURATION_FOLDER}/{CONFIGURATION_FILE}",
)

UID = 65532
"""The user that distroless images call `nonroot`; the image need not know it."""

KEPT_RUNS = 3
KEPT_SECONDS = 6 * 3600
"""Finished runs stay so long, and so many of them, for those who look into one."""


def cron_job_spec(
    settings: Anomaly, detector: str, bundle: str, configuration: str
) -> CronJobSpecArgs:
    """A run every few minutes, one at a time, each over before the next."""
    interval = settings.interval_minutes * 60
    job = JobSpecArgs(
        active_deadline_seconds=interval,
        backoff_limit=1,
        ttl_seconds_after_finished=KEPT_SECONDS,
        template=PodTemplateSpecArgs(
            metadata=ObjectMetaArgs(labels=standard_labels(detector)),
            spec=_pod(settings, detector, bundle, configuration),
        ),
    )
    return CronJobSpecArgs(
        schedule=settings.cron,
        time_zone="Etc/UTC",
        suspend=not settings.enabled,
        concurrency_policy="Forbid",
        starting_deadline_seconds=interval // 2,
        successful_jobs_history_limit=KEPT_RUNS,
        failed_jobs_history_limit=KEPT_RUNS,
        job_template=JobTemplateSpecArgs(
            metadata=ObjectMetaArgs(labels=standard_labels(detector)), spec=job
        ),
    )


def _pod(settings: Anomaly, detector: str, bundle: str, configuration: str) -> PodSpecArgs:
    volumes = {"bundle": bundle, "config": configuration}
    return PodSpecArgs(
        restart_policy="Never",
        service_account_name=detector,
        automount_service_account_token=False,
        enable_service_links=False,
        security_context=PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=UID,
            run_as_group=UID,
            seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[_container(settings)],
        volumes=[
            VolumeArgs(name=volume, config_map=ConfigMapVolumeSourceArgs(name=source))
            for volume, source in volumes.items()
        ],
    )


def _container(settings: Anomaly) -> ContainerArgs:
    need = settings.resources
    return ContainerArgs(
        name="detector",
        image=settings.image.reference,
        image_pull_policy="IfNotPresent",
        command=list(COMMAND),
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
            VolumeMountArgs(name="bundle", mount_path=BUNDLE_FOLDER, read_only=True),
            VolumeMountArgs(name="config", mount_path=CONFIGURATION_FOLDER, read_only=True),
        ],
    )


def environment(settings: Anomaly) -> dict[str, str]:
    """The environment variables that the original design promised; the file says the rest."""
    return {
        "PROMETHEUS_URL": settings.prometheus_url,
        "ANOMALY_DETECTION_ENABLED": str(settings.enabled).lower(),
        "ANOMALY_CHECK_INTERVAL_MINUTES": str(settings.interval_minutes),
        "ANOMALY_THRESHOLD_ZSCORE": f"{settings.thresholds.zscore:g}",
        "ANOMALY_THRESHOLD_MA_PERCENT": f"{settings.thresholds.moving_average_percent:g}",
    }
