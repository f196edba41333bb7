import numpy as np
import pytest

from anomaly.errors import OutputError, UsageError
from anomaly.offline.spans import Spans
from anomaly.plotting import drawing
from anomaly.plotting.timeline import Timeline

PNG = b"\x89PNG\r\n\x1a\n"


def timeline(name="latency", length=50):
    row = np.linspace(1, 2, length)
    times = 1_700_000_000 + np.arange(length) * 60.0
    alerts = Spans(times[[10, 30]], times[[12, 33]])
    faults = Spans(times[[9]], times[[14]])
    return Timeline(name, times, row, row, row - 1, row + 1, row, alerts, faults, ("delay",))


class TestCheck:
    def test_svg_can_always_be_drawn(self, tmp_path, monkeypatch):
        monkeypatch.setattr(drawing, "find_spec", lambda _: None)
        drawing.check(tmp_path / "a.svg")

    def test_png_can_be_where_matplotlib_is(self, tmp_path, monkeypatch):
        drawing.check(tmp_path / "a.png")
        monkeypatch.setattr(drawing, "find_spec", lambda _: None)
        with pytest.raises(UsageError, match=r"a.png needs matplotlib, .*; use .svg"):
            drawing.check(tmp_path / "a.png")

    def test_anything_else_is_refused(self, tmp_path):
        with pytest.raises(UsageError, match=r"a.pdf is neither .svg nor .png"):
            drawing.check(tmp_path / "a.pdf")


class TestDraw:
    def test_the_name_says_which_format(self, tmp_path):
        drawing.draw(tmp_path / "a.svg", [timeline()])
        drawing.draw(tmp_path / "a.png", [timeline()])
        assert (tmp_path / "a.svg").read_text().startswith("<svg ")
        assert (tmp_path / "a.png").read_bytes().startswith(PNG)

    def test_a_png_is_as_high_as_its_series_need(self, tmp_path):
        drawing.draw(tmp_path / "one.png", [timeline()])
        drawing.draw(tmp_path / "two.png", [timeline(), timeline("traffic")])
        one, two = ((tmp_path / name).read_bytes()[16:24] for name in ("one.png", "two.png"))
        assert int.from_bytes(two[4:]) == 2 * int.from_bytes(one[4:])
        assert one[:4] == two[:4]

    @pytest.mark.parametrize("name", ["a.svg", "a.png"])
    def test_a_folder_that_is_not_there_is_named(self, tmp_path, name):
        with pytest.raises(OutputError, match=rf"cannot write .*no/{name}: No such file"):
            drawing.draw(tmp_path / "no" / name, [timeline()])
