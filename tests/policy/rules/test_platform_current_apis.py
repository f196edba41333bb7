from policy.rules.platform_current_apis import RULE
from tests.policy.contract import RuleContract, case


def of(api_version, kind, path="", **rest):
    return case({"apiVersion": api_version, "kind": kind}, path, **rest)


def old(api_version, kind, **rest):
    return of(api_version, kind, "apiVersion", **rest)


class TestCurrentApis(RuleContract):
    rule = RULE
    good = {
        "Chaos Mesh has one only": of("chaos-mesh.org/v1alpha1", "Schedule"),
        "notifications of Flux 2.9": of("notification.toolkit.fluxcd.io/v1beta3", "Alert"),
        "notifications of Flux 2.10": of("notification.toolkit.fluxcd.io/v1", "Provider"),
        "EnvoyFilter has no v1": of("networking.istio.io/v1alpha3", "EnvoyFilter"),
        "the core group": of("v1", "ConfigMap"),
        "a group nobody here knows": of("example.com/v1beta1", "Thing"),
    }
    bad = {
        "Istio routes": old("networking.istio.io/v1beta1", "VirtualService", says="io/v1"),
        "older Istio routes": old("networking.istio.io/v1alpha3", "DestinationRule"),
        "Istio security": old("security.istio.io/v1beta1", "PeerAuthentication"),
        "Istio telemetry": old("telemetry.istio.io/v1alpha1", "Telemetry"),
        "Flux sources": old("source.toolkit.fluxcd.io/v1beta2", "GitRepository"),
        "Flux Kustomizations": old("kustomize.toolkit.fluxcd.io/v1beta2", "Kustomization"),
        "Flux releases": old("helm.toolkit.fluxcd.io/v2beta2", "HelmRelease"),
        "Flux notifications": old("notification.toolkit.fluxcd.io/v1beta2", "Alert"),
        "Flux receivers": old("notification.toolkit.fluxcd.io/v1beta3", "Receiver"),
        "cron jobs": old("batch/v1beta1", "CronJob"),
        "notifications that the installed Flux does not serve": old(
            "notification.toolkit.fluxcd.io/v1",
            "Alert",
            config={"notification": ["notification.toolkit.fluxcd.io/v1beta3"]},
        ),
    }
