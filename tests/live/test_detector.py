"""The detector's scheduled Job finds an outage, tells Alertmanager once, and resolves it."""

from tests.live.conftest import eventually

SERVICE = "booking-service"
TRAFFIC = (
    'sum(count_over_time((sum(rate(istio_requests_total{reporter="destination",'
    f'destination_service_name="{SERVICE}"}}[1m])) > 0)[1h:15s]))'
)
HISTORY_POINTS = 48
"""So many the detector needs before it judges; at fifteen seconds, some eleven minutes."""


def told(platform):
    """What the detector itself told of the service's errors; rules have no key."""
    about = {"destination_service_name": SERVICE, "signal": "error_rate"}
    return [
        alert
        for alert in platform.alerts()
        if "key" in alert["labels"] and about.items() <= alert["labels"].items()
    ]


def test_an_outage_is_found_told_once_and_resolved(platform):
    """All through pods that CronJob, Prometheus and Alertmanager run in the node."""

    def history():
        (series,) = platform.prometheus(TRAFFIC) or [{"value": (0, "0")}]
        return float(series["value"][1]) >= HISTORY_POINTS

    eventually(history, what="there is history to judge by", seconds=900, pause=10)
    eventually(lambda: not told(platform), what="earlier faults are over", seconds=600, pause=5)
    platform.demo.faults(SERVICE, ["--errors", "1", "--for", "600"])
    try:
        eventually(lambda: told(platform), what="Alertmanager is told", seconds=420, pause=5)
    finally:
        platform.demo.faults(SERVICE, ["--none"])
    (alert,) = told(platform)
    assert alert["status"]["state"] == "active"
    eventually(lambda: not told(platform), what="it is resolved", seconds=720, pause=5)
