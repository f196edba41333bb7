"""Every series that boards and rules read, by the names under which it is really exported.

A metric that is not here is not asked for; tests hold every query against these tables, names and
labels. What our own rules record is `vocabulary.recorded`'s concern.
"""

from collections.abc import Mapping

# Who exports it; also what an alert about missing series calls it.
FLUX, ISTIO, CHAOS_MESH, DETECTOR, KUBE_STATE = (
    "flux",
    "istio",
    "chaos-mesh",
    "anomaly-detector",
    "kube-state-metrics",
)

TARGET_LABELS = frozenset({"namespace", "pod", "job", "instance", "container"})
"""What a scrape adds to every series. A metric's own `namespace` becomes `exported_namespace`."""

# Flux: controllers, port 8080
FLUX_DURATION_SUM = "gotk_reconcile_duration_seconds_sum"
FLUX_DURATION_COUNT = "gotk_reconcile_duration_seconds_count"
RECONCILE_TOTAL = "controller_runtime_reconcile_total"
WORKQUEUE_DEPTH = "workqueue_depth"
# Flux: state of its objects, from the Flux Operator or from kube-state-metrics
FLUX_OPERATOR_STATE = "flux_resource_info"
FLUX_KUBE_STATE = "gotk_resource_info"

# Istio: proxies, port 15020
REQUESTS = "istio_requests_total"
REQUEST_BUCKETS = "istio_request_duration_milliseconds_bucket"
REQUEST_COUNT = "istio_request_duration_milliseconds_count"
TCP_CONNECTIONS = "istio_tcp_connections_opened_total"
CERTIFICATE_LEFT = "istio_agent_cert_expiry_seconds"
"""Seconds that remain, not a moment."""

# Istio: what proxies record only because `IstioInstall` tells them to
EJECTIONS_ACTIVE = "envoy_cluster_outlier_detection_ejections_active"
EJECTIONS = "envoy_cluster_outlier_detection_ejections_enforced_total"
RETRIES = "envoy_cluster_upstream_rq_retry"
PENDING_OVERFLOW = "envoy_cluster_upstream_rq_pending_overflow"
CONNECTION_OVERFLOW = "envoy_cluster_upstream_cx_overflow"
CONNECTIONS = "envoy_cluster_upstream_cx_active"
PENDING_OPEN = "envoy_cluster_circuit_breakers_default_rq_pending_open"
CONNECTIONS_OPEN = "envoy_cluster_circuit_breakers_default_cx_open"

# Istio: control plane, port 15014
PUSHES = "pilot_xds_pushes"
REJECTS = "pilot_total_xds_rejects"
CONVERGENCE_BUCKETS = "pilot_proxy_convergence_time_bucket"
ROOT_EXPIRY = "citadel_server_root_cert_expiry_timestamp"
"""A moment, not what remains."""

# Chaos Mesh: controller manager, port 10080
EXPERIMENTS = "chaos_controller_manager_chaos_experiments"
"""By namespace, kind and phase; no experiment has its name in a metric."""
SCHEDULES = "chaos_controller_manager_chaos_schedules"
WORKFLOWS = "chaos_controller_manager_chaos_workflows"
CHAOS_EVENTS = "chaos_controller_manager_emitted_event_total"

# The detector writes these itself, one sample a step
SCORE = "anomaly_score"
"""How unusual a point is; 1 is the threshold."""
VERDICT = "anomaly_detection_score"
"""The score while an incident is open, at least 1; else 0. One point beyond the threshold opens
none, and one below does not end it."""
METHOD = "anomaly_detection_method"
EXPECTED = "yhat"
LOWER = "yhat_lower"
UPPER = "yhat_upper"
# The detector's own figures, one sample a run
LAST_SUCCESS = "anomaly_detector_last_success_timestamp_seconds"
LAST_RUN_SUCCESS = "anomaly_detector_last_run_success"
RUN_DURATION = "anomaly_detector_duration_seconds"
SERIES_TOTAL = "anomaly_detector_series_total"
SAMPLES_READ = "anomaly_detector_samples_read"
SAMPLES_QUERYABLE = "anomaly_detector_samples_queryable"
SINK_ERRORS = "anomaly_detector_sink_errors"
DEGRADED = "anomaly_detector_degraded_signals"
ALERTS_OPEN = "anomaly_detector_alerts_open"

