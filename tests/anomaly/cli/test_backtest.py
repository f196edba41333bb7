import json

import pytest


def sweep(out):
    """The rows of the table of thresholds, by threshold."""
    _, table, *_ = out.split("\n\n")
    head, *rows = table.splitlines()
    assert head.split()[0] == "THRESHOLD"
    return {float(row.split()[0]): row for row in rows}


class TestSweep:
    def test_every_threshold_has_its_row(self, on_files, unlabelled):
        code, out, _ = on_files("backtest", unlabelled, "--thresholds", "0.8,2")
        assert code == 0
        assert list(sweep(out)) == [0.8, 1, 2]
        assert "configured" in sweep(out)[1]

    def test_with_labels_it_says_how_good_each_would_be(self, on_files, labelled):
        _, out, _ = on_files("backtest", labelled, "--thresholds", "1,1e12")
        assert "3/3" in sweep(out)[1]
        assert "0/3" in sweep(out)[1e12]

    def test_as_json(self, on_files, labelled):
        code, out, _ = on_files("backtest", labelled, "--thresholds", "0.9,1", "-o", "json")
        document = json.loads(out)
        assert (code, document["kind"], document["configured"]) == (0, "backtest", 1)
        assert [each["threshold"] for each in document["sweep"]] == [0.9, 1]
        assert document["sweep"][1]["grade"]["recall"] == 1
        assert {each["series"] for each in document["series"]} == {"cart", "web"}

    def test_without_labels_nothing_is_graded(self, on_files, unlabelled):
        _, out, _ = on_files("backtest", unlabelled, "-o", "json")
        assert {each["grade"] for each in json.loads(out)["sweep"]} == {None}

    def test_the_configured_row_is_what_grade_says(self, on_files, labelled):
        _, swept, _ = on_files("backtest", labelled, "-o", "json")
        _, graded, _ = on_files("grade", labelled, "-o", "json")
        configured = [each for each in json.loads(swept)["sweep"] if each["threshold"] == 1]
        assert configured == [json.loads(graded)["overall"]]

    @pytest.mark.parametrize("thresholds", ["", "high", "0", "-1,2", "inf", "nan"])
    def test_thresholds_that_are_none_are_wrong_usage(self, on_files, unlabelled, thresholds):
        with pytest.raises(SystemExit) as stopped:
            on_files("backtest", unlabelled, f"--thresholds={thresholds}")
        assert stopped.value.code == 2


class TestSuggestion:
    def test_keeps_to_the_budget(self, on_files, labelled):
        _, out, _ = on_files("backtest", labelled, "--budget", "1")
        assert "suggested: detector.threshold " in out
        assert sum("suggested" in row for row in sweep(out).values()) == 1

    def test_is_none_where_nothing_keeps_to_it(self, on_files, unlabelled):
        _, out, _ = on_files("backtest", unlabelled, "--budget", "0", "--thresholds", "0.1,1")
        assert "no threshold keeps to 0 in each week of a series" in out


class TestRequirements:
    def test_are_held_against_the_configured_threshold(self, on_files, labelled):
        arguments = ("backtest", labelled, "--thresholds", "1,1e12", "--min-recall", "0.9")
        assert on_files(*arguments)[0] == 0

    def test_without_labels_nobody_can_say_that_they_are_met(self, on_files, unlabelled):
        code, out, _ = on_files("backtest", unlabelled, "--min-f1", "0.1")
        assert code == 3
        assert "FAIL min-f1 0.1: -" in out


class TestFaults:
    def test_are_graded_at_each_threshold(self, on_files, unlabelled, faults):
        given = faults(900, 1500)
        _, out, _ = on_files("backtest", unlabelled, "--faults", given, "--thresholds", "1,1e12")
        assert "1/2" in sweep(out)[1]
        assert "0/2" in sweep(out)[1e12]


class TestPlot:
    def test_the_series_with_the_most_alerts_are_drawn(self, on_files, labelled, tmp_path):
        on_files("backtest", labelled, "--plot", tmp_path / "out.svg")
        assert " alerts<" in (tmp_path / "out.svg").read_text()


class TestMistakes:
    def test_files_and_prometheus_at_once_are_neither(self, on_files, unlabelled):
        code, _, err = on_files("backtest", unlabelled, "--query", "up", "--last", "1d")
        assert code == 2
        assert "--query, --last would ask Prometheus" in err

    def test_a_span_that_is_none_is_wrong_usage(self, on_files, unlabelled, capsys):
        with pytest.raises(SystemExit):
            on_files("backtest", unlabelled, "--skip", "soon")
        assert "'soon' is not a span of time; write 90s, 10m" in capsys.readouterr().err


class TestOnPrometheus:
    def test_configured_signals_are_replayed_with_the_history_before_them(
        self, watching, prometheus
    ):
        prometheus.serve(spike={"app": "api"}, calm={"app": "web"})
        code, out, err = watching("backtest", "--last", "1h", "-o", "json")
        document = json.loads(out)
        assert code == 0
        assert [each["series"] for each in document["series"]] == [
            'traffic{app="web"}',
            'traffic{app="api"}',
        ]
        assert [each["alerts"] for each in document["series"]] == [0, 1]
        begin = min(int(query["start"]) for query in prometheus.queries)
        end = max(int(query["end"]) for query in prometheus.queries)
        # It begins where that of a run begins: the same for many.
        assert 3600 + 7200 <= end - begin < 3600 + 7200 + 7200 / 14
        assert "read 2 series of traffic" in err

    def test_any_query_can_be_replayed(self, watching, prometheus):
        prometheus.serve(calm={"app": "api"})
        _, out, _ = watching("backtest", "--query", "up", "--last", "1h", "-o", "json")
        assert prometheus.queries[0]["query"] == "up"
        assert json.loads(out)["series"][0]["series"] == 'metric{app="api"}'

    def test_a_query_without_series_is_an_error(self, watching):
        code, out, err = watching("backtest", "--last", "1h")
        assert (code, out) == (2, "")
        assert "no series in that time" in err

    def test_a_signal_that_is_not_configured_is_named_with_those_that_are(self, watching):
        code, _, err = watching("backtest", "--signal", "latency")
        assert code == 2
        assert "no signal latency; there are traffic" in err

    def test_without_any_signal_it_says_what_to_do(self, cli):
        code, _, err = cli("backtest")
        assert code == 2
        assert "name a configuration with --config, or use --query" in err

    def test_a_span_that_is_empty_is_wrong_usage(self, watching):
        span = ("--from", "2026-01-02T00:00:00Z", "--to", "2026-01-01T00:00:00Z")
        code, _, err = watching("backtest", *span)
        assert code == 2
        assert "the span of time is empty" in err

    def test_a_prometheus_that_fails_fails_the_command(self, watching, prometheus):
        prometheus.refuse(422, "query is too expensive")
        code, out, err = watching("backtest", "--last", "1h")
        assert (code, out) == (1, "")
        assert "query is too expensive" in err
