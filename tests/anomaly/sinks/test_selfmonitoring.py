from anomaly.run.report import VERSION, RunReport, SignalReport, run_series
from tests.anomaly.incidents.alerts import alert

SIGNAL = SignalReport("traffic", "judged", 12, scored=9, warming=3, samples=500, requests=4)
RUN = RunReport(
    "test",
    "0-of-1",
    1000.0,
    signals=(SIGNAL,),
    alerts=(alert(severity="critical"), alert(severity="critical")),
    stage_seconds={"read": 1.5, "score": 0.5},
    messages={"slack": 0, "pagerduty": 1},
    errors={"slack": "away"},
)


def figures(run, **keys):
    """Value by metric and labels."""
    return {
        (block.metric.removeprefix("anomaly_detector_"), *sorted(labels.items())): row[0]
        for block in run_series(run, {"shard": "0"}, **keys)
        for labels, row in zip(block.labels, block.values.tolist(), strict=True)
    }


def test_a_run_says_when_it_last_went_well_and_what_it_did():
    found = figures(RUN, last_success=1000.0)
    shard = ("shard", "0")
    assert found["last_success_timestamp_seconds", shard] == 1000
    assert found["duration_seconds", shard, ("stage", "read")] == 1.5
    assert found["series_total", shard, ("state", "warming")] == 3
    assert found["samples_read", shard] == 500
    assert found["query_requests", shard] == 4
    assert found["sink_errors", shard, ("sink", "slack")] == 1
    assert found["alerts_open", ("severity", "critical"), shard] == 2
    assert found["build_info", shard, ("version", VERSION)] == 1


def test_what_did_not_happen_is_zero_and_not_absent():
    found = figures(RUN)
    assert found["series_total", ("shard", "0"), ("state", "dropped")] == 0
    assert found["sink_errors", ("shard", "0"), ("sink", "pagerduty")] == 0


def test_a_run_that_failed_keeps_the_time_of_the_one_that_did_not():
    found = figures(RunReport("test", "0", 2000.0, errors={"x": "y"}), last_success=1000.0)
    assert found["last_success_timestamp_seconds", ("shard", "0")] == 1000
    assert found["last_run_timestamp_seconds", ("shard", "0")] == 2000
    assert found["last_run_success", ("shard", "0")] == 0


def test_a_success_that_never_was_has_no_time():
    names = {name for name, *_ in figures(RUN)}
    assert "last_success_timestamp_seconds" not in names
    assert "last_run_success" in names


def test_everything_is_of_the_moment_of_the_run():
    assert {tuple(block.timestamps) for block in run_series(RUN, {})} == {(1000.0,)}
