"""Durations, as Go writes them and as protobuf's JSON reads them."""

from datetime import timedelta

import pytest

from vocabulary.timing.duration import format_duration, format_seconds, parse_duration


@pytest.mark.parametrize(
    "text,seconds",
    [
        ("200ms", "0.2s"),
        ("1ms", "0.001s"),
        ("2s", "2s"),
        ("1m30s", "90s"),
        ("1h30m", "5400s"),
        ("36h0m0.5s", "129600.5s"),
        ("0s", "0s"),
    ],
)
def test_protobuf_reads_seconds_only(text, seconds):
    assert format_seconds(parse_duration(text)) == seconds


@pytest.mark.parametrize(
    "text", ["5m0s", "1h30m0s", "200ms", "30s", "24h0m0s", "9999999h0m10s", "1m59.123456s"]
)
def test_go_writes_what_it_reads(text):
    assert format_duration(parse_duration(text)) == text


@pytest.mark.parametrize("text", ["", "5", "1d", "5 m", "m5", "-5s", "\N{FULLWIDTH DIGIT FIVE}s"])
def test_a_number_without_a_unit_or_with_an_unknown_one_is_refused(text):
    with pytest.raises(ValueError, match="is not a Go duration"):
        parse_duration(text)


def test_longer_than_time_itself_is_refused():
    with pytest.raises(ValueError, match="too long"):
        parse_duration("99999999999999h")


def test_units_add_up():
    assert parse_duration("1h2m3s4ms") == timedelta(hours=1, minutes=2, seconds=3, milliseconds=4)
