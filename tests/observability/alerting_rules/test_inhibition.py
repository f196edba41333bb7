"""What Alertmanager keeps to itself, asked of a real one."""

import os
import time

import pytest
import requests
import yaml

from observability.alerting_rules.inhibition import (
    INHIBITIONS,
    alertmanager_config,
    alertmanager_file,
)
from observability.alerting_rules.stack import groups
from sandbox.monitoring import Monitoring
from sandbox.monitoring.monitoring import Programs
from sandbox.supervision.identity import ProcessIdentity
from tests.monitoring.stack import stack

SERVICE = {
    "environment": "production",
    "destination_service_namespace": "brisa-production",
    "destination_service_name": "api-service",
}
OTHER = SERVICE | {"destination_service_name": "booking-service"}


def alert(name, **labels):
    return {"alertname": name, **SERVICE, **labels}


KNOWN = alert("ChaosExperimentRecent")
BURNING = alert("SloErrorBudgetBurnsFast", slo="latency")
SENT = alert("AnomalyDetected", key="8f2c", service="brisa-production/api-service")
"""As the detector itself sends it."""

CASES = {
    "what the detector sends during an experiment": ([KNOWN, SENT], {"AnomalyDetected"}),
    "what the detector sends at other times": ([SENT], set()),
    "what the rules tell beside what the detector sends": (
        [SENT, alert("AnomalyInSeveralSignals", chaos="false")],
        {"AnomalyInSeveralSignals"},
    ),
    "an anomaly during an experiment": (
        [KNOWN, alert("AnomalyDetected", chaos="true", signal="latency_p95")],
        {"AnomalyDetected"},
    ),
    "several during an experiment": (
        [KNOWN, alert("AnomalyInSeveralSignals", chaos="true")],
        {"AnomalyInSeveralSignals"},
    ),
    "an anomaly of other times": ([KNOWN, alert("AnomalyDetected", chaos="false")], set()),
    "an anomaly of another service": ([KNOWN, OTHER | {"alertname": "AnomalyDetected"}], set()),
    "an anomaly without an experiment": ([alert("AnomalyDetected", chaos="true")], set()),
    "an objective that burns during an experiment": ([KNOWN, BURNING], set()),
    "an anomaly beside an objective that burns": (
        [BURNING, alert("AnomalyDetected", chaos="false")],
        {"AnomalyDetected"},
    ),
    "many errors beside an objective that burns": (
        [BURNING, alert("MeshHighErrorRate")],
        {"MeshHighErrorRate"},
    ),
    "the same objective, more slowly": (
        [BURNING, alert("SloErrorBudgetBurnsSlow", slo="latency")],
        {"SloErrorBudgetBurnsSlow"},
    ),
    "another objective, slowly": (
        [BURNING, alert("SloErrorBudgetBurnsSlow", slo="availability")],
        set(),
    ),
    "one signal beside several": (
        [alert("AnomalyInSeveralSignals", chaos="false"), alert("AnomalyDetected", chaos="false")],
        {"AnomalyDetected"},
    ),
}


@pytest.fixture(scope="module")
def alertmanager(monitoring_programs: Programs, tmp_path_factory):
    """Where an Alertmanager with our rules answers."""
    monitoring = Monitoring(tmp_path_factory.mktemp("inhibition") / "run")
    try:
        monitoring.start(monitoring_programs, owner=ProcessIdentity.of(os.getpid()))
        file = monitoring.root / "alertmanager.yaml"
        file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | alertmanager_file()))
        url = monitoring.alertmanager_url
        requests.post(f"{url}/-/reload", timeout=30).raise_for_status()
        yield url
    finally:
        monitoring.stop()


def kept_back(url, environment):
    """Names of the alerts of an environment that are inhibited."""
    query = {"filter": f'environment="{environment}"'}
    found = requests.get(f"{url}/api/v2/alerts", params=query, timeout=30).json()
    return {each["labels"]["alertname"] for each in found if each["status"]["inhibitedBy"]}


@pytest.mark.cluster
@pytest.mark.parametrize("place", range(len(CASES)), ids=CASES)
def test_alertmanager_keeps_to_itself(place, alertmanager):
    sent, expected = list(CASES.values())[place]
    # Alertmanager takes alerts in one after the other: when the last pair is judged, all are.
    mine, last = f"case-{place}", f"last-{place}"
    told = [labels | {"environment": mine} for labels in sent]
    told += [KNOWN | {"environment": last}]
    told += [alert("AnomalyDetected", chaos="true") | {"environment": last}]
    body = [{"labels": labels} for labels in told]
    requests.post(f"{alertmanager}/api/v2/alerts", json=body, timeout=30).raise_for_status()
    deadline = time.monotonic() + 30
    while not kept_back(alertmanager, last):
        assert time.monotonic() < deadline, "the inhibitor judges nothing"
        time.sleep(0.05)
    assert kept_back(alertmanager, mine) == expected


def test_rules_speak_of_alerts_that_exist():
    known = {rule.name for group in groups(stack()) for rule in group.alerts}
    for rule in INHIBITIONS:
        for matcher in (*rule.source, *rule.targets):
            if matcher.label == "alertname":
                assert set(matcher.value.split("|")) <= known


def test_both_ways_of_writing_them_say_the_same():
    file, config = alertmanager_file()["inhibit_rules"], alertmanager_config()["inhibitRules"]
    for one, other in zip(file, config, strict=True):
        for text, objects in (
            ("source_matchers", "sourceMatch"),
            ("target_matchers", "targetMatch"),
        ):
            told = [
                f'{each["name"]}{each["matchType"]}"{each["value"]}"' for each in other[objects]
            ]
            assert one[text] == told
        assert one["equal"] == other["equal"]
