"""The detector: what it finds, with and without experiments, and how it is itself."""

from collections.abc import Iterator

from tests.observability.alerting_rules.cases.inputs import API, experiment
from tests.observability.alerting_rules.promtool import Case, Firing, Input, series
from vocabulary import metrics as m


def cases() -> Iterator[Case]:
    def incident(
        score: str, verdict: str | None = None, signal: str = "latency_p95"
    ) -> list[Input]:
        labels = {**API, "for": signal}
        return [
            series(m.SCORE, score, **labels),
            series(m.VERDICT, verdict or score, **labels),
        ]

    found, several = "AnomalyDetected", "AnomalyInSeveralSignals"
    high = incident("0.2x20 3x2 0.2x60", "0x20 3x2 1x40")
    p95 = {**API, "for": "latency_p95"}
    usual, known = {**p95, "chaos": "false"}, {**p95, "chaos": "true"}
    yield Case(found, "points are beyond the threshold", "25m", high, [Firing(usual, "3")])
    yield Case(found, "the run's results are ten minutes old", "40m", high, [Firing(usual, "3")])
    yield Case(found, "only the incident is still open", "60m", high)
    alone = incident("0.2x20 3 0.2x60", "0x90")
    yield Case(found, "one point opens no incident", "25m", alone)
    yield Case(found, "scores are low", "25m", incident("0.9x60", "0x60"))
    during = [*high, experiment("PodChaos", "running", "0x19 1x2 0x60")]
    yield Case(found, "an experiment ran at the time", "25m", during, [Firing(known, "3")])
    yield Case(found, "the experiment is over, its incident open", "60m", during)
    later = [*high, experiment("PodChaos", "running", "0x30 1x2 0x60")]
    yield Case(found, "an experiment came later", "35m", later, [Firing(usual, "3")])

    errors = incident("0.2x20 2x2 0.2x60", "0x20 2x2 1x40", "error_rate")
    traffic = incident("0.2x20 0.8x2 0.2x60", "0x90", "traffic")
    both = [*high, *errors, *traffic]
    fires = [Firing({**API, "chaos": "false"}, "2")]
    yield Case(several, "latency and errors", "25m", both, fires)
    percentiles = [*high, *incident("3x60", "3x60", "latency_p99")]
    yield Case(several, "two percentiles of the latency", "25m", percentiles)
    marked = [*both, experiment("PodChaos", "running", "0x19 1x2 0x60")]
    fires = [Firing({**API, "chaos": "true"}, "2")]
    yield Case(several, "an experiment ran at the time", "25m", marked, fires)
    yield from detector()


def detector() -> Iterator[Case]:
    ours = {"environment": "production", "shard": "0"}

    def own(metric: str, values: str, **labels: str) -> list[Input]:
        return [series(metric, values, **ours, **labels)]

    stale = "AnomalyDetectorStale"
    runs = own(m.LAST_SUCCESS, "0 _x9 600 _x9 1200 _x200")
    yield Case(stale, "the last success is half an hour old", "50m", runs, [Firing({})])
    yield Case(stale, "one run failed", "40m", runs)
    yield Case(stale, "there was none ever", "30m", (), [Firing({})])
    late = [
        *own(m.LAST_SUCCESS, "0+60x100"),
        series(m.LAST_SUCCESS, "600x100", **ours | {"shard": "1"}),
    ]
    yield Case(stale, "one shard of two is late", "50m", late, [Firing({})])

    def jobs(*values: str) -> list[Input]:
        labels = {"namespace": "anomaly-detection", "condition": "true"}
        return [
            series(m.JOB_FAILED, value, **labels, job_name=f"anomaly-detector-{place}")
            for place, value in enumerate(values)
        ]

    name, home = "AnomalyDetectorJobsFailing", {"namespace": "anomaly-detection"}
    yield Case(name, "two failed", "10m", jobs("1x60", "1x60", "0x60"), [Firing(home, "2")])
    yield Case(name, "one failed", "10m", jobs("1x60", "0x60"))

    failing = "AnomalyDetectorFailing"
    wrong = own(m.LAST_RUN_SUCCESS, "1 _x9 0 _x9 0 _x9 0 _x9 0 _x30")
    yield Case(failing, "runs go wrong", "50m", wrong, [Firing({"shard": "0"})])
    once = own(m.LAST_RUN_SUCCESS, "1 _x9 1 _x9 0 _x9 1 _x30")
    yield Case(failing, "a run went wrong", "35m", once)

    blind = "AnomalyDetectorBlind"
    failed = own(m.SERIES_TOTAL, "4 _x9 3 _x9 3 _x9 3 _x9 3 _x30", state="failed")
    yield Case(blind, "series fail in every run", "50m", failed, [Firing({}, "3")])
    moment = own(m.SERIES_TOTAL, "0 _x9 0 _x9 3 _x9 0 _x9 0 _x30", state="failed")
    yield Case(blind, "they failed in one run", "50m", moment)
    judged = own(m.SERIES_TOTAL, "9 _x9 9 _x9 9 _x9 9 _x30", state="scored")
    yield Case(blind, "series are judged", "50m", judged)

    half = "AnomalyDetectorHalfBlind"
    partial = own(m.DEGRADED, "0 _x9 2 _x9 2 _x9 2 _x9 2 _x30")
    yield Case(half, "answers are never whole", "50m", partial, [Firing({}, "2")])
    moment = own(m.DEGRADED, "0 _x9 2 _x9 0 _x9 0 _x9 0 _x30")
    yield Case(half, "an answer was not whole", "30m", moment)

    unheard = "AnomalyDetectorUndelivered"
    errors = own(m.SINK_ERRORS, "1 _x9 1 _x9 1 _x9 1 _x9 1 _x30", sink="slack")
    yield Case(unheard, "Slack takes nothing", "50m", errors, [Firing({"sink": "slack"})])
    one = own(m.SINK_ERRORS, "0 _x9 1 _x9 0 _x9 0 _x30", sink="slack")
    yield Case(unheard, "Slack was away for a run", "30m", one)
