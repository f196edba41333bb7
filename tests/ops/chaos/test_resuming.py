"""What is let go on when its time is up."""

import json
from datetime import timedelta

import pytest

from ops.chaos.resuming import is_expired
from tests.ops.conftest import NOW, made
from vocabulary.labels import PAUSE


def paused(record):
    return made("Schedule", metadata={"annotations": {PAUSE: record} if record else {}})


@pytest.mark.parametrize("minutes, expired", [(-1, True), (0, True), (1, False)])
def test_a_pause_ends_when_its_time_is_up(minutes, expired):
    until = (NOW + timedelta(minutes=minutes)).isoformat()
    record = {"by": "ann", "at": "2026-11-24T11:00:00Z", "until": until, "reason": "release"}
    assert is_expired(paused(json.dumps(record)), NOW) is expired


@pytest.mark.parametrize(
    "record",
    [None, "by hand", json.dumps({"by": "a", "at": "2020-01-01T00:00:00Z", "reason": "x"})],
)
def test_a_pause_without_an_end_or_of_others_stays(record):
    assert not is_expired(paused(record), NOW)
