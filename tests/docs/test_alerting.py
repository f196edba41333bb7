"""The pages on alerting and runs show settings that are taken, and name all of them."""

import json

from pydantic import TypeAdapter

from anomaly.config.alerting import Alerting, FalseDiscovery, Mask
from anomaly.config.signals import USUAL, Signal, WatchedSignal
from anomaly.incidents.describe import CAUSES
from anomaly.settings import ENVIRONMENT, Settings
from tests.docs.pages import ROOT, Page

ALERTING = Page(ROOT / "docs" / "detector" / "alerting.md")
RUN = Page(ROOT / "docs" / "detector" / "run.md")


def examples(page):
    return [json.loads(block.text) for block in page.blocks if block.language == "json"]


class TestAlerting:
    def test_the_examples_are_taken(self):
        signal, alerting, masks = examples(ALERTING)
        assert WatchedSignal.model_validate(signal).least_requests == 100
        assert Alerting.model_validate(alerting) == Alerting()
        assert len(TypeAdapter(list[Mask]).validate_python(masks)) == 2

    def test_every_setting_is_named(self):
        models = (WatchedSignal, Alerting, FalseDiscovery, Mask)
        own = {name for model in models for name in model.model_fields}
        named = {
            name for name in own if f"`{name}`" in ALERTING.text or f'"{name}"' in ALERTING.text
        }
        assert own - set(Signal.model_fields) - named == set()

    def test_the_defaults_of_each_kind_are_those_of_the_code(self):
        rows = {
            cells[1].strip("` "): [cell.strip() for cell in cells[2:7]]
            for line in ALERTING.text.splitlines()
            if len(cells := line.split("|")) == 9
        }
        usual = [WatchedSignal(name="s", query="q", kind=kind) for kind in USUAL]
        assert rows["direction"] == [each.direction for each in usual]
        for name in (
            "absent_after_steps",
            "minimum_absolute_deviation",
            "minimum_relative_deviation",
        ):
            assert list(map(float, rows[name])) == [getattr(each, name) for each in usual]

    def test_every_cause_is_named(self):
        assert {cause.name for cause in CAUSES} <= set(ALERTING.spans)


class TestRun:
    def test_the_example_is_taken(self):
        (example,) = examples(RUN)
        settings = Settings.model_validate(example)
        assert settings.lookback_seconds == Settings().lookback_seconds

    def test_every_setting_and_variable_is_named(self):
        assert set(Settings.model_fields) | set(ENVIRONMENT) <= set(RUN.spans)
