import json
from dataclasses import replace

from anomaly.run.report import as_json, as_table
from tests.anomaly.incidents.alerts import alert

FOUND = alert(signal="traffic", kind="traffic", severity="critical", score=8.0)


class TestJson:
    def test_says_what_was_looked_at_and_found(self):
        document = json.loads(as_json([FOUND], series=4, warnings=["slow"]))
        assert (document["series"], document["warnings"]) == (4, ["slow"])
        (found,) = document["alerts"]
        assert found["since"] == "2023-11-14T22:13:20Z"
        assert found["views"] == ["level"]

    def test_is_one_line_for_log_collectors(self):
        assert "\n" not in as_json([FOUND], series=4, warnings=[])

    def test_has_no_number_that_json_does_not_know(self):
        extreme = replace(FOUND, expected=float("inf"), upper=float("nan"))
        (found,) = json.loads(as_json([extreme], series=1, warnings=[]))["alerts"]
        assert found["expected"] is found["upper"] is None


class TestTable:
    def test_lines_columns_up_and_advises(self):
        head, row, _, advice = as_table([FOUND], series=4).splitlines()
        assert head.index("SERIES") == row.index('traffic{namespace="shop",service="api"}')
        assert head.index("SCORE") + len("SCORE") == row.index("8.00") + len("8.00")
        assert advice.startswith("critical: traffic of shop/api")

    def test_says_how_much_was_looked_at_when_nothing_was_found(self):
        assert as_table([], series=1) == "No anomalies in 1 series."

    def test_what_goes_on_and_what_is_over_can_be_told_apart(self):
        over = replace(FOUND, state="resolved", until=1_700_000_600.0)
        _, on, off, *_ = as_table([FOUND, over], series=4).splitlines()
        assert "goes on" in on
        assert "2023-11-14T22:23:20Z" in off
