"""Secrets: kept as such, recognised, of use to somebody, from one place."""

import asyncio

import pytest

from settings.problems import SettingsError

WEBHOOK = "https://hooks.slack.com/services/T0/B0/hunter2"
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def detector(configuration):
    """A configuration with an area of the detector and some secrets."""

    def make(area=None, **secrets):
        configuration.tree["anomaly"] |= area or {}
        configuration.tree |= secrets
        configuration.secrets |= secrets.keys()
        return configuration

    return make


def read(configuration):
    """Outputs are made in a loop, as in a program."""

    async def inside():
        return configuration.read()

    return asyncio.run(inside())


def server(**more):
    return {"url": "https://mimir.example/api/v1/push", "namespace": None, **more}


class TestAccepted:
    def test_each_under_the_key_of_its_file(self, detector):
        configuration = detector(
            {"results": {"remoteWrite": server(), "alertmanager": server()}},
            anomalyPrometheusSecret="a",
            anomalyRemoteWriteSecret="b",
            anomalyAlertmanagerSecret="c",
            anomalySlackWebhook=WEBHOOK,
            anomalyPagerdutyKey=KEY,
        )
        assert set(read(configuration).detector_secrets) == {
            "prometheus",
            "remote-write",
            "alertmanager",
            "slack-webhook",
            "pagerduty-key",
        }

    def test_none_where_nobody_needs_one(self, detector):
        assert read(detector()).detector_secrets == {}

    def test_none_where_somebody_else_makes_them(self, detector):
        existing = {"name": "detector", "entries": ["slack-webhook"]}
        configuration = detector({"existingSecret": existing, "results": {"slack": {}}})
        assert read(configuration).detector_secrets == {}

    def test_they_are_not_part_of_what_is_printed(self, detector):
        assert "hunter2" not in repr(read(detector(anomalySlackWebhook=WEBHOOK)))


class TestRefused:
    @pytest.mark.parametrize(
        "key,value",
        [
            ("anomalySlackWebhook", "http://hooks.slack.com/services/hunter2"),
            ("anomalySlackWebhook", "https://hooks.slack.com"),
            ("anomalySlackWebhook", "hunter2"),
            ("anomalyPagerdutyKey", "hunter2"),
            ("anomalyPrometheusSecret", "hunter2 "),
            ("anomalyPrometheusSecret", ""),
        ],
    )
    def test_what_is_something_else_without_showing_it(self, detector, key, value):
        with pytest.raises(SettingsError) as caught:
            detector(**{key: value}).read()
        assert f"pulumi config set --secret 'brisa-platform:{key}'" in str(caught.value)
        assert "hunter2" not in str(caught.value)

    def test_what_is_in_plain_text_without_showing_it(self, detector):
        configuration = detector(anomalySlackWebhook=WEBHOOK)
        configuration.secrets.clear()
        with pytest.raises(SettingsError, match="is stored in plain text") as caught:
            configuration.read()
        assert "hunter2" not in str(caught.value)

    @pytest.mark.parametrize(
        "area,key",
        [
            ({"results": {"slack": {}}}, "anomalySlackWebhook"),
            ({"results": {"pagerduty": {}}}, "anomalyPagerdutyKey"),
            ({"prometheusAccess": {"username": "me"}}, "anomalyPrometheusSecret"),
            (
                {"results": {"remoteWrite": server(access={"username": "me"})}},
                "anomalyRemoteWriteSecret",
            ),
            (
                {"results": {"alertmanager": server(access={"username": "me"})}},
                "anomalyAlertmanagerSecret",
            ),
        ],
    )
    def test_a_missing_one_with_who_needs_it(self, detector, area, key):
        problem = detector(area).problems()[key]
        assert "is missing; anomaly." in problem.what
        assert "--secret" in problem.remedy

    @pytest.mark.parametrize("key", ["anomalyRemoteWriteSecret", "anomalyAlertmanagerSecret"])
    def test_one_that_nothing_uses(self, detector, key):
        assert detector(**{key: "x"}).problems()[key].what == "is used by nothing"

    def test_whoever_remembers_nothing_needs_a_memory(self, detector):
        problem = detector({"state": None}, anomalySlackWebhook=WEBHOOK).problems()["anomaly.state"]
        assert "nobody remembers what was told with slack-webhook" in problem.what
        written = {"state": None, "results": {"remoteWrite": server()}}
        assert read(detector(written, anomalySlackWebhook=WEBHOOK)).anomaly.state is None

    def test_two_places_at_once(self, detector):
        existing = {"name": "detector", "entries": ["slack-webhook"]}
        found = detector({"existingSecret": existing}, anomalySlackWebhook=WEBHOOK).problems()
        assert "existingSecret" in found["anomalySlackWebhook"].what

    @pytest.mark.parametrize(
        "area,what",
        [
            ({"results": {"slack": {}}}, "lacks slack-webhook; anomaly.results.slack needs it"),
            ({}, "holds alertmanager, which nothing uses"),
        ],
    )
    def test_an_existing_one_that_does_not_fit(self, detector, area, what):
        existing = {"name": "detector", "entries": ["prometheus", "alertmanager"]}
        if area:
            existing["entries"] = ["prometheus"]
        found = detector({"existingSecret": existing, **area}).problems()
        assert found["anomaly.existingSecret.entries"].what == what
