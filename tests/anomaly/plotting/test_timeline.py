import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from anomaly.offline.spans import Spans
from anomaly.plotting.timeline import Timeline, figure

SVG = "{http://www.w3.org/2000/svg}"
NONE = Spans(np.empty(0), np.empty(0))


def timeline(values, **keys):
    values = np.array(values, dtype=float)
    times = 1_700_000_000 + np.arange(len(values)) * 60.0
    usual = {
        "name": "latency",
        "timestamps": times,
        "values": values,
        "expected": np.full(len(values), 10.0),
        "lower": np.full(len(values), 8.0),
        "upper": np.full(len(values), 12.0),
        "score": np.abs(values - 10) / 2,
        "alerts": NONE,
        "incidents": NONE,
    }
    return Timeline(**usual | keys)


def marks(drawing, kind):
    return [each for each in drawing.iter() if each.get("class") == kind]


def drawn(*timelines):
    return ET.fromstring(figure(timelines))


def between(*pairs):
    return Spans(*(np.array(each, float) + 1_700_000_000 for each in zip(*pairs, strict=True)))


class TestFigure:
    def test_shows_series_band_expectation_and_score(self):
        drawing = drawn(timeline([9, 11, 10, 30]))
        for kind in ("value", "expected", "band", "score"):
            paths = [each.get("d") for each in marks(drawing, kind) if each.get("d")]
            assert len(paths) == 1

    def test_alerts_and_incidents_are_spans_with_their_times(self):
        faults = between((60, 240))
        drawing = drawn(
            timeline(
                [10] * 10, alerts=between((120, 300)), incidents=faults, incident_names=("delay-1",)
            )
        )
        (alert,) = marks(drawing, "alert")
        (incident, _) = marks(drawing, "incident")
        assert alert.find(f"{SVG}title").text.startswith("alert: 2023-11-14T22:15:20Z to ")
        assert incident.find(f"{SVG}title").text.startswith("delay-1: 2023-11-14T22:14:20Z to ")
        assert float(incident.get("x")) < float(alert.get("x"))

    def test_an_alert_of_one_point_can_be_seen(self):
        (alert,) = marks(drawn(timeline([10] * 5000, alerts=between((600, 600)))), "alert")
        assert float(alert.get("width")) >= 1.5

    def test_alerts_that_no_eye_could_tell_apart_are_one_span(self):
        starts = np.arange(0, 5000 * 60, 120.0)
        alerts = Spans(starts + 1_700_000_000, starts + 1_700_000_000)
        drawing = drawn(timeline([10] * 5000, alerts=alerts))
        (alert,) = marks(drawing, "alert")
        assert alert.find(f"{SVG}title").text.startswith("2500 of them: ")
        assert "2500 alerts" in [each.text for each in drawing.iter(f"{SVG}text")]

    def test_a_long_and_restless_series_stays_small(self):
        rng = np.random.default_rng(1)
        values = rng.lognormal(3, 1, 150_000)
        times = 1_700_000_000 + np.arange(150_000) * 60.0
        wild = np.sort(rng.choice(times, 5000, replace=False))
        text = figure(
            [
                timeline(
                    values,
                    expected=rng.normal(20, 5, 150_000),
                    lower=rng.normal(5, 5, 150_000),
                    upper=rng.normal(40, 5, 150_000),
                    alerts=Spans(wild, wild),
                    incidents=Spans(wild, wild),
                )
            ]
        )
        assert len(text.encode()) < 300_000

    def test_several_series_stand_one_below_the_other(self):
        drawing = drawn(timeline([1, 2]), timeline([3, 4], name="traffic"))
        names = [each.text for each in marks(drawing, "name")]
        assert names == ["latency", "traffic"]

    def test_everything_lies_inside_the_picture(self):
        drawing = drawn(timeline([1, 1e6, -50, 2], alerts=between((0, 1e9))))
        _, _, width, height = (float(each) for each in drawing.get("viewBox").split())
        for path in (*marks(drawing, "value"), *marks(drawing, "band")):
            for x, y in re.findall(r"([-\d.]+),([-\d.]+)", path.get("d", "")):
                assert 0 <= float(x) <= width
                assert 0 <= float(y) <= height
        (alert,) = marks(drawing, "alert")
        assert float(alert.get("x")) + float(alert.get("width")) <= width

    def test_times_are_in_utc(self):
        words = [each.text for each in drawn(timeline([1, 2])).iter(f"{SVG}text")]
        assert "2023-11-14 22:13 to 2023-11-14 22:14 UTC" in words

    def test_names_may_hold_anything(self):
        name = 'up{path="/<a>&b"}'
        assert marks(drawn(timeline([1, 2], name=name)), "name")[0].text == name

    def test_dark_pages_get_their_own_colours(self):
        assert "@media (prefers-color-scheme:dark)" in figure([timeline([1])])

    @pytest.mark.parametrize(
        "values",
        [
            [5.0],
            [5.0] * 9,
            [np.nan] * 4,
            [0.0, 0.0],
            [1e308, -1e308],
            [1e15, 1e15 + 0.25],
            [np.inf],
        ],
        ids=["one", "constant", "missing", "zero", "huge", "close", "infinite"],
    )
    def test_any_series_can_be_drawn(self, values):
        assert marks(drawn(timeline(values)), "frame")

    def test_an_unknown_band_is_not_drawn(self):
        unknown = np.full(3, np.nan)
        drawing = drawn(timeline([1, 2, 3], expected=unknown, lower=unknown, upper=unknown))
        assert not any(each.get("d") for each in marks(drawing, "band"))
