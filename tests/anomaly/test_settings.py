import json

import pytest

from anomaly.config.signals import WatchedSignal
from anomaly.errors import SettingsError
from anomaly.settings import load

UP = {"name": "up", "query": "up"}
LATENCY = {"name": "latency_p99", "query": "q", "kind": "latency"}


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
        assert settings.prometheus.url == "http://prometheus:9090"
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

    def test_an_indexed_job_says_which_shard_it_is(self, file):
        settings = load(file({"shards": {"count": 4}}), {"JOB_COMPLETION_INDEX": "3"})
        assert (settings.shard.index, settings.shard.count) == (3, 4)

    def test_an_index_outside_the_shards_is_refused(self):
        with pytest.raises(SettingsError, match="index 3 is none of 1"):
            load(None, {"JOB_COMPLETION_INDEX": "3"})


class TestSignals:
    def test_complete_the_common_detector_with_their_own(self, file):
        own = {**LATENCY, "detector": {"method": "iqr"}}
        document = {"signals": [own, {"name": "up", "query": "up"}]}
        settings = load(file(document), {"ANOMALY_THRESHOLD_ZSCORE": "4"})
        latency, up = map(settings.detector_of, settings.signals)
        assert (latency.method, latency.zscore_threshold) == ("iqr", 4)
        assert up == settings.detector

    def test_are_judged_as_their_kind_should_be(self):
        latency = WatchedSignal(**LATENCY)
        errors = WatchedSignal(name="error_rate", query="q", kind="errors")
        traffic = WatchedSignal(name="traffic", query="q", kind="traffic")
        sides = (latency.direction, errors.direction, traffic.direction)
        assert sides == ("above", "above", "both")
        assert (latency.logarithmic, errors.logarithmic) == (True, False)
        assert (latency.absent_after_steps, traffic.absent_after_steps) == (0, 3)

    def test_null_is_what_is_usual(self):
        assert WatchedSignal(**LATENCY, direction=None).direction == "above"

    def test_say_otherwise_where_they_want(self):
        signal = WatchedSignal(
            **LATENCY, direction="both", logarithmic=False, minimum_requests=7, traffic="t"
        )
        assert (signal.direction, signal.logarithmic) == ("both", False)
        assert signal.least_requests == 7

    @pytest.mark.parametrize(
        "name,requests",
        [("latency_p50", 2), ("latency_p95", 20), ("latency_p99", 100), ("latency_p999", 1000)],
    )
    def test_a_quantile_needs_a_request_beyond_it(self, name, requests):
        assert WatchedSignal(name=name, query="q", kind="latency").least_requests == requests


class TestMistakes:
    def mistakes(self, file, document, environment=()):
        with pytest.raises(SettingsError) as error:
            load(file(document), dict(environment))
        return str(error.value)

    @pytest.mark.parametrize(
        "document,what",
        [
            ("{", "is not JSON"),
            ("[]", "is not a JSON object"),
            ({"detector": 5}, "detector = 5"),
            ({"signals": [LATENCY] * 2}, "latency_p99 stands there more than once"),
            ({"masks": [{"name": "m", "schedule": "0 0 * * *"}]}, r"masks\[0\]\n +wrong: +needs"),
        ],
    )
    def test_in_the_file_are_told_with_their_place(self, file, document, what):
        with pytest.raises(SettingsError, match=what):
            load(file(document), {"ANOMALY_THRESHOLD_ZSCORE": "3"})

    def test_are_told_all_at_once_with_what_to_do(self, file):
        signals = [{"name": "L", "query": "q", "kind": "lat"}]
        said = self.mistakes(file, {"lookback": 5, "signals": signals, "step_seconds": 0})
        assert said.startswith("the configuration has 4 problems; nothing was done\n")
        assert (
            "  lookback\n      wrong:   is no known key; did you mean 'lookback_seconds'?" in said
        )
        assert '  signals[0].name = "L"\n      wrong:   string should match pattern' in said
        assert "allowed: one of latency, errors, traffic, saturation, other (What it m" in said
        assert "allowed: a whole number, at least 1, at most 86400 (Resolution" in said
        assert said.count("next:    ") == 4
        assert "anomaly.json" in said

    def test_what_is_missing_is_described(self, file):
        said = self.mistakes(file, {"signals": [{"name": "up"}]})
        assert "signals[0].query\n      wrong:   is missing\n      allowed: text" in said

    def test_in_the_environment_are_told_with_the_variable(self, file):
        said = self.mistakes(file, {}, {"ANOMALY_THRESHOLD_ZSCORE": "high"}.items())
        assert '  ANOMALY_THRESHOLD_ZSCORE = "high"' in said
        assert "next:    set the variable ANOMALY_THRESHOLD_ZSCORE" in said

    def test_a_file_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(SettingsError, match=r"cannot read .*gone.json: No such file"):
            load(tmp_path / "gone.json", {})

    def test_a_password_in_the_url_is_refused_and_not_repeated(self):
        with pytest.raises(SettingsError) as error:
            load(None, {"PROMETHEUS_URL": "http://me:hunter2@prometheus:9090"})
        assert "PROMETHEUS_URL" in str(error.value)
        assert "hunter2" not in str(error.value)

    def test_a_mask_of_no_signal_is_a_slip(self, file):
        mask = {"name": "m", "signals": ["latency_p59"], "start": "2026-01-01", "end": "2026-01-02"}
        assert "names latency_p59, which is no signal" in self.mistakes(
            file, {"signals": [LATENCY], "masks": [mask]}
        )


