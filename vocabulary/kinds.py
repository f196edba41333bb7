"""Every API version and kind the platform emits, judges or reads, in one place.

Only current, stored API versions: an old one would still be served, and then silently converted.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """A Kubernetes group, version and kind."""

    api_version: str
    """As in a manifest: `group/version`, or `v1` for the core group."""

    kind: str
    """As in a manifest: CamelCase, singular."""

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def token(self) -> str:
        """The Pulumi resource type of this kind."""
        api_version = self.api_version if self.group else f"core/{self.api_version}"
        return f"kubernetes:{api_version}:{self.kind}"


# Flux
FLUX_INSTANCE = Kind("fluxcd.controlplane.io/v1", "FluxInstance")
GIT_REPOSITORY = Kind("source.toolkit.fluxcd.io/v1", "GitRepository")
KUSTOMIZATION = Kind("kustomize.toolkit.fluxcd.io/v1", "Kustomization")
FLUX_HELM_RELEASE = Kind("helm.toolkit.fluxcd.io/v2", "HelmRelease")
APPLIERS = (KUSTOMIZATION, FLUX_HELM_RELEASE)
"""Kinds of Flux that apply something to the cluster."""

OCI_REPOSITORY = Kind("source.toolkit.fluxcd.io/v1", "OCIRepository")
BUCKET = Kind("source.toolkit.fluxcd.io/v1", "Bucket")
HELM_REPOSITORY = Kind("source.toolkit.fluxcd.io/v1", "HelmRepository")
SOURCES = (GIT_REPOSITORY, OCI_REPOSITORY, BUCKET)
"""Kinds of Flux that Kustomizations are applied from."""

RECEIVER = Kind("notification.toolkit.fluxcd.io/v1", "Receiver")
IMAGE_REPOSITORY = Kind("image.toolkit.fluxcd.io/v1", "ImageRepository")
IMAGE_POLICY = Kind("image.toolkit.fluxcd.io/v1", "ImagePolicy")
IMAGE_AUTOMATION = Kind("image.toolkit.fluxcd.io/v1", "ImageUpdateAutomation")

# The notification kinds moved to v1 in Flux 2.10; 2.9 serves v1beta3 only.
ALERT_PROVIDER = Kind("notification.toolkit.fluxcd.io/v1beta3", "Provider")
ALERT = Kind("notification.toolkit.fluxcd.io/v1beta3", "Alert")

# Istio
VIRTUAL_SERVICE = Kind("networking.istio.io/v1", "VirtualService")
DESTINATION_RULE = Kind("networking.istio.io/v1", "DestinationRule")
SIDECAR = Kind("networking.istio.io/v1", "Sidecar")
SERVICE_ENTRY = Kind("networking.istio.io/v1", "ServiceEntry")
WORKLOAD_ENTRY = Kind("networking.istio.io/v1", "WorkloadEntry")
WORKLOAD_GROUP = Kind("networking.istio.io/v1", "WorkloadGroup")
ISTIO_GATEWAY = Kind("networking.istio.io/v1", "Gateway")
WASM_PLUGIN = Kind("extensions.istio.io/v1alpha1", "WasmPlugin")
TRAFFIC_EXTENSION = Kind("extensions.istio.io/v1alpha1", "TrafficExtension")
ENVOY_FILTER = Kind("networking.istio.io/v1alpha3", "EnvoyFilter")
PEER_AUTHENTICATION = Kind("security.istio.io/v1", "PeerAuthentication")
AUTHORIZATION_POLICY = Kind("security.istio.io/v1", "AuthorizationPolicy")
TELEMETRY = Kind("telemetry.istio.io/v1", "Telemetry")

# The way in
GATEWAY_CLASS = "istio"
GATEWAY = Kind("gateway.networking.k8s.io/v1", "Gateway")
HTTP_ROUTE = Kind("gateway.networking.k8s.io/v1", "HTTPRoute")
GRPC_ROUTE = Kind("gateway.networking.k8s.io/v1", "GRPCRoute")
INGRESS = Kind("networking.k8s.io/v1", "Ingress")
CERTIFICATE = Kind("cert-manager.io/v1", "Certificate")

# Chaos Mesh
CHAOS_GROUP = "chaos-mesh.org"
CHAOS_VERSION = f"{CHAOS_GROUP}/v1alpha1"
SCHEDULE = Kind(CHAOS_VERSION, "Schedule")
WORKFLOW = Kind(CHAOS_VERSION, "Workflow")
CHAOS_EXPERIMENTS = {
    # kind -> the key under which a Schedule or a Workflow template embeds it
    "PodChaos": "podChaos",
    "NetworkChaos": "networkChaos",
    "StressChaos": "stressChaos",
    "IOChaos": "ioChaos",
    "HTTPChaos": "httpChaos",
    "DNSChaos": "dnsChaos",
    "TimeChaos": "timeChaos",
    "JVMChaos": "jvmChaos",
    "KernelChaos": "kernelChaos",
    "BlockChaos": "blockChaos",
    "PhysicalMachineChaos": "physicalmachineChaos",
    "AWSChaos": "awsChaos",
    "AzureChaos": "azureChaos",
    "GCPChaos": "gcpChaos",
}

FAULTS = {
    # kind of fault in the stack's configuration -> kind of the experiment that injects it
    "podFailure": "PodChaos",
    "podKill": "PodChaos",
    "containerKill": "PodChaos",
    "networkDelay": "NetworkChaos",
    "networkLoss": "NetworkChaos",
    "networkDuplicate": "NetworkChaos",
    "networkCorrupt": "NetworkChaos",
    "networkPartition": "NetworkChaos",
    "networkBandwidth": "NetworkChaos",
    "cpuStress": "StressChaos",
    "memoryStress": "StressChaos",
    "ioLatency": "IOChaos",
    "ioError": "IOChaos",
    "ioAttribute": "IOChaos",
    "dnsError": "DNSChaos",
    "clockSkew": "TimeChaos",
    "jvmLatency": "JVMChaos",
    "jvmException": "JVMChaos",
}

# Monitoring
PROMETHEUS_RULE = Kind("monitoring.coreos.com/v1", "PrometheusRule")
POD_MONITOR = Kind("monitoring.coreos.com/v1", "PodMonitor")
ALERTMANAGER_CONFIG = Kind("monitoring.coreos.com/v1alpha1", "AlertmanagerConfig")
GRAFANA_DASHBOARD = Kind("grafana.integreatly.org/v1beta1", "GrafanaDashboard")

# Kubernetes
NAMESPACE = Kind("v1", "Namespace")
NODE = Kind("v1", "Node")
SERVICE = Kind("v1", "Service")
POD = Kind("v1", "Pod")
CONFIG_MAP = Kind("v1", "ConfigMap")
SECRET = Kind("v1", "Secret")
EVENT = Kind("v1", "Event")
SERVICE_ACCOUNT = Kind("v1", "ServiceAccount")
PERSISTENT_VOLUME_CLAIM = Kind("v1", "PersistentVolumeClaim")
CRON_JOB = Kind("batch/v1", "CronJob")
JOB = Kind("batch/v1", "Job")
DEPLOYMENT = Kind("apps/v1", "Deployment")
REPLICA_SET = Kind("apps/v1", "ReplicaSet")
REPLICATION_CONTROLLER = Kind("v1", "ReplicationController")
STATEFUL_SET = Kind("apps/v1", "StatefulSet")
DAEMON_SET = Kind("apps/v1", "DaemonSet")
AUTOSCALER = Kind("autoscaling/v2", "HorizontalPodAutoscaler")
NETWORK_POLICY = Kind("networking.k8s.io/v1", "NetworkPolicy")
ADMISSION_POLICY = Kind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy")
ADMISSION_BINDING = Kind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding")
HELM_RELEASE = Kind("helm.sh/v3", "Release")