# kube-state-metrics
JOB_FAILED = "kube_job_failed"

# Prometheus itself
ALERTS = "ALERTS"

_SERVICE = ("destination_service_namespace", "destination_service_name")
_CALL = (
    *_SERVICE,
    "reporter",
    "source_workload",
    "source_workload_namespace",
    "destination_service",
    "destination_workload",
    "destination_workload_namespace",
    "request_protocol",
    "response_code",
    "response_flags",
    "connection_security_policy",
)
_DETECTED = (*_SERVICE, "service", "for")
"""Of services' own metrics it is `namespace` and `service`, unless the stack says otherwise."""
_DETECTOR = ("environment", "shard")
_RECONCILED = ("kind", "name", "exported_namespace")
_CLUSTER = ("cluster_name",)

LABELS: Mapping[str, tuple[str, ...]] = {
    FLUX_DURATION_SUM: _RECONCILED,
    FLUX_DURATION_COUNT: _RECONCILED,
    RECONCILE_TOTAL: ("controller", "result"),
    WORKQUEUE_DEPTH: ("name",),
    FLUX_OPERATOR_STATE: (
        *_RECONCILED,
        "uid",
        "ready",
        "reason",
        "suspended",
        "revision",
        "url",
        "ref",
        "source_name",
        "path",
    ),
    FLUX_KUBE_STATE: (
        "customresource_group",
        "customresource_kind",
        "customresource_version",
        "exported_namespace",
        "name",
        "ready",
        "suspended",
        "revision",
        "source_name",
        "url",
    ),
    REQUESTS: _CALL,
    REQUEST_BUCKETS: (*_CALL, "le"),
    REQUEST_COUNT: _CALL,
    TCP_CONNECTIONS: _CALL,
    CERTIFICATE_LEFT: ("resource_name",),
    EJECTIONS_ACTIVE: _CLUSTER,
    EJECTIONS: _CLUSTER,
    RETRIES: _CLUSTER,
    PENDING_OVERFLOW: _CLUSTER,
    CONNECTION_OVERFLOW: _CLUSTER,
    CONNECTIONS: _CLUSTER,
    PENDING_OPEN: _CLUSTER,
    CONNECTIONS_OPEN: _CLUSTER,
    PUSHES: ("type",),
    REJECTS: ("type",),
    CONVERGENCE_BUCKETS: ("le",),
    ROOT_EXPIRY: (),
    EXPERIMENTS: ("exported_namespace", "kind", "phase"),
    SCHEDULES: ("exported_namespace",),
    WORKFLOWS: ("exported_namespace",),
    CHAOS_EVENTS: ("exported_namespace", "type", "reason"),
    SCORE: _DETECTED,
    VERDICT: _DETECTED,
    METHOD: (*_DETECTED, "method"),
    EXPECTED: _DETECTED,
    LOWER: _DETECTED,
    UPPER: _DETECTED,
    LAST_SUCCESS: _DETECTOR,
    LAST_RUN_SUCCESS: _DETECTOR,
    RUN_DURATION: (*_DETECTOR, "stage"),
    SERIES_TOTAL: (*_DETECTOR, "state"),
    SAMPLES_READ: _DETECTOR,
    SAMPLES_QUERYABLE: _DETECTOR,
    SINK_ERRORS: (*_DETECTOR, "sink"),
    DEGRADED: _DETECTOR,
    ALERTS_OPEN: (*_DETECTOR, "severity"),
    JOB_FAILED: ("namespace", "job_name", "condition"),
    ALERTS: (
        "alertname",
        "alertstate",
        "severity",
        "area",
        "environment",
        "service",
        "namespace",
        "slo",
        "signal",
        "chaos",
    ),
}
"""Labels of each metric, but for those that a scrape adds."""
