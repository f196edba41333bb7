import json
import math

from anomaly.texts import document


class TestDocument:
    def test_says_what_it_is_on_one_line(self):
        text = document("grade", start="2026-01-01T00:00:00Z")
        assert "\n" not in text
        assert json.loads(text) == {"kind": "grade", "version": 1, "start": "2026-01-01T00:00:00Z"}

    def test_has_no_number_that_json_does_not_know(self):
        text = document("grade", f1=math.nan, series=[{"delay": math.inf}, (1.5, True)])
        assert json.loads(text)["f1"] is None
        assert json.loads(text)["series"] == [{"delay": None}, [1.5, True]]
