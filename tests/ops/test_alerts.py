"""Which alerts fire, by the series that Prometheus writes of them."""

from ops.alerts import from_series


def series(name, severity, **labels):
    found = {"__name__": "ALERTS", "alertname": name, "alertstate": "firing", **labels}
    return ({**found, "severity": severity} if severity else found, 1.0)


def key(name, severity, **labels):
    return frozenset({"alertname": name, "severity": severity, **labels}.items())


class TestSeries:
    def test_say_what_and_since_when(self):
        started = {key("Burning", "critical", service="api"): 1_700_000_000.0}
        (found,) = from_series([series("Burning", "critical", service="api")], started)
        assert (found.name, found.labels) == ("Burning", {"service": "api"})
        assert found.since.isoformat() == "2023-11-14T22:13:20+00:00"

    def test_of_an_unknown_urgency_are_rather_looked_at(self):
        (found,) = from_series([series("Odd", "page")], {})
        assert found.severity == "warning"

    def test_without_one_only_show_that_alerting_works(self):
        (found,) = from_series([series("Watchdog", "")], {})
        assert found.severity == "none"
