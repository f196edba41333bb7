"""When experiments start, before a change and after it."""

from datetime import UTC, datetime

import pytest

from ops.delivery.preview.calendar import firings

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday


def schedule(cron, **annotations):
    return {"metadata": {"annotations": annotations}, "spec": {"schedule": cron}}


def moved(old, new):
    found = firings("brisa/x", old, new, NOW)
    return found and (found.before, found.after)


def test_nothing_is_said_when_nothing_moves():
    assert moved(schedule("0 3 * * *"), schedule("CRON_TZ=UTC 0 3 * * *")) is None


def test_a_new_experiment_had_no_starts():
    before, after = moved(None, schedule("0 3 * * 1"))
    assert before == ()
    assert after[0] == "Mon 2026-03-09 03:00 UTC"
    assert len(after) == 3


def test_one_that_goes_has_none_any_more():
    assert moved(schedule("0 3 * * 1"), None)[1] == ()


def test_a_pause_is_told_as_such():
    paused = schedule("0 3 * * *", **{"experiment.chaos-mesh.org/pause": "true"})
    assert moved(schedule("0 3 * * *"), paused)[1] == ("paused",)


def test_times_are_told_in_utc():
    assert moved(None, schedule("CRON_TZ=America/Havana 0 3 4 3 *"))[1][0] == (
        "Wed 2026-03-04 08:00 UTC"
    )


@pytest.mark.parametrize("cron", ["@every 2h", "banana", "", "0 0 30 2 *"])
def test_a_schedule_that_cannot_be_read_is_told_as_such(cron):
    (said,) = moved(schedule("0 3 * * *"), schedule(cron))[1]
    assert said.startswith(("not known:", "never"))


def test_an_object_without_anything_is_no_exception():
    assert moved({}, schedule("0 3 * * *"))[0][0].startswith("not known")
