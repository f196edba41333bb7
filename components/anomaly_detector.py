"""The anomaly detector in the cluster: what runs it, what it is told, and its cage.

Bundle and configuration lie in immutable ConfigMaps that are named after their content, so a change
of either changes the pod, and a run under way keeps what it began with. Secrets lie in a Secret
that is mounted, so that a new value reaches the next run.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.batch.v1 import CronJob
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpecArgs,
    Secret,
    ServiceAccount,
    VolumeResourceRequirementsArgs,
)

from components.anomaly_bundle import bundle, fingerprint
from components.anomaly_configuration import configuration
from components.anomaly_network import network_policies
from components.anomaly_pod import BUNDLE_FILE, Names
from components.anomaly_workload import cron_job_spec, deployment_spec
from components.objects import TOKEN, metadata, namespace
from settings.anomaly import Anomaly, State
from settings.catalogue import Service
from settings.results import WEBHOOKS, Entry
from vocabulary.labels import INJECTION, POD_SECURITY, SKIP_AWAIT

DETECTOR = "anomaly-detector"
"""Name of its objects, and of the part of the platform that they belong to."""


@dataclass(frozen=True)
class AnomalyDetectorArgs:
    """What the detector looks at, for whom, and with which keys."""

    settings: Anomaly
    """The detector's area."""

    services: Sequence[Service]
    """The catalogue."""

    environment: str
    """Said with every alert: stacks share channels."""

    secrets: Mapping[Entry, pulumi.Input[str]] = field(default_factory=dict, repr=False)
    """Secrets that the stack has; none where somebody else makes them."""

    image: pulumi.Input[str] | None = None
    """What the container runs, with its digest; None takes what the settings name."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The secrets that there are, whoever makes them."""
        existing = self.settings.existing_secret
        return existing.entries if existing else tuple(self.secrets)


class AnomalyDetector(pulumi.ComponentResource):
    """A detector that looks at all services of the catalogue every few minutes."""

    workload: pulumi.Output[str | None]
    """Namespace and name of the CronJob or Deployment; None where the stack wants no detector."""

    def __init__(
        self, name: str, args: AnomalyDetectorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{TOKEN}:anomaly_detector:AnomalyDetector", name, None, opts)
        self._name, self._args, self._settings = name, args, args.settings
        self.workload = pulumi.Output.from_input(None)
        if args.settings.install:
            self.workload = self._install().id
        self.register_outputs({"workload": self.workload})

    def _install(self) -> CronJob | Deployment:
        name, args, settings = self._name, self._args, self._settings
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
        webhooks = bool(WEBHOOKS & set(args.entries))
        policies = network_policies(name, settings, DETECTOR, webhooks=webhooks, opts=inside)
        code = bundle()
        told = configuration(
            settings, args.services, environment=args.environment, entries=args.entries
        )
        existing = settings.existing_secret
        names = Names(
            detector=DETECTOR,
            bundle=f"{DETECTOR}-bundle-{fingerprint(code)}",
            configuration=f"{DETECTOR}-config-{fingerprint(json.dumps(told).encode())}",
            secret=(existing.name if existing else DETECTOR) if args.entries else None,
            claim=f"{DETECTOR}-state",
            image=settings.image.reference if args.image is None else args.image,
        )
        files = [
            ConfigMap(
                f"{name}-bundle",
                metadata=metadata(names.bundle, settings.namespace, part=DETECTOR),
                binary_data={BUNDLE_FILE: _base64(code)},
                immutable=True,
                opts=inside,
            ),
            ConfigMap(
                f"{name}-config",
                metadata=metadata(names.configuration, settings.namespace, part=DETECTOR),
                data=told,
                immutable=True,
                opts=inside,
            ),
        ]
        needed = [account, *policies, *files]
        if args.secrets:
            needed.append(self._secret(args.secrets, inside))
        if settings.state:
            needed.append(self._claim(settings.state, names.claim, inside))
        return self._workload(names, pulumi.ResourceOptions(parent=self, depends_on=needed))

    def _secret(
        self, secrets: Mapping[Entry, pulumi.Input[str]], opts: pulumi.ResourceOptions
    ) -> Secret:
        return Secret(
            f"{self._name}-secrets",
            metadata=metadata(DETECTOR, self._settings.namespace, part=DETECTOR),
            data={
                entry: pulumi.Output.secret(value).apply(lambda text: _base64(text.encode()))
                for entry, value in secrets.items()
            },
            opts=opts,
        )

    def _claim(
        self, state: State, name: str, opts: pulumi.ResourceOptions
    ) -> PersistentVolumeClaim:
        # Most volumes are made for the first pod that mounts them, which is not there yet.
        dont_wait = {SKIP_AWAIT: "true"}
        return PersistentVolumeClaim(
            f"{self._name}-state",
            metadata=metadata(name, self._settings.namespace, part=DETECTOR, annotations=dont_wait),
            spec=PersistentVolumeClaimSpecArgs(
                access_modes=[state.access_mode],
                storage_class_name=state.storage_class,
                resources=VolumeResourceRequirementsArgs(requests={"storage": state.size}),
            ),
            opts=opts,
        )

    def _workload(self, names: Names, opts: pulumi.ResourceOptions) -> CronJob | Deployment:
        name, settings = self._name, self._settings
        if settings.mode == "cronjob":
            return CronJob(
                f"{name}-cronjob",
                metadata=metadata(DETECTOR, settings.namespace, part=DETECTOR),
                spec=cron_job_spec(settings, names),
                opts=opts,
            )
        dont_wait = {SKIP_AWAIT: "true"} if settings.skip_await else None
        return Deployment(
            f"{name}-deployment",
            metadata=metadata(DETECTOR, settings.namespace, part=DETECTOR, annotations=dont_wait),
            spec=deployment_spec(settings, names),
            opts=opts,
        )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
