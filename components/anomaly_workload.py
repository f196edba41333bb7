"""When the detector runs: a CronJob, whose Job may have shards, or a Deployment that stays."""

from typing import Any

from pulumi_kubernetes.apps.v1 import DeploymentSpecArgs, DeploymentStrategyArgs
from pulumi_kubernetes.batch.v1 import (
    CronJobSpecArgs,
    JobSpecArgs,
    JobTemplateSpecArgs,
    PodFailurePolicyArgs,
    PodFailurePolicyOnExitCodesRequirementArgs,
    PodFailurePolicyRuleArgs,
)
from pulumi_kubernetes.core.v1 import PodTemplateSpecArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components.anomaly_pod import Names, pod_spec
from settings.anomaly import Anomaly
from vocabulary.labels import NAME, standard_labels

KEPT_RUNS = 3
KEPT_SECONDS = 6 * 3600
"""Finished runs stay so long, and so many of them, for those who look into one."""

MOST_LATENESS_SECONDS = 600
"""A run that is later than that is left to the next; policy asks for no more."""

RETRIES = 1
WRONG_CONFIGURATION = 2
"""Exit code that no retry changes."""


def cron_job_spec(settings: Anomaly, names: Names) -> CronJobSpecArgs:
    """A run every few minutes, one at a time, each over before the next."""
    interval = settings.interval_minutes * 60
    labels = ObjectMetaArgs(labels=standard_labels(names.detector))
    job = JobSpecArgs(
        active_deadline_seconds=interval,
        ttl_seconds_after_finished=KEPT_SECONDS,
        pod_failure_policy=PodFailurePolicyArgs(
            rules=[
                PodFailurePolicyRuleArgs(
                    action="FailJob",
                    on_exit_codes=PodFailurePolicyOnExitCodesRequirementArgs(
                        operator="In", values=[WRONG_CONFIGURATION]
                    ),
                )
            ]
        ),
        template=PodTemplateSpecArgs(metadata=labels, spec=pod_spec(settings, names, stays=False)),
        **_sharing(settings.shards),
    )
    return CronJobSpecArgs(
        schedule=settings.cron,
        time_zone="Etc/UTC",
        suspend=not settings.enabled,
        concurrency_policy="Forbid",
        starting_deadline_seconds=min(interval // 2, MOST_LATENESS_SECONDS),
        successful_jobs_history_limit=KEPT_RUNS,
        failed_jobs_history_limit=KEPT_RUNS,
        job_template=JobTemplateSpecArgs(metadata=labels, spec=job),
    )


def deployment_spec(settings: Anomaly, names: Names) -> DeploymentSpecArgs:
    """One pod that runs again and again; the old one goes before the new one comes."""
    return DeploymentSpecArgs(
        replicas=int(settings.enabled),
        revision_history_limit=KEPT_RUNS,
        strategy=DeploymentStrategyArgs(type="Recreate"),
        selector=LabelSelectorArgs(match_labels={NAME: names.detector}),
        template=PodTemplateSpecArgs(
            metadata=ObjectMetaArgs(labels=standard_labels(names.detector)),
            spec=pod_spec(settings, names, stays=True),
        ),
    )


def _sharing(shards: int) -> dict[str, Any]:
    """One pod, or a pod for every shard, of which one that fails takes no other with it."""
    if shards == 1:
        return {"backoff_limit": RETRIES}
    return {
        "completion_mode": "Indexed",
        "completions": shards,
        "parallelism": shards,
        "backoff_limit_per_index": RETRIES,
    }