SECRET = "xoxb-hunter2"


class TestIgnored:
    """What would have no effect is refused, so that nobody relies on it."""

    @pytest.mark.parametrize(
        "document,what",
        [
            (
                {"detector": {"direction": "above"}, "signals": [UP]},
                "detector.direction is decided",
            ),
            (
                {"signals": [{**UP, "detector": {"min_relative_deviation": 0.2}}]},
                "set the signal's `minimum_relative_deviation`",
            ),
            ({"signals": [{**UP, "minimum_requests": 5}]}, "minimum_requests needs traffic"),
            ({"signals": [{**UP, "minimum_errors": 6}]}, "minimum_errors is for errors"),
            (
                {"signals": [{**UP, "kind": "errors", "logarithmic": True}]},
                "logarithmic is not for errors",
            ),
            (
                {"prometheus": {"url": "http://p", "tenant_header": "X"}},
                "tenant_header needs tenant",
            ),
        ],
    )
    def test_is_refused(self, file, document, what):
        with pytest.raises(SettingsError, match=what):
            load(file(document), {})

    def test_not_where_it_has_an_effect(self, file):
        assert load(file({"detector": {"direction": "above"}}), {}).detector.direction == "above"


class TestMemory:
    slack = {"slack": {"webhook": {"env": "W"}}}
    pagerduty = {"pagerduty": {"routing_key": {"env": "W"}}}
    remote = {"remote_write": {"url": "http://p/api/v1/write"}}

    @pytest.mark.parametrize("results", [slack, pagerduty, slack | pagerduty])
    def test_whoever_remembers_nothing_needs_somebody_who_does(self, file, results):
        with pytest.raises(SettingsError, match="nobody remembers what"):
            load(file({"results": results}), {})
        load(file({"results": results, "state": {"folder": "/state"}}), {})
        load(file({"results": {**results, **self.remote}}), {})


class TestAddresses:
    @pytest.mark.parametrize(
        "document",
        [
            {"prometheus": {"url": "http://p:9090/api/v1/query_range"}},
            {"prometheus": {"url": "http://p:9090/graph"}},
            {"prometheus": {"url": "http://p:9090/api/v1/"}},
            {"results": {"alertmanager": {"url": "http://a:9093/api/v2/alerts"}}},
            {"results": {"alertmanager": {"url": "http://a", "replicas": ["http://b/api/v2"]}}},
            {"results": {"remote_write": {"url": "http://p:9090"}}},
            {"results": {"remote_write": {"url": "http://p:9090/api/v1/query"}}},
        ],
    )
    def test_that_can_only_fail_are_told_before_the_first_run(self, file, document):
        with pytest.raises(SettingsError, match="the configuration has 1 problem"):
            load(file(document), {})

    @pytest.mark.parametrize(
        "url", ["http://mimir/prometheus", "http://vm/select/0/prometheus/", "http://p:9090"]
    )
    def test_with_a_path_of_their_own_are_good(self, file, url):
        assert load(file({"prometheus": {"url": url}}), {}).prometheus.url == url


class TestSecrets:
    """Whatever stands where it does not belong, a secret is not repeated."""

    @pytest.mark.parametrize(
        "results",
        [
            {"slack": {"webhook": {"file": f"https://hooks.slack.com/services/{SECRET}"}}},
            {"slack": {"webhook": {"file": SECRET}}},
            {"slack": {"webhook": f"https://hooks.slack.com/{SECRET}"}},
            {"slack": f"https://hooks.slack.com/{SECRET}"},
            {"slack": SECRET},
            {"pagerduty": SECRET},
            {"pagerduty": {"routing_key": SECRET}},
            {"pagerduty": {"routing_key": {"env": SECRET}}},
            {"alertmanager": {"url": "http://a", "replicas": [f"http://b/?token={SECRET}"]}},
            {"alertmanager": {"url": "http://a", "replicas": [f"http://u:{SECRET}@b"]}},
            {"alertmanager": {"url": "http://a", "bearer_token": SECRET}},
            {"alertmanager": {"url": "http://a", "basic_auth": SECRET}},
            {"dashboard_url": f"ftp://g/?key={SECRET}"},
        ],
    )
    def test_it_is_told_without_it(self, file, results):
        with pytest.raises(SettingsError) as error:
            load(file({"results": results}), {})
        assert SECRET not in str(error.value)
        assert "results." in str(error.value)
