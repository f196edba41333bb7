import json

import pytest

from tests.anomaly.commands.conftest import PLACES, START, STEP


class TestOnLabels:
    def test_figures_of_all_series_and_of_each(self, cli, labelled):
        code, out, _ = cli("grade", labelled)
        assert code == 0
        head, overall, _, _, first, *_ = out.splitlines()
        assert dict(zip(head.split(), overall.split()[1:], strict=False))["SERIES"] == "2"
        assert "3/3" in overall
        assert first.split()[0] in ("cart", "web")

    def test_as_json(self, cli, labelled):
        code, out, _ = cli("grade", labelled, "-o", "json")
        document = json.loads(out)
        assert (code, document["kind"], document["version"]) == (0, "grade", 1)
        assert document["start"] == "2026-01-01T00:00:00Z"
        grade = document["overall"]["grade"]
        assert (grade["incidents"], grade["found"], grade["recall"]) == (3, 3, 1)
        assert grade["delay_median_seconds"] <= 900
        by_name = {each["series"]: each for each in document["series"]}
        assert by_name["cart"]["grade"]["incidents"] == 3
        assert by_name["web"]["grade"]["recall"] is None
        assert document["faults"] is None

    def test_what_is_skipped_does_not_count(self, cli, labelled):
        skip = PLACES[1] * STEP
        _, out, _ = cli("grade", labelled, "--skip", f"{skip}s", "-o", "json")
        document = json.loads(out)
        assert document["overall"]["grade"]["incidents"] == 2
        assert document["start"] == "2026-01-05T12:20:00Z"

    def test_series_without_labels_cannot_be_graded(self, cli, unlabelled):
        code, out, err = cli("grade", unlabelled)
        assert (code, out) == (2, "")
        assert "have no labels; add them, or give a list with --faults" in err

    def test_incidents_closer_than_the_gap_are_one(self, cli, labelled):
        _, out, _ = cli("grade", labelled, "--gap", "2d", "-o", "json")
        assert json.loads(out)["overall"]["grade"]["incidents"] == 1


class TestOnFaults:
    def test_each_fault_is_seen_or_not(self, cli, unlabelled, faults):
        code, out, _ = cli("grade", unlabelled, "--faults", faults(900, 1500))
        assert code == 0
        lines = {line.split()[0]: line.split() for line in out.splitlines() if line}
        assert lines["delay-900"][2] == "yes"
        assert lines["delay-1500"][2] == "no"
        assert lines["network-delay"][1] == "1/2"
        assert "false alarms in" in out

    def test_as_json(self, cli, unlabelled, faults):
        _, out, _ = cli("grade", unlabelled, "--faults", faults(*PLACES), "-o", "json")
        document = json.loads(out)
        listed = document["faults"]
        assert [each["seen"] for each in listed["faults"]] == [True] * 3
        assert listed["faults"][0]["start"] == "2026-01-04T03:00:00Z"
        assert listed["faults"][0]["seen_by"] == ["latency"]
        assert listed["types"]["network-delay"]["found"] == 3
        assert listed["calm_seconds"] > 6 * 86_400

    def test_faults_come_before_labels(self, cli, labelled, faults):
        given = faults(PLACES[0], series="cart")
        _, out, _ = cli("grade", labelled, "--faults", given, "-o", "json")
        assert json.loads(out)["overall"]["grade"]["incidents"] == 1

    def test_a_fault_that_hit_nothing_is_pointed_out(self, cli, unlabelled, faults):
        _, out, err = cli("grade", unlabelled, "--faults", faults(900, series="gone"))
        assert "no series" in out
        assert "delay-900" in err

    def test_a_list_that_is_wrong_is_told_before_anything_is_read(self, cli, tmp_path, faults):
        given = faults(900, end=START)
        code, _, err = cli("grade", tmp_path / "gone.csv", "--faults", given)
        assert code == 2
        assert "end lies before start" in err
        assert "gone.csv" not in err


class TestRequirements:
    def test_that_are_met_open_the_gate(self, cli, labelled):
        code, out, _ = cli("grade", labelled, "--min-recall", "0.9", "--max-delay", "30m")
        assert code == 0
        assert "ok   min-recall 0.9: 1" in out

    def test_one_that_is_not_closes_it(self, cli, labelled, faults):
        given = faults(PLACES[0], 1000, series="cart")
        code, out, _ = cli("grade", labelled, "--faults", given, "--min-recall", "0.9")
        assert code == 3
        assert "FAIL min-recall 0.9: 0.5" in out

    def test_as_json(self, cli, labelled):
        code, out, _ = cli("grade", labelled, "--min-recall", "1", "-o", "json")
        (only,) = json.loads(out)["requirements"]
        assert only == {"name": "min-recall", "limit": 1, "value": 1, "met": True}
        assert code == 0

    @pytest.mark.parametrize("limit", ["-1", "nan", "high"])
    def test_a_limit_that_is_none_is_wrong_usage(self, cli, labelled, limit):
        with pytest.raises(SystemExit) as stopped:
            cli("grade", labelled, "--min-f1", limit)
        assert stopped.value.code == 2


class TestPlot:
    def test_series_with_incidents_and_alerts_are_drawn(self, cli, labelled, tmp_path):
        code, _, _ = cli("grade", labelled, "--plot", tmp_path / "out.svg")
        drawing = (tmp_path / "out.svg").read_text()
        assert code == 0
        assert ">3 incidents<" in drawing
        assert drawing.count('class="name"') == 2

    @pytest.mark.parametrize(
        "name,what", [("a.pdf", "neither .svg nor .png"), ("a.png", "use .svg")]
    )
    def test_a_format_that_cannot_be_is_told_before_anything_is_read(
        self, cli, name, what, monkeypatch
    ):
        monkeypatch.setattr("anomaly.plotting.drawing.find_spec", lambda _: None)
        code, _, err = cli("grade", "gone.csv", "--plot", name)
        assert code == 2
        assert what in err

    def test_a_folder_that_is_not_there_fails(self, cli, labelled, tmp_path):
        code, out, err = cli("grade", labelled, "--plot", tmp_path / "no" / "out.svg")
        assert code == 1
        assert "3/3" in out
        assert "out.svg: No such file" in err
