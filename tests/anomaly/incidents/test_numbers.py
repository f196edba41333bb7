import pytest

from anomaly.incidents.describe import clock, number, quantity, span


@pytest.mark.parametrize(
    "value,text",
    [
        (0.0123456, "0.01235"),
        (412.0, "412"),
        (12345.6, "12346"),
        (2_500_000.0, "2.5 M"),
        (3.2e9, "3.2 G"),
        (-7e12, "-7 T"),
    ],
)
def test_numbers_have_the_digits_that_mean_something(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    "value,unit,text",
    [
        (412.0, "milliseconds", "412 milliseconds"),
        (0.053, "of requests", "5.3 % of requests"),
        (3.0, "", "3"),
        (float("nan"), "bytes", "no value"),
    ],
)
def test_quantities_have_their_unit(value, unit, text):
    assert quantity(value, unit) == text


@pytest.mark.parametrize(
    "seconds,text",
    [(40, "40 s"), (1500, "25 min"), (3600, "1 h"), (5400, "1 h 30 min"), (93_784, "1 d 2 h")],
)
def test_spans_of_time_have_two_units_at_most(seconds, text):
    assert span(seconds) == text


def test_moments_are_in_utc():
    assert clock(1_700_000_100) == "2023-11-14 22:15 UTC"
