import json

import pytest


def sweep(out):
    """The rows of the table of thresholds, by threshold."""
    _, table, *_ = out.split("\n\n")
    head, *rows = table.splitlines()
    assert head.split()[0] == "THRESHOLD"
    return {float(row.split()[0]): row for row in rows}


class TestSweep:
    def test_every_threshold_has_its_row(self, cli, unlabelled):
        code, out, _ = cli("backtest", unlabelled, "--thresholds", "0.8,2")
        assert code == 0
        assert list(sweep(out)) == [0.8, 1, 2]
        assert "configured" in sweep(out)[1]

    def test_with_labels_it_says_how_good_each_would_be(self, cli, labelled):
        _, out, _ = cli("backtest", labelled, "--thresholds", "1,1e12")
        assert "3/3" in sweep(out)[1]
        assert "0/3" in sweep(out)[1e12]

    def test_as_json(self, cli, labelled):
        code, out, _ = cli("backtest", labelled, "--thresholds", "0.9,1", "-o", "json")
        document = json.loads(out)
        assert (code, document["kind"], document["configured"]) == (0, "backtest", 1)
        assert [each["threshold"] for each in document["sweep"]] == [0.9, 1]
        assert document["sweep"][1]["grade"]["recall"] == 1
        assert {each["series"] for each in document["series"]} == {"cart", "web"}

    def test_without_labels_nothing_is_graded(self, cli, unlabelled):
        _, out, _ = cli("backtest", unlabelled, "-o", "json")
        assert {each["grade"] for each in json.loads(out)["sweep"]} == {None}

    def test_the_configured_row_is_what_grade_says(self, cli, labelled):
        _, swept, _ = cli("backtest", labelled, "-o", "json")
        _, graded, _ = cli("grade", labelled, "-o", "json")
        configured = [each for each in json.loads(swept)["sweep"] if each["threshold"] == 1]
        assert configured == [json.loads(graded)["overall"]]

    @pytest.mark.parametrize("thresholds", ["", "high", "0", "-1,2", "inf", "nan"])
    def test_thresholds_that_are_none_are_wrong_usage(self, cli, unlabelled, thresholds):
        with pytest.raises(SystemExit) as stopped:
            cli("backtest", unlabelled, f"--thresholds={thresholds}")
        assert stopped.value.code == 2


class TestSuggestion:
    def test_keeps_to_the_budget(self, cli, labelled):
        _, out, _ = cli("backtest", labelled, "--budget", "1")
        assert "suggested threshold: " in out
        assert sum("suggested" in row for row in sweep(out).values()) == 1

    def test_is_none_where_nothing_keeps_to_it(self, cli, unlabelled):
        _, out, _ = cli("backtest", unlabelled, "--budget", "0", "--thresholds", "0.1,1")
        assert "no threshold keeps to 0 in each week of a series" in out


class TestRequirements:
    def test_are_held_against_the_configured_threshold(self, cli, labelled):
        arguments = ("backtest", labelled, "--thresholds", "1,1e12", "--min-recall", "0.9")
        assert cli(*arguments)[0] == 0

    def test_without_labels_nobody_can_say_that_they_are_met(self, cli, unlabelled):
        code, out, _ = cli("backtest", unlabelled, "--min-f1", "0.1")
        assert code == 3
        assert "FAIL min-f1 0.1: -" in out


class TestFaults:
    def test_are_graded_at_each_threshold(self, cli, unlabelled, faults):
        given = faults(900, 1500)
        _, out, _ = cli("backtest", unlabelled, "--faults", given, "--thresholds", "1,1e12")
        assert "1/2" in sweep(out)[1]
        assert "0/2" in sweep(out)[1e12]


class TestPlot:
    def test_the_series_with_the_most_alerts_are_drawn(self, cli, labelled, tmp_path):
        cli("backtest", labelled, "--plot", tmp_path / "out.svg")
        assert 'class="alert-mark"' in (tmp_path / "out.svg").read_text()


class TestMistakes:
    def test_files_and_prometheus_at_once_are_neither(self, cli, unlabelled):
        code, _, err = cli("backtest", unlabelled, "--query", "up", "--last", "1d")
        assert code == 2
        assert "--query, --last would ask Prometheus" in err

    def test_a_span_that_is_none_is_wrong_usage(self, cli, unlabelled, capsys):
        with pytest.raises(SystemExit):
            cli("backtest", unlabelled, "--skip", "soon")
        assert "'soon' is not a span of time; write 90s, 10m" in capsys.readouterr().err
