import json
from dataclasses import replace

from anomaly.report import as_json, as_table
from tests.anomaly.alerting.alerts import alert

FOUND = alert(signal="traffic", kind="traffic", severity="critical", score=8.0)


class TestJson:
    def test_says_what_was_looked_at_and_found(self):
        document = json.loads(as_json([FOUND], series=4, warnings=["slow"]))
        assert (document["series"], document["warnings"]) == (4, ["slow"])
        (found,) = document["anomalies"]
        assert found["since"] == "2023-11-14T22:13:20Z"
        assert found["views"] == ["level"]

    def test_is_one_line_for_log_collectors(self):
        assert "\n" not in as_json([FOUND], series=4, warnings=[])

    def test_has_no_number_that_json_does_not_know(self):
        extreme = replace(FOUND, expected=float("inf"), upper=float("nan"))
        (found,) = json.loads(as_json([extreme], series=1, warnings=[]))["anomalies"]
        assert found["expected"] is found["upper"] is None


class TestTable:
    def test_lines_columns_up_and_advises(self):
        head, row, _, advice = as_table([FOUND], series=4).splitlines()
        assert head.index("SERIES") == row.index("namespace=shop,service=api")
        assert head.index("SCORE") == row.index("8.00")
        assert advice.startswith("critical: traffic of shop/api")
