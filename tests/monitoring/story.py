"""Eight hours of a stack's metrics, made up: names and labels are real, and so are the shapes.

A Tuesday from midnight UTC. A pod of api-service fails for half a minute at 02:00 and at 04:00, one
is short of CPU at 02:30, as the stack's schedules say. Flux fetches a revision at 04:54 and rolls
it out at 05:05: booking-service is slow and fails, Flux waits for its health in vain, callers eject
its pods. It is taken back at 05:40. At 06:00 a job comes in plain text.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from settings.monitored import Monitored
from tests.monitoring.openmetrics import Series, Values
from vocabulary import metrics as m

START = int(datetime(2026, 11, 3, tzinfo=UTC).timestamp())
HOURS = 8
STEP = 30
END = START + HOURS * 3600
TIMES = np.arange(START, END + 1, STEP)
BOUNDS = (0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000)

CALLS = (
    ("istio-ingress", "istio-ingress", "web"),
    ("web", None, "api-service"),
    ("istio-ingress", "istio-ingress", "api-service"),
    ("api-service", None, "booking-service"),
    ("booking-service", None, "notification-service"),
)
RATES = {"web": 40.0, "api-service": 30.0, "booking-service": 12.0, "notification-service": 4.0}
MEDIANS = {"web": 90.0, "api-service": 45.0, "booking-service": 60.0, "notification-service": 20.0}


def moment(text: str) -> int:
    """Epoch seconds of a time of the day, `HH:MM`."""
    hours, minutes = map(int, text.split(":"))
    return START + hours * 3600 + minutes * 60


def between(first: str, last: str, after: int = 0) -> Values:
    """1 after one time until another, and for some seconds more; else 0.

    A sample tells of the time before it: what begins at 02:00 is first seen half a minute later.
    """
    inside = (moment(first) < TIMES) & (moment(last) + after >= TIMES)
    return inside.astype(np.float64)


BAD_RELEASE = between("05:05", "05:40")
POD_FAILURES = np.maximum(between("02:00", "02:00", 30), between("04:00", "04:00", 30))
POD_AWAY = np.maximum(between("02:00", "02:00", 90), between("04:00", "04:00", 90))
"""A minute longer than the experiment, until the pod is ready again."""
CPU_STRESS = between("02:30", "02:33")
STRESSED = between("02:30", "02:33", 150)
"""Two and a half minutes longer than the experiment: the service needs them to recover."""


class Story:
    """All series, for the services and namespaces of a stack."""

    def __init__(self, stack: Monitored) -> None:
        self.stack = stack
        self.home = stack.services[0].namespace
        self.chance = np.random.default_rng(20261103)

    def series(self) -> Iterator[Series]:
        """Everything."""
        yield from self._requests()
        yield from self._proxies()
        yield from self._certificates()
        yield from self._control_plane()
        yield from self._flux()
        yield from self._experiments()
        yield from self._detector()
        yield from self._alerts()

    def _requests(self) -> Iterator[Series]:
        for caller, namespace, callee in CALLS:
            # The ingress is one of two callers of api-service.
            share = 0.5 if callee == "api-service" else 1.0
            rate = RATES[callee] * share * self._day()
            failing = self._failing(callee)
            for reporter in ("source", "destination"):
                # What finds no pod never reaches the destination's proxy.
                lost = 0.2 * POD_AWAY if callee == "api-service" else 0 * POD_AWAY
                reached = rate * (1 - lost) if reporter == "destination" else rate
                labels = self._call(caller, namespace or self.home, callee, reporter)
                for code, flags, part in (
                    ("200", "-", 0.99 - failing),
                    ("404", "-", 0.01 + 0 * failing),
                    ("503", "UF", failing),
                ):
                    told = labels | {"response_code": code, "response_flags": flags}
                    yield from self._counted(told, callee, reached * part)
        plain = self._call("legacy-job", "batch", "api-service", "destination")
        plain |= {"connection_security_policy": "none", "response_code": "200"}
        yield Series(m.REQUESTS, plain, _counter(0.2 * between("06:00", "06:30")))

    def _counted(self, labels: dict[str, str], callee: str, rate: Values) -> Iterator[Series]:
        yield Series(m.REQUESTS, labels, _counter(rate))
        yield Series(m.REQUEST_COUNT, labels, _counter(rate))
        for bound in BOUNDS:
            within = _below(bound, self._median(callee))
            le = {"le": f"{bound:g}"}
            yield Series(m.REQUEST_BUCKETS, labels | le, _counter(rate * within))
        yield Series(m.REQUEST_BUCKETS, labels | {"le": "+Inf"}, _counter(rate))

    def _call(self, caller: str, namespace: str, callee: str, reporter: str) -> dict[str, str]:
        return {
            "reporter": reporter,
            "source_workload": caller,
            "source_workload_namespace": namespace,
            "destination_workload": callee,
            "destination_workload_namespace": self.home,
            "destination_service": f"{callee}.{self.home}.svc.cluster.local",
            "destination_service_name": callee,
            "destination_service_namespace": self.home,
            "request_protocol": "http",
            "connection_security_policy": "mutual_tls" if reporter == "destination" else "unknown",
            "namespace": self.home,
            "pod": f"{caller if reporter == 'source' else callee}-7d9f6c5b8-abcde",
        }

    def _day(self) -> Values:
        """Traffic rises towards the morning."""
        rise = 0.6 + 0.4 * np.sin((TIMES - START) / (HOURS * 3600) * np.pi / 2)
        return rise * (1 + 0.03 * self.chance.standard_normal(TIMES.size))

    def _failing(self, callee: str) -> Values:
        share = 0.0002 * np.ones(TIMES.size)
        if callee == "api-service":
            share = share + 0.25 * POD_AWAY
        if callee == "booking-service":
            share = share + 0.12 * BAD_RELEASE
        return share

    def _median(self, callee: str, *, expected: bool = False) -> Values:
        median = np.full(TIMES.size, MEDIANS[callee])
        if expected:
            return median
        if callee == "api-service":
            median = median * (1 + 7 * STRESSED)
        if callee == "booking-service":
            median = median * (1 + 9 * BAD_RELEASE)
        return median

    def _proxies(self) -> Iterator[Series]:
        for caller, namespace, callee in CALLS:
            subset = "stable" if callee == "api-service" else ""
            host = f"{callee}.{self.home}.svc.cluster.local"
            labels = {
                "cluster_name": f"outbound|8080|{subset}|{host}",
                "namespace": namespace or self.home,
                "pod": f"{caller}-7d9f6c5b8-abcde",
            }
            bad = callee == "booking-service"
            out = BAD_RELEASE if bad else POD_AWAY * (callee == "api-service")
            flow = RATES[callee] * self._day()
            yield Series(m.EJECTIONS_ACTIVE, labels, out)
            yield Series(m.EJECTIONS, labels, _counter(out / 30))
            yield Series(m.RETRIES, labels, _counter(flow * self._failing(callee) * 2))
            yield Series(m.PENDING_OVERFLOW, labels, _counter(out * bad * 0.4))
            yield Series(m.CONNECTION_OVERFLOW, labels, _counter(out * bad * 0.1))
            yield Series(m.CONNECTIONS, labels, np.round(flow * (1 + 4 * out)))
            yield Series(m.PENDING_OPEN, labels, out * bad)
            yield Series(m.CONNECTIONS_OPEN, labels, 0 * out)

    def _certificates(self) -> Iterator[Series]:
        life = self.stack.mesh.certificate_ttl.total_seconds()
        for place, service in enumerate(self.stack.services):
            for pod in range(service.replicas):
                age = (TIMES - START + 4100 * (place + 3 * pod)) % (life / 2)
                labels = {
                    "resource_name": "default",
                    "namespace": service.namespace,
                    "pod": f"{service.name}-7d9f6c5b8-{'abcdefgh'[pod] * 5}",
                }
                yield Series(m.CERTIFICATE_LEFT, labels, life - age)

    def _control_plane(self) -> Iterator[Series]:
        istiod = {"namespace": self.stack.mesh.namespace, "pod": "istiod-5c8f9d7b6-abcde"}
        years = np.full(TIMES.size, START + 9 * 365 * 86400, dtype=np.float64)
        yield Series(m.ROOT_EXPIRY, istiod, years)
        busy = 0.05 + 0.4 * BAD_RELEASE
        for kind in ("cds", "eds", "lds", "rds"):
            yield Series(m.PUSHES, istiod | {"type": kind}, _counter(busy * (1 + (kind == "eds"))))
            refused = 0.01 * between("05:05", "05:07")
            yield Series(m.REJECTS, istiod | {"type": kind}, _counter(refused * (kind == "lds")))
        for bound, share in ((0.1, 0.7), (0.5, 0.97), (1, 0.995), (3, 1.0), ("+Inf", 1.0)):
            labels = istiod | {"le": str(bound)}
            yield Series(m.CONVERGENCE_BUCKETS, labels, _counter(busy * share))

    def _flux(self) -> Iterator[Series]:
        settings = self.stack.gitops
        home = {"namespace": settings.namespace, "pod": "kustomize-controller-6f7c8d9b-abcde"}
        there = {"exported_namespace": settings.namespace}
        objects = [("Kustomization", path.name) for path in settings.kustomizations]
        objects += [("GitRepository", settings.source_name), ("HelmRelease", "metrics-server")]
        for kind, name in objects:
            labels = home | there | {"kind": kind, "name": name}
            slow = 30 * BAD_RELEASE if kind == "Kustomization" else 0 * BAD_RELEASE
            done = np.full(TIMES.size, 1 / 300)
            yield Series(m.FLUX_DURATION_COUNT, labels, _counter(done))
            yield Series(m.FLUX_DURATION_SUM, labels, _counter(done * (2.5 + slow)))
        for controller in ("kustomization", "gitrepository", "helmrelease"):
            bad = BAD_RELEASE * (controller == "kustomization")
            for result, part in (("success", 1 - bad), ("error", bad), ("requeue", 0.1 + 0 * bad)):
                labels = home | {"controller": controller, "result": result}
                yield Series(m.RECONCILE_TOTAL, labels, _counter(part / 100))
            waits = np.round(2 * self.chance.random(TIMES.size) * (1 + 2 * bad))
            yield Series(m.WORKQUEUE_DEPTH, home | {"name": controller}, waits)
        yield from self._flux_state(there)

    def _flux_state(self, there: dict[str, str]) -> Iterator[Series]:
        settings = self.stack.gitops
        first, second, third = (f"main@sha1:{mark * 10}" for mark in ("4a1b", "9c2d", "7e3f"))
        labels = {"namespace": settings.namespace, **there, "uid": "2f0c", "suspended": "False"}
        source = labels | {"kind": "GitRepository", "name": settings.source_name}
        fetched = ((first, "00:00", "04:54"), (second, "04:54", "05:28"), (third, "05:28", "08:01"))
        for revision, begin, end in fetched:
            told = source | {"ready": "True", "reason": "Succeeded", "revision": revision}
            yield Series(m.FLUX_OPERATOR_STATE, told, _present(begin, end))
        for path in settings.kustomizations:
            applied = labels | {"kind": "Kustomization", "name": path.name, "path": path.path}
            for revision, ready, reason, begin, end in (
                (first, "True", "ReconciliationSucceeded", "00:00", "05:05"),
                (second, "Unknown", "Progressing", "05:05", "05:08"),
                (second, "False", "HealthCheckFailed", "05:08", "05:40"),
                (third, "True", "ReconciliationSucceeded", "05:40", "08:01"),
            ):
                told = applied | {"ready": ready, "reason": reason, "revision": revision}
                yield Series(m.FLUX_OPERATOR_STATE, told, _present(begin, end))
        release = labels | {"kind": "HelmRelease", "name": "metrics-server", "revision": "3.13.0"}
        release |= {"ready": "True", "reason": "UpgradeSucceeded", "suspended": "True"}
        yield Series(m.FLUX_OPERATOR_STATE, release, _present("00:00", "08:01"))

    def _experiments(self) -> Iterator[Series]:
        home = {"namespace": self.stack.chaos.namespace, "pod": "chaos-controller-manager-0"}
        there = home | {"exported_namespace": self.home}
        schedules = len(self.stack.chaos.schedules) + len(self.stack.chaos.workflows)
        yield Series(m.SCHEDULES, there, np.full(TIMES.size, float(schedules)))
        yield Series(m.WORKFLOWS, there, np.ones(TIMES.size))
        for kind, running in (("PodChaos", POD_FAILURES), ("StressChaos", CPU_STRESS)):
            over = np.minimum(np.cumsum(running), 1) * (1 - running)
            for phase, there_now in (("running", running), ("finished", over)):
                labels = there | {"kind": kind, "phase": phase}
                present = np.where(there_now > 0, there_now, np.nan)
                yield Series(m.EXPERIMENTS, labels, present)
        for reason, type_, moments in (
            ("Spawned", "Normal", ("02:00", "02:30", "04:00")),
            ("Applied", "Normal", ("02:00", "02:30", "04:00")),
            ("Recovered", "Normal", ("02:01", "02:33", "04:01")),
            ("Failed", "Warning", ("02:31",)),
        ):
            happened = sum(between(text, text, STEP) for text in moments)
            labels = there | {"reason": reason, "type": type_}
            yield Series(m.CHAOS_EVENTS, labels, np.cumsum(happened))

    def _detector(self) -> Iterator[Series]:
        for service in self.stack.services:
            name = service.name
            for signal, expected, measured in self._signals(name):
                labels = {
                    "destination_service_namespace": service.namespace,
                    "destination_service_name": name,
                    "for": signal,
                }
                spread = np.maximum(0.25 * expected, 1e-4)
                noise = 0.15 * np.abs(self.chance.standard_normal(TIMES.size))
                score = np.minimum(np.abs(measured - expected) / spread, 8) + noise
                verdict = np.where(score >= 1, score, 0)
                method = {"method": "calibrated"}
                for metric, more, values in (
                    (m.SCORE, {}, score),
                    (m.VERDICT, {}, verdict),
                    (m.METHOD, method, score),
                    (m.EXPECTED, {}, expected),
                    (m.LOWER, {}, np.maximum(expected - spread, 0)),
                    (m.UPPER, {}, expected + spread),
                ):
                    yield Series(metric, labels | more, values)
        yield from self._detectors_own()

    def _detectors_own(self) -> Iterator[Series]:
        own = {"environment": self.stack.environment, "shard": "0"}
        quiet = 0 * BAD_RELEASE
        for metric, labels, values in (
            (m.LAST_SUCCESS, {}, TIMES.astype(np.float64)),
            (m.LAST_RUN_SUCCESS, {}, 1 + quiet),
            (m.RUN_DURATION, {"stage": "read"}, 1.4 + quiet),
            (m.RUN_DURATION, {"stage": "score"}, 0.6 + quiet),
            (m.RUN_DURATION, {"stage": "write"}, 0.2 + quiet),
            (m.RUN_DURATION, {"stage": "tell"}, 0.1 + quiet),
            (m.SERIES_TOTAL, {"state": "read"}, 16 + quiet),
            (m.SERIES_TOTAL, {"state": "scored"}, 16 + quiet),
            (m.SERIES_TOTAL, {"state": "failed"}, quiet),
            (m.SAMPLES_READ, {}, 64_512 + quiet),
            (m.SAMPLES_QUERYABLE, {}, 210_000 + quiet),
            (m.SINK_ERRORS, {"sink": "slack"}, between("05:10", "05:20")),
            (m.ALERTS_OPEN, {"severity": "warning"}, 3 * BAD_RELEASE),
        ):
            ran = np.where(TIMES % 600 == 0, values, np.nan)
            yield Series(metric, own | labels, ran)
        job = {"namespace": self.stack.anomaly.namespace, "condition": "true"}
        failed = job | {"job_name": "anomaly-detector-29370160"}
        yield Series(m.JOB_FAILED, failed, between("03:10", "05:10"))

    def _signals(self, name: str) -> Iterator[tuple[str, Values, Values]]:
        usual, now = self._median(name, expected=True), self._median(name)
        for signal, factor in (("latency_p95", 2.3), ("latency_p99", 3.2)):
            yield signal, usual * factor, now * factor
        # As the service's own proxies count: what found no pod is not among it.
        failing = self._failing(name) - (0.25 * POD_AWAY if name == "api-service" else 0)
        yield "error_rate", np.full(TIMES.size, 0.0002), failing
        calm = RATES[name] * (0.6 + 0.4 * np.sin((TIMES - START) / (HOURS * 3600) * np.pi / 2))
        yield "traffic", calm, calm * (1 - 0.2 * BAD_RELEASE * (name == "notification-service"))

    def _alerts(self) -> Iterator[Series]:
        common = {"alertstate": "firing", "environment": self.stack.environment}
        booking = {"service": "booking-service", "namespace": self.home}
        for name, area, severity, more, begin, end in (
            ("Watchdog", "platform", "none", {}, "00:00", "08:01"),
            (
                "SloErrorBudgetBurnsFast",
                "slo",
                "critical",
                booking | {"slo": "availability"},
                "05:10",
                "06:00",
            ),
            ("MeshHighErrorRate", "mesh", "warning", booking, "05:15", "05:42"),
            (
                "AnomalyDetected",
                "anomaly",
                "info",
                booking | {"signal": "latency_p95", "chaos": "false"},
                "05:15",
                "06:02",
            ),
            (
                "FluxResourceNotReady",
                "gitops",
                "warning",
                {"namespace": "flux-system"},
                "05:20",
                "05:40",
            ),
        ):
            labels = common | more | {"alertname": name, "area": area, "severity": severity}
            yield Series(m.ALERTS, labels, _present(begin, end))


def _counter(rate: Values) -> Values:
    return np.concatenate([[0.0], np.cumsum(rate[1:] * STEP)])


def _present(begin: str, end: str) -> Values:
    inside = between(begin, end)
    return np.where(inside > 0, 1.0, np.nan)


def _below(bound: float, median: Values, spread: float = 0.5) -> Values:
    """Share of answer times below a bound, log-normal around a median."""
    reached = (np.log(bound) - np.log(median)) / (spread * np.sqrt(2))
    return 0.5 * (1 + np.vectorize(math.erf)(reached))
