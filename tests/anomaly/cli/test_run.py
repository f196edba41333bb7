import json
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from anomaly.cli import main


class TestRun:
    def test_anomalies_are_the_result_of_a_run_and_not_its_failure(self, watching, prometheus):
        prometheus.serve(spike={"app": "api"})
        code, out, _ = watching("run")
        report = json.loads(out)
        assert (code, report["kind"], report["version"]) == (0, "run", 1)
        assert report["alerts"][0]["signal"] == "traffic"

    def test_as_a_table(self, watching, prometheus):
        prometheus.serve(spike={"app": "api"})
        code, out, _ = watching("run", "-o", "table")
        assert code == 0
        head, row, *_ = out.splitlines()
        assert head.split()[:2] == ["SEVERITY", "SERIES"]
        assert row.split()[1] == 'traffic{app="api"}'

    def test_disabled_it_asks_nobody(self, watching, prometheus, monkeypatch):
        monkeypatch.setenv("ANOMALY_DETECTION_ENABLED", "false")
        code, out, err = watching("run")
        assert (code, out, prometheus.queries) == (0, "", [])
        assert "nothing to do" in err

    def test_a_prometheus_that_fails_fails_the_run(self, watching, prometheus):
        prometheus.refuse(422, "query is too expensive")
        code, out, err = watching("run")
        assert code == 1
        assert json.loads(out)["signals"][0]["outcome"] == "failed"
        assert "traffic: " in err
        assert "query is too expensive" in err

    def test_nothing_to_watch_is_a_mistake(self, capsys):
        assert main(["run"]) == 2
        assert "no signals are configured" in capsys.readouterr().err


class TestClock:
    def test_that_is_ahead_of_prometheus_is_not_gone_by(self, watching, prometheus, monkeypatch):
        """What is asked of a time that has not come yet looks like an outage."""
        prometheus.serve(spike={"app": "api"})
        day = 86_400
        real = datetime.now(UTC).timestamp()
        later = SimpleNamespace(time=lambda: real + day, monotonic=time.monotonic)
        monkeypatch.setattr("anomaly.cli.run.time", later)
        monkeypatch.setattr("anomaly.transport.client.datetime", Ahead)
        code, out, err = watching("run")
        assert code == 0
        assert "ahead of Prometheus" in err
        assert max(float(query["end"]) for query in prometheus.queries) <= real + 60
        assert json.loads(out)["signals"][0]["scored"] == 1


class Ahead(datetime):
    """A clock that is a day ahead."""

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(days=1)


class TestEvery:
    def test_it_runs_again_and_again(self, watching, prometheus, monkeypatch):
        prometheus.serve(spike={"app": "api"})
        monkeypatch.setattr(
            "anomaly.cli.run.repeat",
            lambda action, *, every_seconds: [action() for _ in range(int(every_seconds) // 300)],
        )
        code, out, _ = watching("run", "--every", "10m")
        assert code == 0
        assert [json.loads(line)["succeeded"] for line in out.splitlines()] == [True, True]

    @pytest.mark.parametrize("span", ["0s", "soon"])
    def test_a_span_that_is_none_is_wrong_usage(self, span, capsys):
        with pytest.raises(SystemExit) as stopped:
            main(["run", "--every", span])
        assert stopped.value.code == 2
        assert "span of time" in capsys.readouterr().err
