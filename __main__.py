"""The stack: settings -> provider -> components -> exports. Wiring only."""

from datetime import UTC, datetime

import pulumi
import pulumi_kubernetes as kubernetes

import components as c
from observability.alerting_rules.expected import check_expected_alerts
from policy.stack import stack_configuration
from policy.terms import terms
from settings.load import Settings, configured, load
from settings.problems import SettingsError
from vocabulary.promotion.checkout import release


def provision(settings: Settings) -> None:
    """Register everything that the stack consists of, and export what operators want to know."""
    gitops, mesh, chaos = settings.gitops, settings.mesh, settings.chaos
    anomaly, services, environment = settings.anomaly, settings.services, settings.environment
    cluster = kubernetes.Provider(
        "cluster",
        **settings.cluster.model_dump(),
        enable_server_side_apply=True,
        enable_config_map_mutable=True,  # a board is changed, not taken away and brought back
    )

    def after(*needed: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(provider=cluster, depends_on=needed)

    # First of all, so that nothing comes into the cluster unpromoted or unjudged.
    rules = stack_configuration(pulumi.get_stack(), configured())
    released = release(environment, gated=settings.promotion)
    admitted = c.ReleaseRecordArgs(released, terms(rules) if settings.promotion else None)
    first = after(record := c.ReleaseRecord("release", admitted, after()))
    judged = c.AdmissionPoliciesArgs(rules, tuple(settings.services_by_namespace), mesh.namespace)
    admission = c.AdmissionPolicies("admission", judged, first)
    flux = c.FluxInstall("flux", gitops, first)
    istio = c.IstioInstall("istio", mesh, first)
    chaos_mesh = c.ChaosInstall("chaos-mesh", chaos, first)
    homes = {
        name: c.MeshNamespace(name, mesh, members, after(istio, admission))
        for name, members in settings.services_by_namespace.items()
    }
    ready = (istio, admission, *homes.values())
    mtls = c.MutualTls("mtls", mesh, services, after(*ready))
    routes = {
        x.name: c.ServiceRoute(x.name, x, after(istio, admission, homes[x.namespace]), mesh.ingress)
        for x in services
    }
    access = c.AccessControl("access", mesh, services, after(*ready))
    entrance = c.Ingress("ingress", mesh, services, after(*ready))
    telemetry = c.Telemetry("telemetry", mesh, [*homes], after(*ready))
    token, told = settings.slack_token, after(flux, admission)
    alerts = c.FluxAlerts("alerts", gitops, environment=environment, token=token, opts=told)
    meshed = (mtls, *routes.values(), access, entrance, telemetry)
    sync = c.FluxSync("gitops", gitops, services, after(flux, alerts, *meshed))
    c.ChaosStop("chaos-stop", chaos, settings.services_by_namespace, after(chaos_mesh))
    context = c.ChaosContext(chaos, {item.name: item for item in services}, environment, anomaly)
    abortable = [c.AbortableWorkflows("abortable-workflows", first)] if chaos.aborts else []
    for scheduled in chaos.recurring:
        c.ChaosSchedule(scheduled.name, scheduled, context, after(chaos_mesh, *abortable, *ready))
    watched = c.AnomalyDetectorArgs(anomaly, services, environment, settings.detector_secrets)
    detector = c.AnomalyDetector("anomaly-detector", watched, after(admission))
    seen = c.Observability("observability", settings, after(*ready))
    pulumi.export("release", record.record)
    pulumi.export("revision", {"branch": sync.branch, "kustomizations": sync.kustomizations})
    pulumi.export("mesh", {"mtls": mtls.mode, "istio": istio.version, "callers": access.callers})
    pulumi.export("ingress", entrance.hosts)
    pulumi.export("routes", {n: {"host": r.host, "subsets": r.subsets} for n, r in routes.items()})
    pulumi.export("experiments", c.next_firings(chaos, datetime.now(UTC)))
    pulumi.export("detector", {"workload": detector.workload, "schedule": anomaly.cron})
    pulumi.export("observability", {"boards": seen.boards, "alerts": seen.alerts})


try:
    provision(load(check_expected_alerts))
except SettingsError as error:
    raise pulumi.RunError(str(error)) from None
