"""A Schedule's experiment once, now: the copy that fires, and what it keeps of the Schedule."""

from datetime import UTC, datetime

import pytest

from ops.chaos.running import fires_once
from ops.chaos.state import has_run
from tests.ops.conftest import made
from vocabulary.labels import CHAOS_PAUSE, HYPOTHESIS
from vocabulary.timing.cron import Cron

NOW = datetime(2026, 11, 24, 12, 0, 55, tzinfo=UTC)


def schedule(cron="0 2 * * mon-fri", name="api-resilience", **annotations):
    about = {"labels": {"platform.brisa/owner": "shop"}, "annotations": annotations}
    spec = {"schedule": cron, "type": "Workflow", "startingDeadlineSeconds": 60, "workflow": {}}
    return made("Schedule", name, metadata=about, spec=spec)


@pytest.mark.parametrize(
    "cron, expected",
    [
        ("0 2 * * mon-fri", "2 12 24 11 *"),
        ("CRON_TZ=UTC 0 2 * * *", "CRON_TZ=UTC 2 12 24 11 *"),
        ("TZ=Asia/Tokyo  0 2 * * *", "TZ=Asia/Tokyo  2 21 24 11 *"),
        ("CRON_TZ=Pacific/Auckland 0 2 * * *", "CRON_TZ=Pacific/Auckland 2 1 25 11 *"),
    ],
)
def test_it_fires_at_a_minute_that_has_not_begun_in_the_schedules_zone(cron, expected):
    assert fires_once(schedule(cron), NOW)["spec"]["schedule"] == expected


def test_the_controller_has_time_to_see_it():
    made_at = NOW.replace(second=49)
    cron = Cron.parse(fires_once(schedule(), made_at)["spec"]["schedule"])
    assert 10 <= (cron.next(made_at) - made_at).total_seconds() <= 71


def test_everything_else_is_the_schedules_own():
    original = schedule(**{HYPOTHESIS: "it recovers"})
    copy = fires_once(original, NOW)
    assert copy["metadata"]["annotations"] == {HYPOTHESIS: "it recovers"}
    assert copy["metadata"]["labels"].items() > original["metadata"]["labels"].items()
    changed = {key for key in copy["spec"] if copy["spec"][key] != original["spec"][key]}
    assert changed == {"schedule"}
    assert "uid" not in copy["metadata"]


def test_what_others_have_noted_on_the_schedule_stays_with_it():
    assert (
        CHAOS_PAUSE
        not in fires_once(schedule(**{CHAOS_PAUSE: "false"}), NOW)["metadata"]["annotations"]
    )


def test_the_copy_is_known_for_one_that_has_run_when_it_is_paused():
    """Nobody who asks how experiments are doing takes it for one that somebody has paused."""
    copy = fires_once(schedule(), NOW)
    assert not has_run(copy)
    copy["metadata"]["annotations"][CHAOS_PAUSE] = "true"
    assert has_run(copy)
    assert not has_run(schedule(**{CHAOS_PAUSE: "true"}))


def test_the_name_leaves_room_for_what_chaos_mesh_appends():
    copy = fires_once(schedule(name="a" * 51), NOW)
    assert len(copy["metadata"]["name"]) == 51
    assert copy["metadata"]["name"].endswith("-now")
