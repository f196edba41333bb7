"""The detector's pages show settings that it takes, and name all of them."""

import json

import pytest

from anomaly.config.endpoint import Connection
from anomaly.config.receivers import (
    OUTPUTS,
    AlertmanagerSettings,
    PagerDutySettings,
    RemoteWriteSettings,
    Results,
    SlackSettings,
)
from anomaly.run.report import PREFIX, RunReport, run_series
from anomaly.sinks.series import MetricBlock
from observability.promql.presets import http_signals, istio_signals, saturation_signals
from tests.anomaly.incidents.alerts import alert
from tests.docs.pages import ROOT, Page

READING = Page(ROOT / "docs" / "detector" / "reading.md")
RESULTS = Page(ROOT / "docs" / "detector" / "results.md")


@pytest.mark.parametrize("page,model", [(READING, Connection), (RESULTS, Results)])
def test_the_example_is_taken(page, model):
    (example,) = [block.text for block in page.blocks if block.language == "json"]
    given = json.loads(example)
    assert model.model_validate(given).model_dump(mode="json", exclude_unset=True).keys() == (
        given.keys()
    )


def test_every_setting_of_reading_is_named():
    assert set(Connection.model_fields) <= set(READING.spans)


def test_every_setting_of_results_is_named():
    common = set(Connection.model_fields)
    models = (AlertmanagerSettings, PagerDutySettings, RemoteWriteSettings, Results, SlackSettings)
    own = {name for model in models for name in model.model_fields} - common
    named = [name for name in own if f"`{name}`" in RESULTS.text or f'"{name}"' in RESULTS.text]
    assert own == set(named)


def test_every_signal_is_named():
    signals = (*istio_signals(), *http_signals(), *saturation_signals())
    assert {signal.name for signal in signals} <= set(READING.spans)


def test_every_series_is_named():
    run = RunReport(
        "test",
        "0",
        1.0,
        alerts=(alert(),),
        stage_seconds={"read": 1.0},
        messages={"slack": 1},
        errors={"slack": "away"},
    )
    told = {("slack", "traffic"): 1.0}
    blocks: tuple[MetricBlock, ...] = run_series(run, {}, last_success=1.0, told_up_to=told)
    own = {block.metric.removeprefix(PREFIX) for block in blocks}
    named = {span.partition("{")[0] for span in RESULTS.spans}
    assert own | set(OUTPUTS) <= named
