"""Reports on a service's recorded series, asked of a real Prometheus."""

import json
import xml.etree.ElementTree as ET

import pytest

from tests.ops.recordings import Recording, objectives

pytestmark = pytest.mark.cluster

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def report(command, monitoring, tmp_path):
    """Report on a recording by its window; returns the answer."""

    def call(recording, *more, given=("--max-errors", "0.01"), output="json"):
        if "url" not in cache:
            files = [recording.write(tmp_path / "recording.om")]
            if "--max-errors" not in given:
                (tmp_path / "objectives.om").write_text("\n".join(objectives()))
                files.append(tmp_path / "objectives.om")
            cache["url"] = monitoring(*files).prometheus_url
        return command(
            "chaos", "report", "--service", "shop/api", "--prometheus", cache["url"],
            "--start", recording.start, "--end", recording.end, "-o", output, *given, *more,
        )  # fmt: skip

    cache = {}
    return call


class TestVerdict:
    def test_held_when_the_objectives_were_met(self, report):
        done = report(Recording(errors=0.0))
        assert done.code == 0, done.out
        assert done.document["verdict"]["result"] == "held"
        errors = {each["name"]: each for each in done.document["indicators"]}["errors"]
        assert (errors["before"], errors["during"], errors["within"]) == (0.0, 0.0, True)

    def test_refuted_when_more_failed_than_may(self, report):
        done = report(Recording(errors=0.5))
        assert done.code == 3
        (reason, *_) = done.document["verdict"]["reasons"]
        assert reason.startswith("errors was ")
        assert reason.endswith("more than 1.00%")

    def test_objectives_come_from_the_platforms_rules(self, report):
        done = report(Recording(slow=True), given=())
        document = done.document
        assert document["objectives"]["source"] == "the platform's recording rules"
        assert document["objectives"]["p95_milliseconds"] == 300
        assert document["verdict"]["result"] == "refuted"
        assert any("latency_p95" in reason for reason in document["verdict"]["reasons"])

    def test_none_when_hardly_anybody_called(self, report):
        done = report(Recording(rate=0.01))
        assert done.code == 3
        assert done.document["verdict"]["result"] == "none"
        assert any("too few to tell" in why for why in done.document["verdict"]["reasons"])


class TestRecovery:
    def test_is_timed_from_the_end_of_the_fault(self, report):
        found = report(Recording(errors=0.5)).document["recovery"]
        # Rates look two minutes back, so that long it still shows at most.
        assert 0 < found["seconds"] <= 150
        assert found["basis"] == "objectives met"


class TestDetector:
    def test_has_seen_the_fault_and_how_fast(self, report):
        found = report(Recording(errors=0.5, seen_after=60)).document
        assert found["detector"]["grade"] == "seen"
        assert 60 <= found["detector"]["delay_seconds"] <= 75
        (anomaly,) = found["anomalies"]
        assert (anomaly["name"], anomaly["expected"]) == ("errors", True)

    def test_has_missed_what_shows_in_the_figures(self, report):
        assert report(Recording(errors=0.5)).document["detector"]["grade"] == "missed"

    def test_is_not_graded_by_a_fault_without_effect(self, report):
        found = report(Recording(errors=0.0)).document["detector"]
        assert found["grade"] == "none"
        assert "nothing to see" in found["reason"]


class TestForms:
    def test_markdown_with_a_plot(self, report, tmp_path):
        plot = tmp_path / "run.svg"
        done = report(Recording(errors=0.5), "--plot", str(plot), output="markdown")
        assert done.out.startswith("# api: The hypothesis did not hold.\n")
        assert f"]({plot.as_posix()})" in done.out
        drawn = {each.get("id") for each in ET.parse(plot).getroot().iter(f"{SVG}g")}
        assert {"requests per second", "share of errors", "95th percentile, ms"} <= drawn

    def test_yaml_says_the_same_as_json(self, report):
        recording = Recording(errors=0.5)
        document = json.loads(report(recording).out)
        assert f"result: {document['verdict']['result']}" in report(recording, output="yaml").out
