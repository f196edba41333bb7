import json

import pytest

from anomaly.errors import SettingsError
from anomaly.settings import load


@pytest.fixture
def file(tmp_path):
    def write(document):
        path = tmp_path / "anomaly.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return write


class TestEnvironment:
    def test_the_five_original_variables_are_read(self):
        settings = load(
            None,
            {
                "PROMETHEUS_URL": "http://prometheus:9090",
                "ANOMALY_DETECTION_ENABLED": "false",
                "ANOMALY_CHECK_INTERVAL_MINUTES": "5",
                "ANOMALY_THRESHOLD_ZSCORE": "2.5",
                "ANOMALY_THRESHOLD_MA_PERCENT": "40",
            },
        )
        assert settings.prometheus_url == "http://prometheus:9090"
        assert settings.enabled is False
        assert settings.interval_minutes == 5
        assert settings.detector.zscore_threshold == 2.5
        assert settings.detector.moving_average_percent == 40

    def test_it_wins_over_the_file(self, file):
        path = file({"interval_minutes": 20, "detector": {"method": "iqr"}})
        settings = load(path, {"ANOMALY_CHECK_INTERVAL_MINUTES": "5"})
        assert settings.interval_minutes == 5
        assert settings.detector.method == "iqr"

    def test_an_empty_variable_says_nothing(self):
        assert load(None, {"ANOMALY_CHECK_INTERVAL_MINUTES": ""}).interval_minutes == 10


class TestMistakes:
    @pytest.mark.parametrize(
        "document,what",
        [
            ("{", "is not JSON"),
            ("[]", "is not a JSON object"),
            ({"lookback": 5}, "lookback: Extra inputs are not permitted"),
            ({"detector": {"method": "magic"}}, "detector.method: .*'ensemble'.*got 'magic'"),
            ({"detector": 5}, "detector: "),
            ({"signals": [{"name": "a", "query": "up"}] * 2}, "a stands there more than once"),
        ],
    )
    def test_in_the_file_are_told_with_their_place(self, file, document, what):
        with pytest.raises(SettingsError, match=what):
            load(file(document), {"ANOMALY_THRESHOLD_ZSCORE": "3"})

    def test_in_the_environment_are_told_with_the_variable(self):
        with pytest.raises(SettingsError, match=r"ANOMALY_THRESHOLD_ZSCORE: .*got 'high'"):
            load(None, {"ANOMALY_THRESHOLD_ZSCORE": "high"})

    def test_a_file_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(SettingsError, match=r"cannot read .*gone.json: No such file"):
            load(tmp_path / "gone.json", {})

    def test_a_password_in_the_url_is_refused_and_not_repeated(self):
        with pytest.raises(SettingsError) as error:
            load(None, {"PROMETHEUS_URL": "http://me:hunter2@prometheus:9090"})
        assert "PROMETHEUS_URL" in str(error.value)
        assert "hunter2" not in str(error.value)
