"""Component resources: one module per concept, each turns a part of the settings into objects."""

from components.access import AccessControl
from components.admission import AdmissionPolicies, AdmissionPoliciesArgs
from components.anomaly_detector import AnomalyDetector, AnomalyDetectorArgs
from components.chaos_abort import AbortableWorkflows
from components.chaos_install import ChaosInstall
from components.chaos_schedule import ChaosContext, ChaosSchedule, next_firings
from components.chaos_stop import ChaosStop
from components.flux import FluxSync
from components.flux_alerts import FluxAlerts
from components.flux_install import FluxInstall
from components.ingress import Ingress
from components.istio_install import IstioInstall
from components.mesh_namespace import MeshNamespace
from components.mtls import MutualTls
from components.observability import Observability
from components.release_record import ReleaseRecord, ReleaseRecordArgs
from components.service_route import ServiceRoute
from components.telemetry import Telemetry

__all__ = [
    "AbortableWorkflows",
    "AccessControl",
    "AdmissionPolicies",
    "AdmissionPoliciesArgs",
    "AnomalyDetector",
    "AnomalyDetectorArgs",
    "ChaosContext",
    "ChaosInstall",
    "ChaosSchedule",
    "ChaosStop",
    "FluxAlerts",
    "FluxInstall",
    "FluxSync",
    "Ingress",
    "IstioInstall",
    "MeshNamespace",
    "MutualTls",
    "Observability",
    "ReleaseRecord",
    "ReleaseRecordArgs",
    "ServiceRoute",
    "Telemetry",
    "next_firings",
]
