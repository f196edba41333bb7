import re

import pytest

from policy.enforcement import enforcements
from policy.errors import PolicyConfigError


def of(configuration, rule):
    return next(e for e in enforcements(configuration) if e.rule.id == rule)


class TestLevels:
    def test_a_rule_is_mandatory_unless_told_otherwise(self):
        assert of({}, "chaos-duration").level.value == "mandatory"

    def test_all_lowers_every_rule(self):
        assert {e.level.value for e in enforcements({"all": "advisory"})} == {"advisory"}

    def test_a_rule_of_its_own_wins_over_all(self):
        given = {"all": "advisory", "chaos-duration": "mandatory", "chaos-window": {"weeks": 2}}
        assert of(given, "chaos-duration").level.value == "mandatory"
        assert of(given, "chaos-window").level.value == "advisory"

    def test_limits_beside_a_level(self):
        found = of(
            {"chaos-duration": {"enforcementLevel": "disabled", "longest": "1m"}}, "chaos-duration"
        )
        assert (found.level.value, found.config.longest.seconds) == ("disabled", 60)


class TestMistakes:
    @pytest.mark.parametrize(
        "given, says",
        [
            ({"chaos-durations": "mandatory"}, "chaos-durations: there is no such rule"),
            ({"chaos-duration": "strict"}, "'strict' is not allowed; use one of advisory"),
            ({"all": "never"}, "enforcementLevel: 'never' is not allowed"),
            ({"chaos-duration": {"longest": "banana"}}, "chaos-duration.longest:"),
            ({"chaos-duration": {"longst": "1m"}}, "chaos-duration.longst:"),
            ({"chaos-blast-radius": {"maxPercent": 101}}, "less than or equal to 100"),
            ({"mesh-mtls-strict": {"exempt": [{"resource": "x"}]}}, "exempt.0.until"),
        ],
    )
    def test_are_named(self, given, says):
        with pytest.raises(PolicyConfigError, match=re.escape(says)):
            enforcements(given)

    def test_are_reported_all_at_once(self):
        with pytest.raises(PolicyConfigError) as error:
            enforcements({"a": "x", "b": "y", "chaos-duration": "z"})
        assert len(str(error.value).splitlines()) == 3
