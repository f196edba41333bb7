import json

import pytest

from tests.anomaly.cli.conftest import PLACES, START, STEP


def at(place):
    return START + place * STEP


class TestExplain:
    def test_says_what_was_expected_who_spoke_since_when_and_how_often_before(
        self, on_files, labelled
    ):
        code, out, _ = on_files("explain", "cart", labelled)
        assert code == 0
        lines = {line.split()[0]: line for line in out.splitlines() if line.strip()}
        assert lines["alert"].startswith("alert since 2026-01-06T")
        assert "400" in lines["value"]
        assert "normal" in lines["expected"]
        assert "above" in lines["deviation"]
        assert lines["views"].split()[1:]
        assert "alerts in the history read" in lines["before"]

    def test_at_another_time_another_alert(self, on_files, labelled):
        _, out, _ = on_files("explain", "cart", labelled, "--at", at(PLACES[0] + 3), "-o", "json")
        document = json.loads(out)
        assert document["alert"]["since"].startswith("2026-01-04T03:")
        assert document["moment"]["value"] == 400
        assert document["moment"]["lower"] < document["moment"]["expected"]
        assert document["moment"]["expected"] < document["moment"]["upper"]
        assert max(document["moment"]["views"].values()) > 1

    def test_where_there_was_none_it_says_so(self, on_files, labelled):
        code, out, _ = on_files("explain", "cart", labelled, "--at", at(1100), "-o", "json")
        assert code == 0
        assert json.loads(out)["alert"] is None

    def test_a_series_goes_by_some_of_its_labels(self, on_files, tmp_path):
        rows = "".join(
            f'"latency{{service=""{name}"",zone=""a""}}",{START + place * 60},1\n'
            for name in ("cart", "web")
            for place in range(50)
        )
        (tmp_path / "two.csv").write_text(f"series,timestamp,value\n{rows}")
        code, out, _ = on_files("explain", 'latency{service="web"}', "two.csv")
        assert code == 0
        assert out.startswith('latency{service="web",zone="a"}\n')
        code, _, err = on_files("explain", '{zone="a"}', "two.csv")
        assert code == 2
        assert "is not one series" in err
        assert 'latency{service="cart",zone="a"}' in err

    def test_it_can_be_drawn(self, on_files, labelled, tmp_path):
        on_files("explain", "cart", labelled, "--plot", tmp_path / "cart.svg")
        assert ">cart<" in (tmp_path / "cart.svg").read_text()


class TestMistakes:
    def test_a_series_that_is_not_there(self, on_files, labelled):
        code, _, err = on_files("explain", "gone", labelled)
        assert code == 2
        assert "there is no series gone" in err

    def test_a_time_outside_of_the_history(self, on_files, labelled):
        code, _, err = on_files("explain", "cart", labelled, "--at", "2025-01-01T00:00:00Z")
        assert code == 2
        assert "2025-01-01T00:00:00Z is not between 2026-01-01T00:00:00Z and" in err

    def test_a_time_that_is_none(self, on_files, labelled, capsys):
        with pytest.raises(SystemExit):
            on_files("explain", "cart", labelled, "--at", "noon")
        assert "'noon' is not a time; write 2026-01-31T12:00:00Z" in capsys.readouterr().err

    def test_a_series_without_values(self, on_files, tmp_path):
        (tmp_path / "empty.csv").write_text("timestamp,cart\n0,\n60,\n")
        code, _, err = on_files("explain", "cart", "empty.csv")
        assert code == 2
        assert "cart has no values in this time" in err


class TestOnPrometheus:
    def test_a_configured_signal_goes_by_its_name_and_labels(self, watching, prometheus):
        prometheus.serve(spike={"app": "api"}, calm={"app": "web"})
        code, out, _ = watching("explain", 'traffic{app="api"}', "--last", "1h")
        assert code == 0
        assert out.startswith('traffic{app="api"}\n')
        assert "still open: 3 points" in out

    def test_a_signal_of_several_series_is_not_one(self, watching, prometheus):
        prometheus.serve(spike={"app": "api"}, calm={"app": "web"})
        code, _, err = watching("explain", "traffic", "--last", "1h")
        assert code == 2
        assert 'traffic is not one series: traffic{app="' in err

    def test_anything_else_is_promql(self, watching, prometheus):
        prometheus.serve(calm={"app": "api"})
        code, out, _ = watching("explain", 'up{app=~"a.*"}', "--last", "1h")
        assert code == 0
        assert prometheus.queries[0]["query"] == 'up{app=~"a.*"}'
        assert out.startswith('metric{app="api"}\n')
        assert "no alert" in out

    def test_promql_that_brings_several_series_is_not_one(self, watching, prometheus):
        prometheus.serve(calm={"app": "api"}, spike={"app": "web"})
        code, _, err = watching("explain", "up", "--last", "1h")
        assert code == 2
        assert "the query is not one series: " in err
