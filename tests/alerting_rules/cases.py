"""A story in which each alert fires, and stories in which it must not.

Minutes are counted from midnight, a Thursday; experiments may run from 02:00 to 06:00.
"""

from collections.abc import Iterator

from tests.alerting_rules.promtool import Case, Firing, Input, series
from vocabulary import metrics as m

HOME = "brisa-production"
API = {"destination_service_namespace": HOME, "destination_service_name": "api-service"}
WEB = {"destination_service_namespace": HOME, "destination_service_name": "web"}
FLUX = {"exported_namespace": "flux-system"}
CHAOS = {"exported_namespace": HOME}
BOOKING_CLUSTER = f"outbound|8080|stable|booking-service.{HOME}.svc.cluster.local"


def calls(code: str, each_minute: float, minutes: int, reporter: str = "source") -> Input:
    """Requests to api-service with an answer."""
    values = f"0+{each_minute:g}x{minutes}"
    return series(m.REQUESTS, values, **API, reporter=reporter, response_code=code)


def answers(within_250ms: float, each_minute: float, minutes: int) -> list[Input]:
    """Durations of requests to api-service; what is not within 250 ms takes over half a second."""
    labels = {**API, "reporter": "source", "response_code": "200"}
    quick, every = f"0+{within_250ms:g}x{minutes}", f"0+{each_minute:g}x{minutes}"
    return [
        series(m.REQUEST_BUCKETS, quick, **labels, le="250"),
        series(m.REQUEST_BUCKETS, quick, **labels, le="500"),
        series(m.REQUEST_BUCKETS, every, **labels, le="+Inf"),
        series(m.REQUEST_COUNT, every, **labels),
    ]


def experiment(kind: str, phase: str, values: str, namespace: str = HOME) -> Input:
    """How many experiments there are."""
    return series(m.EXPERIMENTS, values, exported_namespace=namespace, kind=kind, phase=phase)


def objectives() -> Iterator[Case]:
    fast, slow, spent = "SloErrorBudgetBurnsFast", "SloErrorBudgetBurnsSlow", "SloErrorBudgetSpent"
    availability, latency = {**API, "slo": "availability"}, {**API, "slo": "latency"}
    failing = [calls("200", 600, 120), calls("503", 60, 120)]
    yield Case(fast, "one in eleven fails", "70m", failing, [Firing(availability, "90.91")])
    slowed = answers(60, 600, 120)
    yield Case(fast, "nine in ten are slow", "70m", slowed, [Firing(latency, "18")])
    yield Case(fast, "one in 2,000 fails", "70m", [calls("200", 600, 120), calls("503", 0.3, 120)])
    yield Case(fast, "one in twenty-five is slow", "70m", answers(576, 600, 120))
    few = [
        calls("200", 0.1, 120),
        series(m.REQUESTS, "0x40 1x80", **API, reporter="source", response_code="503"),
    ]
    yield Case(fast, "one of a dozen fails", "45m", few)
    over = [
        calls("200", 600, 120),
        series(m.REQUESTS, "0+60x30 1800x90", **API, reporter="source", response_code="503"),
    ]
    yield Case(fast, "it is over", "75m", over)
    creeping = [calls("200", 600, 200), calls("503", 3, 200)]
    yield Case(
        slow, "one in two hundred fails for hours", "3h", creeping, [Firing(availability, "4.975")]
    )
    yield Case(
        slow,
        "one in 2,000 fails for hours",
        "3h",
        [calls("200", 600, 200), calls("503", 0.3, 200)],
    )
    yield Case(
        spent,
        "one in a hundred failed",
        "2h",
        [calls("200", 600, 130), calls("503", 6, 130)],
        [Firing(availability, "-890.1%")],
    )
    yield Case(spent, "one in 2,000 failed", "2h", [calls("200", 600, 130), calls("503", 0.3, 130)])


