from policy.rules.chaos_window import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, nested_schedule, workflow
from tests.policy.views import GONE

CRON = "spec.schedule"


class TestWindow(RuleContract):
    rule = RULE
    good = {
        "over before the window closes": case(
            {CRON: "29 5 * * 1-5", "spec.podChaos.duration": "31m"}
        ),
        "in the schedule's own time zone": case({CRON: "CRON_TZ=America/Havana 0 22 * * 1-4"}),
        "a window over midnight": case(
            {CRON: "30 0 * * 2-6"}, config={"opens": "22:00", "closes": "02:00"}
        ),
        "a freeze that is over": case(
            config={"freezes": [{"first": "2026-11-01", "last": "2026-11-22"}]}
        ),
        "a freeze beyond the horizon": case(
            config={"freezes": [{"first": "2027-03-01", "last": "2027-03-02"}], "weeks": 4}
        ),
    }
    bad = {
        "every two hours of the day": case({CRON: "0 */2 * * 1-5"}, CRON, says="14:00 UTC"),
        "at the weekend": case({CRON: "0 2 * * *"}, CRON, says="Sat"),
        "still running when it closes": case(
            {CRON: "50 5 * * 1-5", "spec.podChaos.duration": "11m"}, CRON, says="05:50"
        ),
        "anchored to creation": case({CRON: "@every 2h"}, CRON, says="five wall-clock"),
        "with seconds": case({CRON: "0 0 2 * * 1-5"}, CRON),
        "no cron at all": case({CRON: "not a cron"}, CRON),
        "unset": case({CRON: GONE}, CRON),
        "an unknown time zone": case({CRON: "CRON_TZ=Mars/Olympus 0 2 * * *"}, CRON),
        "in a freeze": case(
            {},
            CRON,
            config={"freezes": [{"first": "2026-12-24", "last": "2026-12-31"}]},
            says="2026-12-24",
        ),
        "a workflow whose steps add up to more than the window": case(
            {
                "spec": workflow(
                    {
                        "name": "first",
                        "templateType": "Serial",
                        "children": ["a", "b"],
                    },
                    fault("2h", name="a"),
                    fault("2h", name="b"),
                )
            },
            CRON,
            says="4:00:00",
        ),
        "a cron inside a workflow": case(
            {"spec": workflow(nested_schedule(schedule="not a cron"))},
            "spec.workflow.templates[0].schedule.schedule",
        ),
        "summer time moves it out of the window": case(
            {CRON: "CRON_TZ=Europe/Madrid 0 3 * * 1-5"}, CRON, config={"weeks": 52}, says="2027-03"
        ),
    }


class TestInTheCluster:
    """What CEL is told of a window."""

    def expressions(self, **config):
        (check,) = RULE.admission(RULE.config.model_validate(config))
        return " ".join(each.expression for each in check.validations)

    def test_hours_are_those_in_which_something_may_begin(self):
        assert "int(end) in [2, 3, 4, 5]" in self.expressions()
        assert "int(end) in [5, 6]" in self.expressions(opens="05:30", closes="06:30")

    def test_a_window_over_midnight_lasts_into_the_next_day(self):
        found = self.expressions(opens="22:00", closes="02:00", days=["fri"])
        assert "int(end) in [22, 23, 0, 1]" in found
        assert "['fri', '5', 'sat', '6']" in found

    def test_without_a_zone_a_cron_is_read_in_utc(self):
        assert "variables.words.size() == 5" in self.expressions()
        assert "variables.words.size() == 5" not in self.expressions(timezone="Europe/Berlin")
