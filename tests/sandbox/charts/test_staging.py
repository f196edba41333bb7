"""Charts are staged from the pinned modules: whole, at once, and again when a pin changes."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.charts import staging
from sandbox.charts.staging import stage_charts

CHARTS = ("base", "chaos-mesh", "flux-operator", "istiod")


@pytest.fixture
def charts(tmp_path):
    return tmp_path / "charts"


@pytest.fixture
def pins(tmp_path, monkeypatch):
    """Pins of the test's own, and modules that hold one file per chart."""
    (tmp_path / "go.sum").write_text("one")
    monkeypatch.setattr(staging, "PINS", tmp_path)

    def module_folder(_go, module):
        folder = tmp_path / "modules" / module
        for _, path in staging._COPIED.values():
            chart = folder / path / "Chart.yaml"
            if not chart.exists():
                chart.parent.mkdir(parents=True)
                chart.write_text(module)
                chart.chmod(0o444)
        return folder

    monkeypatch.setattr(staging, "module_folder", module_folder)
    monkeypatch.setattr(
        staging.flux_operator, "write_chart", lambda _module, target: target.mkdir(parents=True)
    )
    return tmp_path / "go.sum"


def test_every_chart_is_staged(charts, pins):
    stage_charts(charts, None)
    assert sorted(path.name for path in charts.iterdir()) == sorted(CHARTS)


def test_what_is_staged_is_left_alone(charts, pins):
    stage_charts(charts, None)
    (charts / "base" / "Chart.yaml").unlink()
    stage_charts(charts, None)
    assert not (charts / "base" / "Chart.yaml").exists()


def test_a_changed_pin_stages_anew_and_removes_the_old(charts, pins):
    stage_charts(charts, None)
    (charts / "base" / "Chart.yaml").unlink()
    pins.write_text("two")
    stage_charts(charts, None)
    assert (charts / "base" / "Chart.yaml").exists()
    assert len(list(charts.parent.glob("charts-*"))) == 1


def test_an_interrupted_staging_leaves_nothing_that_looks_staged(charts, pins, monkeypatch):
    def interrupted(_module, _target):
        raise KeyboardInterrupt

    monkeypatch.setattr(staging.flux_operator, "write_chart", interrupted)
    with pytest.raises(KeyboardInterrupt):
        stage_charts(charts, None)
    assert not charts.exists()
    assert not list(charts.parent.glob("*charts-*"))


def test_two_that_stage_at_once_do_it_once(charts, pins, monkeypatch):
    """The second waits for the first, which is still at it, and finds the charts there."""
    written = []

    def slowly(_module, target):
        target.mkdir(parents=True)
        time.sleep(0.3)
        written.append(target)

    monkeypatch.setattr(staging.flux_operator, "write_chart", slowly)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(stage_charts, charts, None) for _ in range(2)]:
            done.result()
    assert len(written) == 1
    assert sorted(path.name for path in charts.iterdir()) == sorted(CHARTS)