def chaos() -> Iterator[Case]:
    recent, stuck = "ChaosExperimentRecent", "ChaosExperimentStuck"
    booking = {**API, "destination_service_name": "booking-service"}
    one = [experiment("PodChaos", "running", "0x9 1x3 _x20")]
    yield Case(recent, "an experiment runs", "11m", one, [Firing(API)])
    yield Case(
        recent, "it is over, and the detector has not told of it yet", "40m", one, [Firing(API)]
    )
    yield Case(recent, "it is long over", "60m", one)
    io = [experiment("IOChaos", "running", "1x20")]
    yield Case(recent, "one that hits another service runs", "5m", io, [Firing(booking)])
    yield Case(recent, "all are finished", "5m", [experiment("PodChaos", "finished", "1x20")])
    yield Case(
        recent,
        "one runs in a namespace of others",
        "5m",
        [experiment("PodChaos", "running", "1x20", "shop")],
    )

    kind = {**CHAOS, "kind": "NetworkChaos"}
    for phase, late, early in (("injecting", "7m", "4m"), ("deleting", "12m", "9m")):
        there = [experiment("NetworkChaos", phase, "1x30")]
        yield Case(stuck, f"{phase} for long", late, there, [Firing({**kind, "phase": phase})])
        yield Case(stuck, f"{phase} for a while", early, there)

    outside, running = "ChaosOutsideWindow", [experiment("PodChaos", "running", "1x200")]
    yield Case(
        outside, "it is one in the morning", "1h", running, [Firing({**CHAOS, "kind": "PodChaos"})]
    )
    yield Case(outside, "it is three in the morning", "3h", running)
    yield Case(
        outside,
        "it is one in the morning, and all are finished",
        "1h",
        [experiment("PodChaos", "finished", "1x200")],
    )

    burning = [calls("200", 600, 120), calls("503", 60, 120)]
    both = [*burning, experiment("PodChaos", "running", "1x120")]
    labels = {**API, "slo": "availability"}
    yield Case("ChaosWhileSloBurning", "both at once", "70m", both, [Firing(labels, "90.91")])
    yield Case("ChaosWhileSloBurning", "no experiment runs", "70m", burning)
    calm = [calls("200", 600, 120), experiment("PodChaos", "running", "1x120")]
    yield Case("ChaosWhileSloBurning", "the objective holds", "70m", calm)

    for name, reason in (
        ("ChaosExperimentFailed", "Failed"),
        ("ChaosScheduleMissed", "MissSchedule"),
    ):
        labels = {**CHAOS, "reason": reason, "type": "Warning"}
        first = [series(m.CHAOS_EVENTS, "_x20 1x60", **labels)]
        yield Case(name, "it happens for the first time", "22m", first, [Firing(CHAOS, "1")])
        again = [series(m.CHAOS_EVENTS, "1x20 2x60", **labels)]
        yield Case(name, "it happens again", "30m", again, [Firing(CHAOS, "1.071")])
        yield Case(name, "it was an hour ago", "75m", first)
        other = [series(m.CHAOS_EVENTS, "0+1x60", **{**labels, "reason": "Applied"})]
        yield Case(name, "something else happens", "30m", other)


def gitops() -> Iterator[Case]:
    def state(values: str, **told: str) -> Input:
        labels = {"kind": "Kustomization", "name": "brisa-production", **FLUX, "uid": "1"}
        told = {"ready": "True", "suspended": "False", "revision": "main@sha1:1", **told}
        return series(m.FLUX_OPERATOR_STATE, values, **labels, **told)

    path = {"kind": "Kustomization", "name": "brisa-production", **FLUX}
    name = "FluxResourceNotReady"
    failing = [
        state("1x9 _x30", ready="False", reason="a"),
        state("_x9 1x30", ready="False", reason="b"),
    ]
    yield Case(name, "it fails for one reason after another", "20m", failing, [Firing(path)])
    yield Case(name, "it fails for a moment", "14m", failing)
    yield Case(name, "it is ready", "40m", [state("1x60")])
    yield Case(name, "it is suspended", "40m", [state("1x60", ready="False", suspended="True")])

    name = "FluxResourceSuspendedTooLong"
    suspended = [state("1x1600", suspended="True")]
    yield Case(name, "since yesterday", "25h", suspended, [Firing(path)])
    yield Case(name, "since this morning", "23h", suspended)
    yield Case(name, "not at all", "25h", [state("1x1600")])

    def work(count: str, spent: str = "0x100", name: str = "brisa-production") -> list[Input]:
        labels = {"kind": "Kustomization", "name": name, **FLUX, "namespace": "flux-system"}
        return [
            series(m.FLUX_DURATION_COUNT, count, **labels),
            series(m.FLUX_DURATION_SUM, spent, **labels),
        ]

    ours = {"name": "brisa-production", **FLUX}
    name = "FluxNotReconciling"
    yield Case(name, "nothing happens", "30m", [*work("7x100"), state("1x100")], [Firing(ours)])
    yield Case(name, "it is done every five minutes", "30m", work("0+0.2x100"))
    yield Case(
        name,
        "nothing happens, on purpose",
        "30m",
        [*work("7x100"), state("1x100", suspended="True")],
    )
    yield Case(name, "a path of others is left alone", "30m", work("7x100", name="theirs"))

    name = "FluxReconcileSlow"
    yield Case(
        name, "two minutes each", "60m", work("0+0.2x100", "0+24x100"), [Firing(ours, "2m 0s")]
    )
    yield Case(name, "ten seconds each", "60m", work("0+0.2x100", "0+2x100"))


def mesh() -> Iterator[Case]:
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

    booking = {**API, "destination_service_name": "booking-service"}
    name = "MeshEjectionsHigh"
    out = [cluster(m.EJECTIONS_ACTIVE, "1x60")]
    yield Case(name, "a pod stays out", "12m", out, [Firing(booking, "1")])
    yield Case(name, "it is back in a moment", "12m", [cluster(m.EJECTIONS_ACTIVE, "1x5 0x60")])
    theirs = "outbound|443||api.example.svc.cluster.local"
    yield Case(name, "it is nobody of ours", "12m", [cluster(m.EJECTIONS_ACTIVE, "1x60", theirs)])

    name = "MeshConnectionPoolOverflow"
    zero = cluster(m.CONNECTION_OVERFLOW, "0x60")
    full = [cluster(m.PENDING_OVERFLOW, "0+60x60"), zero]
    yield Case(name, "requests are refused", "20m", full, [Firing(booking, "1")])
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


