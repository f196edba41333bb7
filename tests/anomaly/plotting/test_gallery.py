import numpy as np

from anomaly.explaining import Verdicts
from anomaly.grading.windows import FaultWindow
from anomaly.plotting.gallery import MOST, Gallery, timeline

LENGTH = 40


def verdicts(name, alerts):
    """A series with so many alerts of one point."""
    alerting = np.zeros(LENGTH, dtype=bool)
    alerting[: 2 * alerts : 2] = True
    row = np.ones(LENGTH)
    times = np.arange(LENGTH) * 60.0
    return Verdicts(name, times, row, row, row - 1, row + 1, row, alerting, {})


def fault(name, minute, **labels):
    span = {"start": minute * 60, "end": minute * 60 + 120}
    return FaultWindow.model_validate({"name": name, "labels": labels, **span})


class TestGallery:
    def test_keeps_the_series_with_the_most_alerts(self):
        gallery = Gallery()
        for alerts in (3, 1, 9, 0, 7, 2, 8, 4):
            gallery.offer(verdicts(f"s{alerts}", alerts), None, {})
        assert [each.name for each in gallery.timelines] == ["s9", "s8", "s7", "s4", "s3", "s2"]
        assert gallery.seen == 8

    def test_keeps_calm_series_where_there_is_room(self):
        gallery = Gallery()
        for place in range(MOST + 2):
            gallery.offer(verdicts(f"s{place}", 0), None, {})
        assert [each.name for each in gallery.timelines] == [f"s{place}" for place in range(MOST)]

    def test_draws_faults_on_the_series_that_they_hit(self):
        gallery = Gallery([fault("delay", 5, app="cart"), fault("kill", 9, app="web")])
        gallery.offer(verdicts("cart", 1), None, {"app": "cart"})
        (drawn,) = gallery.timelines
        assert drawn.incident_names == ("delay",)
        assert drawn.incidents.starts.tolist() == [300]


class TestTimeline:
    def test_labels_are_incidents_without_names(self):
        labels = np.zeros(LENGTH, dtype=bool)
        labels[5:8] = True
        drawn = timeline(verdicts("cart", 1), labels)
        assert (drawn.incidents.starts.tolist(), drawn.incidents.ends.tolist()) == ([300], [420])
        assert drawn.incident_names == ()

    def test_without_either_there_are_none(self):
        assert len(timeline(verdicts("cart", 2)).incidents) == 0
        assert len(timeline(verdicts("cart", 2)).alerts) == 2
