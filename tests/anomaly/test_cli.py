import json

import pytest

from anomaly.cli import main


@pytest.fixture
def cli(prometheus, monkeypatch, capsys, tmp_path):
    """Run the command line with one signal configured, and return code, stdout and stderr."""
    config = tmp_path / "anomaly.json"
    signals = [{"name": "traffic", "query": "sum(rate(x[5m]))"}]
    config.write_text(
        json.dumps({"signals": signals, "lookback_seconds": 7200, "step_seconds": 60})
    )
    monkeypatch.setenv("PROMETHEUS_URL", prometheus.url)

    def run(*arguments):
        code = main([*arguments, "--config", str(config)])
        return code, *capsys.readouterr()

    return run


class TestRun:
    def test_anomalies_are_the_result_of_a_run_and_not_its_failure(self, cli, prometheus):
        prometheus.serve(spike={"app": "api"})
        code, out, _ = cli("run")
        report = json.loads(out)
        assert code == 0
        assert report["anomalies"][0]["signal"] == "traffic"
        assert report["recommendations"][0].startswith("critical: traffic of api")

    def test_disabled_it_asks_nobody(self, cli, prometheus, monkeypatch):
        monkeypatch.setenv("ANOMALY_DETECTION_ENABLED", "false")
        code, out, err = cli("run")
        assert (code, out, prometheus.queries) == (0, "", [])
        assert "nothing to do" in err

    def test_a_prometheus_that_fails_fails_the_run(self, cli, prometheus):
        prometheus.refuse(422, "query is too expensive")
        code, out, err = cli("run")
        assert code == 1
        assert json.loads(out)["series"] == 0
        assert "traffic: " in err
        assert "query is too expensive" in err

    def test_nothing_to_watch_is_a_mistake(self, capsys):
        assert main(["run"]) == 2
        assert "no signals are configured" in capsys.readouterr().err


class TestCheck:
    def test_a_configured_signal_goes_by_its_name(self, cli, prometheus):
        prometheus.serve(calm={"app": "api"})
        code, out, _ = cli("check", "traffic", "--minutes", "60")
        assert (code, out) == (0, "No anomalies in 1 series.\n")
        assert prometheus.queries[0]["query"] == "sum(rate(x[5m]))"

    def test_anything_else_is_a_query(self, cli, prometheus):
        prometheus.serve(spike={"app": "api"})
        code, out, _ = cli("check", "up")
        assert code == 3
        assert prometheus.queries[0]["query"] == "up"
        head, row, *_ = out.splitlines()
        assert head.split()[:2] == ["SIGNAL", "SERIES"]
        assert row.split()[:2] == ["metric", "app=api"]

    def test_as_json(self, cli, prometheus):
        prometheus.serve(spike={"app": "api"})
        code, out, _ = cli("check", "up", "-o", "json")
        assert (code, len(json.loads(out)["anomalies"])) == (3, 1)

    @pytest.mark.parametrize("minutes", ["0", "-5", "nan", "soon"])
    def test_a_span_that_is_none_is_wrong_usage(self, cli, minutes):
        with pytest.raises(SystemExit) as stopped:
            cli("check", "up", "--minutes", minutes)
        assert stopped.value.code == 2
