"""The picture of a report."""

import xml.etree.ElementTree as ET

import pytest

from ops.chaos.report.build import report_on
from ops.chaos.report.figures import Figures
from ops.chaos.report.plot import svg
from tests.ops.chaos.report.test_verdict import run
from tests.ops.conftest import NOW

POINTS = tuple((NOW.timestamp() + 15 * number, 10.0 + number % 3) for number in range(-40, 40))
FIGURES = Figures(requests=POINTS, errors=(), latency=POINTS)


@pytest.fixture
def report():
    made, _ = report_on(run(), None, now=NOW)
    return made


def drawn(report):
    return {each.get("id") for each in ET.fromstring(svg(report, FIGURES)).iter()}


def test_shows_every_figure_that_there_is(report):
    found = drawn(report)
    assert {"requests per second", "95th percentile, ms"} <= found
    assert "share of errors" not in found


def test_says_where_there_is_no_data_and_when_the_fault_was(report):
    text = svg(report, FIGURES)
    assert text.count("no data") == 1
    assert {"12:00:00", "12:01:00"} <= {each.text for each in ET.fromstring(text).iter()}


def test_of_the_same_report_is_the_same(report):
    assert svg(report, FIGURES) == svg(report, FIGURES)
