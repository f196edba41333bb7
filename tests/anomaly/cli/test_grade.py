import json
import time

import pytest

from tests.anomaly.cli.conftest import PLACES, START, STEP


class TestOnLabels:
    def test_figures_of_all_series_and_of_each(self, on_files, labelled):
        code, out, _ = on_files("grade", labelled)
        assert code == 0
        head, overall, _, _, first, *_ = out.splitlines()
        assert head.split()[:2] == ["ALL", "ALERTS"]
        assert overall.startswith("2 series ")
        assert "3/3" in overall
        assert first.split()[0] in ("cart", "web")

    def test_as_json(self, on_files, labelled):
        code, out, _ = on_files("grade", labelled, "-o", "json")
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

    def test_what_is_skipped_does_not_count(self, on_files, labelled):
        skip = PLACES[1] * STEP
        _, out, _ = on_files("grade", labelled, "--skip", f"{skip}s", "-o", "json")
        document = json.loads(out)
        assert document["overall"]["grade"]["incidents"] == 2
        assert document["start"] == "2026-01-05T12:20:00Z"

    def test_series_without_labels_cannot_be_graded(self, on_files, unlabelled):
        code, out, err = on_files("grade", unlabelled)
        assert (code, out) == (2, "")
        assert "have no labels; add them, or give a list with --faults" in err

    def test_incidents_closer_than_the_gap_are_still_two(self, on_files, labelled):
        """Whoever labelled them apart meant them apart."""
        _, out, _ = on_files("grade", labelled, "--gap", "8d", "-o", "json")
        overall = json.loads(out)["overall"]
        assert overall["grade"]["incidents"] == 3


class TestOnFaults:
    def test_each_fault_is_seen_or_not(self, on_files, unlabelled, faults):
        code, out, _ = on_files("grade", unlabelled, "--faults", faults(900, 1500))
        assert code == 0
        lines = {line.split()[0]: line.split() for line in out.splitlines() if line}
        assert lines["delay-900"][2] == "yes"
        assert lines["delay-1500"][2] == "no"
        assert lines["network-delay"][1] == "1/2"
        assert "false alarms while there was no fault: " in out

    def test_as_json(self, on_files, unlabelled, faults):
        _, out, _ = on_files("grade", unlabelled, "--faults", faults(*PLACES), "-o", "json")
        document = json.loads(out)
        listed = document["faults"]
        assert [each["seen"] for each in listed["faults"]] == [True] * 3
        assert listed["faults"][0]["start"] == "2026-01-04T03:00:00Z"
        assert listed["faults"][0]["seen_by"] == ["latency"]
        assert listed["types"]["network-delay"]["found"] == 3
        assert listed["calm_seconds"] > 6 * 86_400

    def test_faults_come_before_labels(self, on_files, labelled, faults):
        given = faults(PLACES[0], series="cart")
        _, out, _ = on_files("grade", labelled, "--faults", given, "-o", "json")
        assert json.loads(out)["overall"]["grade"]["incidents"] == 1

    def test_a_fault_that_hit_nothing_is_pointed_out(self, on_files, unlabelled, faults):
        _, out, err = on_files("grade", unlabelled, "--faults", faults(900, series="gone"))
        assert "no series" in out
        assert "delay-900" in err

    def test_a_list_that_is_wrong_is_told_before_anything_is_read(self, on_files, tmp_path, faults):
        given = faults(900, end=START)
        code, _, err = on_files("grade", tmp_path / "gone.csv", "--faults", given)
        assert code == 2
        assert "end lies before start" in err
        assert "gone.csv" not in err


class TestRequirements:
    def test_that_are_met_open_the_gate(self, on_files, labelled):
        code, out, _ = on_files("grade", labelled, "--min-recall", "0.9", "--max-delay", "30m")
        assert code == 0
        assert "ok   min-recall 0.9: 1" in out

    def test_one_that_is_not_closes_it(self, on_files, labelled, faults):
        given = faults(PLACES[0], 1000, series="cart")
        code, out, _ = on_files("grade", labelled, "--faults", given, "--min-recall", "0.9")
        assert code == 3
        assert "FAIL min-recall 0.9: 0.5" in out

    def test_as_json(self, on_files, labelled):
        code, out, _ = on_files("grade", labelled, "--min-recall", "1", "-o", "json")
        (only,) = json.loads(out)["requirements"]
        assert only == {"name": "min-recall", "limit": 1, "value": 1, "met": True}
        assert code == 0

    @pytest.mark.parametrize("limit", ["-1", "nan", "high"])
    def test_a_limit_that_is_none_is_wrong_usage(self, on_files, labelled, limit):
        with pytest.raises(SystemExit) as stopped:
            on_files("grade", labelled, "--min-f1", limit)
        assert stopped.value.code == 2


class TestPlot:
    def test_series_with_incidents_and_alerts_are_drawn(self, on_files, labelled, tmp_path):
        code, _, _ = on_files("grade", labelled, "--plot", tmp_path / "out.svg")
        drawing = (tmp_path / "out.svg").read_text()
        assert code == 0
        assert ">3 incidents<" in drawing
        assert drawing.count(">measured<") == 2

    def test_a_format_that_cannot_be_is_told_before_anything_is_read(self, on_files, capsys):
        with pytest.raises(SystemExit):
            on_files("grade", "gone.csv", "--plot", "a.pdf")
        assert (
            "'a.pdf' is not a picture that can be drawn; its name ends in .svg or .png"
            in capsys.readouterr().err
        )

    def test_a_folder_that_is_not_there_fails(self, on_files, labelled, tmp_path):
        code, out, err = on_files("grade", labelled, "--plot", tmp_path / "no" / "out.svg")
        assert code == 1
        assert "3/3" in out
        assert "out.svg: No such file" in err


class TestOnPrometheus:
    @pytest.fixture
    def made(self, tmp_path):
        """A fault that ended a minute ago, when the spike had begun."""
        now = time.time()
        path = tmp_path / "made.json"
        listed = [{"name": "kill-1", "start": now - 400, "end": now - 60, "labels": {"app": "api"}}]
        path.write_text(json.dumps(listed))
        return path

    def test_known_faults_are_held_against_its_history(self, watching, prometheus, made):
        prometheus.serve(spike={"app": "api"}, calm={"app": "web"})
        code, out, _ = watching("grade", "--faults", made, "-o", "json")
        (fault,) = json.loads(out)["faults"]["faults"]
        assert code == 0
        assert fault["seen_by"] == ['traffic{app="api"}']
        assert 0 <= fault["delay_seconds"] <= 400

    def test_what_is_read_begins_before_the_first_fault(self, watching, prometheus, made):
        prometheus.serve(calm={"app": "api"})
        watching("grade", "--faults", made)
        begin = min(int(query["start"]) for query in prometheus.queries)
        before = time.time() - begin - (86_400 + 7200 + 400)
        assert 0 <= before < 7200 / 14 + 180

    def test_without_faults_nobody_can_grade(self, watching, prometheus):
        prometheus.serve(calm={"app": "api"})
        code, _, err = watching("grade", "--last", "1h")
        assert code == 2
        assert "give a list with --faults" in err
