"""Firings, rules, clashes and peaks of Schedule objects."""

import time as clock
from datetime import UTC, datetime, timedelta

import pytest

from ops.chaos.calendar import Rules, calendar_of, rules_of
from ops.chaos.calendar.month import month
from ops.chaos.calendar.picture import draw
from vocabulary.labels import CHAOS_PAUSE, EXPERIMENT, ONCE, REPLICAS

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
SERVICES = [{"name": "web", "callers": ["ingress"]}, {"name": "api", "callers": ["web"]}]
RULES = rules_of({"window": {"days": ["mon", "tue", "wed", "thu", "fri"]}}, SERVICES)


def fault(service="api", **keys):
    selector = {"namespaces": ["shop"], "labelSelectors": {"app": service}}
    return {"action": "pod-failure", "mode": "one", "selector": selector, **keys}


def schedule(name="a", cron="0 3 * * 1-5", duration="5m", annotations=None, **keys):
    return {
        "metadata": {"name": name, "namespace": "shop", "annotations": annotations or {}},
        "spec": {
            "schedule": cron,
            "type": "PodChaos",
            "podChaos": fault(**keys) | ({"duration": duration} if duration else {}),
        },
    }


def game_day(kind, *services, name="day", cron="0 3 * * 1-5"):
    steps = [
        {"name": service, "templateType": "PodChaos", "deadline": "1m", "podChaos": fault(service)}
        for service in services
    ]
    entry = {"name": "all", "templateType": kind, "deadline": "9m", "children": list(services)}
    return {
        "metadata": {"name": name, "namespace": "shop", "annotations": {}},
        "spec": {
            "schedule": cron,
            "type": "Workflow",
            "workflow": {"entry": "all", "templates": [entry, *steps]},
        },
    }


def calendar(*schedules, rules=RULES, weeks=4):
    return calendar_of(schedules, rules, NOW, weeks)


def test_what_has_run_once_and_is_over_is_no_plan():
    over = schedule(annotations={CHAOS_PAUSE: "true"})
    over["metadata"]["labels"] = {EXPERIMENT: ONCE}
    assert calendar(over, schedule(name="b")).schedules == calendar(schedule(name="b")).schedules


class TestOneSchedule:
    def test_fires_as_chaos_mesh_has_it_on_the_night_that_skips_an_hour(self):
        rules = Rules()
        (found,) = calendar(
            schedule(cron="CRON_TZ=Europe/Berlin 30 2 * * *"), rules=rules
        ).schedules
        days = [start.date().isoformat() for start in found.starts]
        assert "2026-03-28" in days
        assert "2026-03-29" not in days  # 02:30 does not exist
        assert len(days) == 27

    def test_a_run_lasts_as_long_as_the_workflow(self):
        (found,) = calendar(game_day("Serial", "api", "web")).schedules
        assert (found.seconds, found.services) == (540, ("api", "web"))

    def test_what_is_over_at_once_takes_no_time(self):
        (found,) = calendar(schedule(duration="", action="pod-kill")).schedules
        assert found.seconds == 0

    def test_one_that_is_paused_fires_not_at_all(self):
        paused = calendar(schedule(annotations={CHAOS_PAUSE: "true"}))
        assert paused.schedules[0].paused
        assert paused.schedules[0].starts == ()
        assert paused.well

    @pytest.mark.parametrize("cron", ["@every 2h", "", "banana"])
    def test_one_that_cannot_be_read_is_a_problem(self, cron):
        found = calendar(schedule(cron=cron))
        assert "cannot be read" in found.schedules[0].problems[0]
        assert not found.well


class TestRules:
    def test_a_run_outside_the_window_is_a_problem_told_once(self):
        (found,) = calendar(schedule(cron="0 12 * * *")).schedules
        (problem,) = found.problems
        assert "Tue 2026-03-03 12:00 UTC is not inside the window, and 27 more" in problem

    def test_so_is_one_in_a_freeze(self):
        rules = rules_of(
            {"freezes": [{"first": "2026-03-09", "last": "2026-03-10", "reason": "x"}]}, ()
        )
        (found,) = calendar(schedule(), rules=rules).schedules
        assert "2026-03-09 03:00 UTC falls into a freeze, and 1 more" in found.problems[0]

    def test_without_a_stack_any_time_will_do(self):
        assert calendar(schedule(cron="0 12 * * *"), rules=Rules()).well


class TestClashes:
    def test_two_on_one_service_at_once(self):
        found = calendar(schedule("a"), schedule("b", cron="3 3 * * 1"))
        (clash,) = found.clashes
        assert (clash.one, clash.other, clash.about) == ("shop/a", "shop/b", "api")
        assert clash.times == 4
        assert not found.well

    def test_a_caller_and_its_callee(self):
        (clash,) = calendar(schedule("a"), schedule("b", service="web")).clashes
        assert clash.about == "web -> api"

    def test_not_one_after_the_other(self):
        assert calendar(schedule("a"), schedule("b", cron="5 3 * * 1-5")).clashes == ()

    def test_not_services_that_have_nothing_to_do_with_each_other(self):
        found = calendar(schedule("a"), schedule("b", service="jobs"))
        assert found.clashes == ()
        assert found.most_experiments.count == 2


class TestPods:
    @pytest.mark.parametrize(
        "keys,pods",
        [
            ({}, 1),
            ({"mode": "fixed", "value": "2"}, 2),
            ({"mode": "fixed-percent", "value": "50"}, 2),
            ({"mode": "all"}, 3),
        ],
    )
    def test_are_counted_as_chaos_mesh_does(self, keys, pods):
        found = calendar(schedule(annotations={REPLICAS: "api=3"}, **keys))
        assert found.most_pods.count == pods

    @pytest.mark.parametrize("kind,pods", [("Serial", 1), ("Parallel", 2)])
    def test_of_steps_at_once_are_summed(self, kind, pods):
        assert calendar(game_day(kind, "api", "web")).most_pods.count == pods


class TestShown:
    def test_a_month_is_weeks_below_each_other(self):
        lines = month(calendar(schedule("a"), schedule("b", cron="3 3 9 3 *")))
        assert lines[1].split() == ["Mar", "02", ".", "1", "1", "1", "1", ".", "."]
        assert lines[2].split() == ["Mar", "09", "2!", "1", "1", "1", "1", ".", "."]

    @pytest.mark.parametrize("ending", ["svg", "png"])
    def test_and_a_picture(self, tmp_path, ending):
        path = tmp_path / f"month.{ending}"
        draw(calendar(schedule("a"), schedule("b")), RULES, UTC, path)
        assert path.stat().st_size > 1000


def test_a_thousand_schedules_take_less_than_a_second():
    names = [f"s{number}" for number in range(200)]
    services = [
        {"name": name, "callers": names[number - 1 : number]} for number, name in enumerate(names)
    ]
    schedules = [
        schedule(f"x{n}", f"{n % 60} {2 + n % 4} * * 1-5", service=names[n % 200])
        for n in range(1000)
    ]
    rules = rules_of({}, services)
    best = min(_seconds(schedules, rules) for _ in range(3))
    assert best < 1


def _seconds(schedules, rules):
    begin = clock.process_time()
    found = calendar_of(schedules, rules, NOW)
    assert sum(len(each.starts) for each in found.schedules) > 19_000
    assert found.until - found.at == timedelta(weeks=4)
    return clock.process_time() - begin
