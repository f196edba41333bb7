import json

import pytest


class TestCheck:
    def test_a_configured_signal_goes_by_its_name(self, watching, prometheus):
        prometheus.serve(calm={"app": "api"})
        code, out, _ = watching("check", "traffic", "--minutes", "60")
        assert (code, out) == (0, "No anomalies in 1 series.\n")
        assert prometheus.queries[0]["query"] == "sum(rate(x[5m]))"

    def test_anything_else_is_a_query(self, watching, prometheus):
        prometheus.serve(spike={"app": "api"})
        code, out, _ = watching("check", "up")
        assert code == 3
        assert prometheus.queries[0]["query"] == "up"
        assert out.splitlines()[1].split()[1] == 'metric{app="api"}'

    def test_as_json(self, watching, prometheus):
        prometheus.serve(spike={"app": "api"})
        code, out, _ = watching("check", "up", "-o", "json")
        document = json.loads(out)
        assert (code, document["kind"], document["series"]) == (3, "check", 1)
        assert len(document["alerts"]) == len(document["recommendations"]) == 1

    def test_a_metric_without_series_is_a_mistake(self, watching):
        code, out, err = watching("check", "trafic")
        assert (code, out) == (2, "")
        assert "trafic has no series in Prometheus; did you mean traffic?" in err

    def test_a_prometheus_that_fails_is_one_line(self, watching, prometheus):
        prometheus.refuse(422, "query is too expensive")
        code, out, err = watching("check", "up")
        assert (code, out) == (1, "")
        assert err.count("\n") == 1
        assert "query is too expensive" in err

    @pytest.mark.parametrize("minutes", ["0", "-5", "nan", "soon"])
    def test_a_span_that_is_none_is_wrong_usage(self, watching, minutes):
        with pytest.raises(SystemExit) as stopped:
            watching("check", "up", "--minutes", minutes)
        assert stopped.value.code == 2
