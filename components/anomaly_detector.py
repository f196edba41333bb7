"""The anomaly detector in the cluster: a CronJob that runs the bundled package, and its cage.

Bundle and configuration lie in immutable ConfigMaps that are named after their content, so a change
of either changes the CronJob, and a run under way keeps what it began with.
"""

import base64
from collections.abc import Sequence

import pulumi
from pulumi_kubernetes.batch.v1 import CronJob
from pulumi_kubernetes.core.v1 import ConfigMap, ServiceAccount

from components.anomaly_bundle import bundle, fingerprint
from components.anomaly_configuration import configuration
from components.anomaly_network import network_policies
from components.anomaly_pod import BUNDLE_FILE, CONFIGURATION_FILE, cron_job_spec
from components.objects import TOKEN, metadata, namespace
from settings.anomaly import Anomaly
from settings.catalogue import Service
from vocabulary.labels import INJECTION, POD_SECURITY

DETECTOR = "anomaly-detector"
"""Name of its objects, and of the part of the platform that they belong to."""


class AnomalyDetector(pulumi.ComponentResource):
    """A detector that looks at all services of the catalogue every few minutes."""

    cron_job: pulumi.Output[str | None]
    """Namespace and name of the CronJob; None where the stack wants no detector."""

    def __init__(
        self,
        name: str,
        settings: Anomaly,
        services: Sequence[Service],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TOKEN}:anomaly_detector:AnomalyDetector", name, None, opts)
        self.cron_job = pulumi.Output.from_input(None)
        if settings.install:
            self.cron_job = self._install(name, settings, services).id
        self.register_outputs({"cron_job": self.cron_job})

    def _install(self, name: str, settings: Anomaly, services: Sequence[Service]) -> CronJob:
        home = namespace(
            settings.namespace,
            pulumi.ResourceOptions(parent=self),
            labels={POD_SECURITY: "restricted", INJECTION: "disabled"},
        )
        inside = pulumi.ResourceOptions(parent=self, depends_on=[home])
        account = ServiceAccount(
            f"{name}-account",
            metadata=metadata(DETECTOR, settings.namespace, part=DETECTOR),
            automount_service_account_token=False,
            opts=inside,
        )
        policies = network_policies(name, settings, DETECTOR, inside)
        code, text = bundle(), configuration(settings, services)
        bundle_name = f"{DETECTOR}-bundle-{fingerprint(code)}"
        configuration_name = f"{DETECTOR}-config-{fingerprint(text.encode())}"
        files = [
            ConfigMap(
                f"{name}-bundle",
                metadata=metadata(bundle_name, settings.namespace, part=DETECTOR),
                binary_data={BUNDLE_FILE: base64.b64encode(code).decode()},
                immutable=True,
                opts=inside,
            ),
            ConfigMap(
                f"{name}-config",
                metadata=metadata(configuration_name, settings.namespace, part=DETECTOR),
                data={CONFIGURATION_FILE: text},
                immutable=True,
                opts=inside,
            ),
        ]
        return CronJob(
            f"{name}-cronjob",
            metadata=metadata(DETECTOR, settings.namespace, part=DETECTOR),
            spec=cron_job_spec(settings, DETECTOR, bundle_name, configuration_name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[account, *policies, *files]),
        )
