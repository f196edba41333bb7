"""Runs against a server that fails in every way it can: no state is lost, nothing false is told."""

import numpy as np
import pytest

from anomaly.prometheus.client import Prometheus
from anomaly.run import run
from anomaly.settings import Settings
from anomaly.state import opened
from tests.anomaly.fake_prometheus import success
from tests.anomaly.fake_server import Reply
from tests.anomaly.world import DAY, NOW, STEP, Ears, World, noise, spoilt

FAULT = NOW + 600 - STEP
SMALLEST_ANSWER = 64 * 1024


@pytest.fixture
def world():
    world = World()
    for number in range(8):
        world.add("q", {"namespace": "shop", "service": f"s{number}"}, noise(number))
    fault = spoilt(noise(0), FAULT, FAULT + DAY, 300.0)
    world.add("q", {"namespace": "shop", "service": "s0"}, fault)
    return world


@pytest.fixture
def good(world):
    """Answers as they should be."""

    def answer(form, *, outage=False, series=None, **more):
        start, end, step = (int(form[name]) for name in ("start", "end", "step"))
        matrix = world.query_range(form["query"], start=start, end=end, step=step)
        result = [
            {
                "metric": dict(labels),
                "values": [
                    [int(time), "0" if outage else repr(float(value))]
                    for time, value in zip(matrix.timestamps, values, strict=True)
                    if np.isfinite(value)
                ],
            }
            for labels, values in zip(matrix.labels, matrix.values, strict=True)
        ]
        return 200, success(result[:series], **more)

    return answer


FAULTS = {
    "no answer": lambda good, form: Reply(silent=True),
    "overloaded": lambda good, form: (503, b"busy"),
    "too many questions": lambda good, form: (429, b"slow down"),
    "broken": lambda good, form: (500, b"oops"),
    "query refused": lambda good, form: (422, b'{"status":"error","error":"too expensive"}'),
    "not there": lambda good, form: (404, b"<html>"),
    "another page": lambda good, form: (200, b"<html>login</html>"),
    "connection cut": lambda good, form: Reply(body=good(form)[1][:99], missing=9999),
    "truncated JSON": lambda good, form: (200, good(form)[1][:-40]),
    "numbers that are none": lambda good, form: (200, good(form)[1].replace(b'"1', b'"x')),
    "series missing, with a warning": lambda good, form: good(form, series=2, warnings=["partial"]),
    "zeros, with a warning": lambda good, form: good(form, outage=True, warnings=["partial"]),
    "zeros, said to be partial": lambda good, form: good(form, outage=True, isPartial=True),
    "nothing": lambda good, form: (200, success([])),
    "too much": lambda good, form: (200, good(form)[1] + b" " * SMALLEST_ANSWER),
}


@pytest.fixture
def operator(prometheus, good, tmp_path):
    """Runs by number, with a fault of the server or without."""
    settings = Settings.model_validate(
        {
            "prometheus": {
                "url": prometheus.url,
                "timeout_seconds": 0.2,
                "attempts": 2,
                "max_response_bytes": SMALLEST_ANSWER,
            },
            "signals": [{"name": "traffic", "query": "q", "kind": "traffic"}],
            "detector": {"method": "zscore", "history": 60, "warmup": 20},
            "lookback_seconds": DAY // 4,
            "delay_seconds": 0,
        }
    )

    def look(number, fault=None):
        prometheus.answer = (lambda form: FAULTS[fault](good, form)) if fault else good
        with opened(tmp_path, settings.shard) as store:
            return run(
                settings,
                now=NOW + number * 600,
                prometheus=Prometheus(settings.prometheus),
                sinks=[look.ears],
                state=store,
            )

    look.ears = Ears()
    return look


@pytest.mark.parametrize("fault", FAULTS)
class TestFault:
    def test_tells_nothing_false_and_loses_nothing(self, operator, fault):
        operator(0)
        (before,) = operator(1).alerts
        (during,) = operator(2, fault).alerts
        assert (during.key, during.state) == (before.key, "firing")
        report = operator(3)
        (after,) = report.alerts
        assert (after.key, after.since, report.exit_code) == (before.key, FAULT, 0)
        assert report.signals[0].rebuilt is None
        assert operator.ears.opened == ["traffic of shop/s0"]
        assert operator.ears.resolved == operator.ears.missed == []

    def test_in_the_first_run_is_made_good_by_the_next(self, operator, fault):
        assert operator(0, fault).alerts == ()
        operator(1)
        operator(2)
        assert set(operator.ears.opened) <= {"traffic of shop/s0"}
        assert operator(3).signals[0].scored == 8


@pytest.mark.parametrize("fault", [name for name in FAULTS if "a warning" in name])
def test_an_answer_that_is_not_whole_is_no_failure_but_is_said(operator, fault):
    operator(0)
    report = operator(1, fault)
    assert (report.exit_code, report.signals[0].outcome) == (0, "degraded")
    assert report.warnings == ("traffic: partial",)


@pytest.mark.parametrize("fault", ["no answer", "query refused", "truncated JSON", "too much"])
def test_a_failure_fails_the_run_and_says_why(operator, fault):
    report = operator(0, fault)
    assert (report.exit_code, report.signals[0].outcome) == (1, "failed")
    assert set(report.errors) == {"traffic"}
