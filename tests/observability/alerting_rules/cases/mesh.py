"""The mesh: plain text, errors, certificates, breakers, refused configuration."""

from collections.abc import Iterator

from tests.observability.alerting_rules.cases.inputs import API, BOOKING, HOME, calls
from tests.observability.alerting_rules.promtool import Case, Firing, Input, series
from vocabulary import metrics as m

BOOKING_CLUSTER = f"outbound|8080|stable|booking-service.{HOME}.svc.cluster.local"


def cases() -> Iterator[Case]:
    caller = {"source_workload": "legacy-job", "source_workload_namespace": "batch"}

    def plain(values: str, policy: str, reporter: str = "destination") -> list[Input]:
        labels = {**API, **caller, "reporter": reporter, "connection_security_policy": policy}
        return [series(m.REQUESTS, values, **labels)]

    name = "MeshPlaintextTraffic"
    yield Case(
        name,
        "a job comes in plain text",
        "20m",
        plain("0+60x60", "none"),
        [Firing({**API, **caller}, "1")],
    )
    yield Case(name, "it comes encrypted", "20m", plain("0+60x60", "mutual_tls"))
    yield Case(name, "its own proxy does not know", "20m", plain("0+60x60", "unknown", "source"))

    name = "MeshHighErrorRate"
    yield Case(
        name,
        "one in ten fails",
        "20m",
        [calls("200", 540, 60), calls("503", 60, 60)],
        [Firing(API, "10%")],
    )
    yield Case(name, "one in a hundred fails", "20m", [calls("200", 594, 60), calls("503", 6, 60)])
    yield Case(
        name, "callers give up by themselves", "20m", [calls("200", 540, 60), calls("0", 60, 60)]
    )

    def certificate(values: str, resource: str = "default") -> list[Input]:
        labels = {"resource_name": resource, "namespace": HOME, "pod": "api-1"}
        return [series(m.CERTIFICATE_LEFT, values, **labels)]

    pod = {"namespace": HOME, "pod": "api-1"}
    name = "MeshWorkloadCertNotRotating"
    yield Case(
        name, "five hours are left", "10m", certificate("18600-60x60"), [Firing(pod, "5h 0m 0s")]
    )
    yield Case(name, "thirteen hours are left", "10m", certificate("46800-60x60"))
    yield Case(name, "the root is something else", "10m", certificate("18600-60x60", "ROOTCA"))

    def root(days: int) -> list[Input]:
        return [
            series(m.ROOT_EXPIRY, f"{days * 86400}x200", namespace="istio-system", pod="istiod-1")
        ]

    name = "MeshRootCertExpiring"
    yield Case(name, "twenty days are left", "2h", root(20), [Firing({}, "19d 22h 0m 0s")])
    yield Case(name, "a year is left", "2h", root(365))

    def cluster(metric: str, values: str, name: str = BOOKING_CLUSTER) -> Input:
        return series(metric, values, cluster_name=name, namespace=HOME, pod="api-1")

    name = "MeshEjectionsHigh"
    out = [cluster(m.EJECTIONS_ACTIVE, "1x60")]
    yield Case(name, "a pod stays out", "12m", out, [Firing(BOOKING, "1")])
    yield Case(name, "it is back in a moment", "12m", [cluster(m.EJECTIONS_ACTIVE, "1x5 0x60")])
    theirs = "outbound|443||api.example.svc.cluster.local"
    yield Case(name, "it is nobody of ours", "12m", [cluster(m.EJECTIONS_ACTIVE, "1x60", theirs)])

    name = "MeshConnectionPoolOverflow"
    zero = cluster(m.CONNECTION_OVERFLOW, "0x60")
    full = [cluster(m.PENDING_OVERFLOW, "0+60x60"), zero]
    yield Case(name, "requests are refused", "20m", full, [Firing(BOOKING, "1")])
    yield Case(name, "there is room", "20m", [cluster(m.PENDING_OVERFLOW, "7x60"), zero])

    name = "MeshConfigRejected"
    refused = {"type": "lds", "namespace": "istio-system", "pod": "istiod-1"}
    yield Case(
        name,
        "listeners are refused",
        "20m",
        [series(m.REJECTS, "0+1x60", **refused)],
        [Firing({"type": "lds"})],
    )
    yield Case(name, "they were once", "60m", [series(m.REJECTS, "0+1x5 5x60", **refused)])