def anomaly() -> Iterator[Case]:
    def score(values: str, signal: str = "latency_p95") -> Input:
        return series(m.SCORE, values, **API, **{"for": signal})

    found, several = "AnomalyDetected", "AnomalyInSeveralSignals"
    high = [score("0.2x20 3x2 0.2x60")]
    p95 = {**API, "for": "latency_p95"}
    yield Case(found, "a score is high", "25m", high, [Firing({**p95, "chaos": "false"}, "3")])
    yield Case(
        found,
        "its run's results are ten minutes old",
        "40m",
        high,
        [Firing({**p95, "chaos": "false"}, "3")],
    )
    yield Case(found, "that was half an hour ago", "60m", high)
    yield Case(found, "scores are low", "25m", [score("0.9x60")])
    during = [*high, experiment("PodChaos", "running", "0x19 1x2 0x60")]
    yield Case(
        found,
        "an experiment ran at the time",
        "25m",
        during,
        [Firing({**p95, "chaos": "true"}, "3")],
    )
    later = [*high, experiment("PodChaos", "running", "0x30 1x2 0x60")]
    yield Case(
        found, "an experiment came later", "35m", later, [Firing({**p95, "chaos": "false"}, "3")]
    )

    errors, traffic = (
        score("0.2x20 2x2 0.2x60", "error_rate"),
        score("0.2x20 0.8x2 0.2x60", "traffic"),
    )
    both = [*high, errors, traffic]
    yield Case(several, "latency and errors", "25m", both, [Firing({**API, "chaos": "false"}, "2")])
    yield Case(
        several, "two percentiles of the latency", "25m", [*high, score("3x60", "latency_p99")]
    )
    known = [*both, experiment("PodChaos", "running", "0x19 1x2 0x60")]
    yield Case(
        several,
        "an experiment ran at the time",
        "25m",
        known,
        [Firing({**API, "chaos": "true"}, "2")],
    )

    stale = "AnomalyDetectorStale"
    runs = "0 _x9 600 _x9 1200 _x200"
    yield Case(
        stale,
        "the last success is half an hour old",
        "50m",
        [series(m.LAST_SUCCESS, runs)],
        [Firing({})],
    )
    yield Case(stale, "one run failed", "40m", [series(m.LAST_SUCCESS, runs)])
    yield Case(stale, "there was none ever", "30m", (), [Firing({})])

    def jobs(*values: str) -> list[Input]:
        labels = {"namespace": "anomaly-detection", "condition": "true"}
        return [
            series(m.JOB_FAILED, value, **labels, job_name=f"anomaly-detector-{place}")
            for place, value in enumerate(values)
        ]

    home = {"namespace": "anomaly-detection"}
    yield Case(
        "AnomalyDetectorFailing",
        "two failed",
        "10m",
        jobs("1x60", "1x60", "0x60"),
        [Firing(home, "2")],
    )
    yield Case("AnomalyDetectorFailing", "one failed", "10m", jobs("1x60", "0x60"))

    blind = "AnomalyDetectorBlind"
    yield Case(
        blind,
        "series fail in every run",
        "50m",
        [series(m.SERIES_FAILED, "4 _x9 3 _x9 3 _x9 3 _x9 3 _x30")],
        [Firing({}, "3")],
    )
    yield Case(
        blind,
        "they failed in one run",
        "50m",
        [series(m.SERIES_FAILED, "0 _x9 0 _x9 3 _x9 0 _x9 0 _x30")],
    )


def platform() -> Iterator[Case]:
    yield Case("Watchdog", "always", "0m", (), [Firing({})])
    here = {"namespace": "flux-system"}
    exported = [
        series(m.FLUX_DURATION_COUNT, "1x100", kind="Kustomization", name="a", **FLUX, **here),
        series(m.FLUX_OPERATOR_STATE, "1x100", kind="Kustomization", name="a", **FLUX, **here),
        series(m.CERTIFICATE_LEFT, "80000x100", resource_name="default", **here),
        series(m.PUSHES, "1x100", type="cds", **here),
        series(m.SCHEDULES, "6x100", **CHAOS, **here),
    ]
    name = "TelemetryMissing"
    yield Case(name, "all is exported", "45m", exported)
    for place, source in enumerate(
        ("flux", "flux-state", "istio", "istio-control-plane", "chaos-mesh")
    ):
        rest = [each for other, each in enumerate(exported) if other != place]
        yield Case(name, f"nothing of {source} is", "45m", rest, [Firing({"source": source})])
    gap = [series(m.SCHEDULES, "6x20 _x10 6x60", **CHAOS, **here), *exported[:4]]
    yield Case(name, "a gauge vanishes for a moment", "31m", gap)


CASES = [*objectives(), *chaos(), *gitops(), *mesh(), *anomaly(), *platform()]
