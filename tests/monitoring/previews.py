"""Pictures of the boards for the manual: each panel's queries, asked of the recorded hours.

Not Grafana's drawing: there is none here. `python -m tests.monitoring.previews` writes them.
"""

import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox import session
from sandbox.console import MESSAGES
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import MONITORING
from tests.monitoring import drawing
from tests.monitoring.drawing import Box, Line
from tests.monitoring.history import History, record
from tests.monitoring.panels import documents, filled_in, panels
from tests.monitoring.stack import stack
from tests.monitoring.story import END, START, moment

FOLDER = Path(__file__).parents[2] / "docs" / "images"
WIDTH, COLUMN, ROW, MARGIN = 1200, 50, 26, 4
SERVICE = "booking-service"
"""The service whose row is unfolded."""
NOW = moment("05:30")
"""The moment of what is told for now: a bad release."""
SPAN = (float(START), float(END))


class Preview:
    """Draws one board."""

    def __init__(self, document: Mapping[str, Any], history: History) -> None:
        self.document, self.history = document, history

    def svg(self) -> str:
        """The picture."""
        shapes = [shape for panel in panels(self.document) for shape in self._panel(panel)]
        places = [panel["gridPos"] for panel in panels(self.document)]
        height = max(place["y"] + place["h"] for place in places) * ROW + 2 * MARGIN
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="Helvetica, Arial, sans-serif">'
        )
        background = f'<rect width="{WIDTH}" height="{height}" fill="#f4f5f7"/>'
        return "\n".join([head, background, *shapes, "</svg>\n"])

    def _panel(self, panel: Mapping[str, Any]) -> Iterator[str]:
        place = panel["gridPos"]
        box = Box(
            place["x"] * COLUMN + MARGIN / 2,
            place["y"] * ROW + MARGIN,
            place["w"] * COLUMN - MARGIN,
            place["h"] * ROW - MARGIN,
        )
        title = panel["title"].replace("$service", SERVICE)
        if panel["type"] == "row":
            yield drawing.text(box.x + 4, box.y + 16, title, font_size=13, font_weight=600)
            return
        yield from drawing.frame(box, title)
        yield from getattr(self, f"_{panel['type'].replace('-', '')}")(box, panel)

    def _timeseries(self, box: Box, panel: Mapping[str, Any]) -> Iterator[str]:
        defaults = panel["fieldConfig"]["defaults"]
        stacked = defaults["custom"].get("stacking", {}).get("mode") == "normal"
        bands = [
            (setting["value"], each["matcher"]["options"])
            for each in panel["fieldConfig"]["overrides"]
            for setting in each["properties"]
            if setting["id"] == "custom.fillBelowTo"
        ]
        lines = self._lines(panel)
        yield from drawing.plot(box, lines, defaults["unit"], SPAN, stacked=stacked, bands=bands)

    def _statetimeline(self, box: Box, panel: Mapping[str, Any]) -> Iterator[str]:
        words = panel["fieldConfig"]["defaults"]["mappings"][0]["options"]
        yield from drawing.timeline(box, self._lines(panel), words, SPAN)

    def _stat(self, box: Box, panel: Mapping[str, Any]) -> Iterator[str]:
        defaults = panel["fieldConfig"]["defaults"]
        found = self._now(panel["targets"][0])
        value = float(found[0]["value"][1]) if found else None
        colour = _colour(value, defaults["thresholds"]["steps"])
        told = defaults["noValue"] if value is None else drawing.figure(value, defaults["unit"])
        for meaning in defaults.get("mappings") or ():
            word = meaning["options"].get(f"{value:g}")
            told, colour = (word["text"], drawing.NAMED[word["color"]]) if word else (told, colour)
        yield from drawing.stat(box, told, colour)

    def _bargauge(self, box: Box, panel: Mapping[str, Any]) -> Iterator[str]:
        defaults, target = panel["fieldConfig"]["defaults"], panel["targets"][0]
        values = []
        for series in self._now(target):
            value = float(series["value"][1])
            colour = _colour(value, defaults["thresholds"]["steps"])
            values.append((_named(target["legendFormat"], series["metric"]), value, colour))
        yield from drawing.bars(box, sorted(values), defaults["unit"])

    def _table(self, box: Box, panel: Mapping[str, Any]) -> Iterator[str]:
        (organize,) = [each for each in panel["transformations"] if each["id"] == "organize"]
        places = organize["options"]["indexByName"]
        order = sorted(places, key=places.__getitem__)
        names = {field: organize["options"]["renameByName"].get(field, field) for field in order}
        units = {
            each["matcher"]["options"]: each["properties"][0]["value"]
            for each in panel["fieldConfig"]["overrides"]
        }
        rows: dict[tuple[str, ...], dict[str, str]] = {}
        labels = [field for field in order if not field.startswith("Value")]
        for target in panel["targets"]:
            field = "Value" if len(panel["targets"]) == 1 else f"Value #{target['refId']}"
            for series in self._now(target):
                key = tuple(series["metric"].get(label, "") for label in labels)
                row = rows.setdefault(key, dict(zip(labels, key, strict=True)))
                if field in names:
                    row[field] = drawing.figure(float(series["value"][1]), units[names[field]])
        cells = [[row.get(field, "") for field in order] for row in rows.values()]
        yield from drawing.table(box, list(names.values()), sorted(cells))

    def _text(self, box: Box, panel: Mapping[str, Any]) -> Iterator[str]:
        yield from drawing.prose(box, panel["options"]["content"])

    def _lines(self, panel: Mapping[str, Any]) -> Sequence[Line]:
        lines = []
        for target in panel["targets"]:
            for series in self.history.over(self._expr(target), step=60):
                points = [(time, float(value)) for time, value in series["values"]]
                there = [(time, value) for time, value in points if value == value]  # noqa: PLR0124
                if there:
                    lines.append(Line(_named(target["legendFormat"], series["metric"]), there))
        return sorted(lines, key=lambda line: line.name)

    def _now(self, target: Mapping[str, Any]) -> list[dict[str, Any]]:
        # What looks back over all that is shown is asked at its end.
        moment = END if "$__range" in target["expr"] else NOW
        return self.history.instant(self._expr(target), moment)

    def _expr(self, target: Mapping[str, Any]) -> str:
        repeated = any(
            target in panel["targets"]
            for row in self.document["panels"]
            for panel in row.get("panels") or ()
        )
        chosen = {"service": SERVICE} if repeated else {}
        return filled_in(target["expr"], self.document, **chosen)


def _named(legend: str, labels: Mapping[str, str]) -> str:
    return re.sub(r"{{\s*(\w+)\s*}}", lambda found: labels.get(found[1], ""), legend)


def _colour(value: float | None, steps: Sequence[Mapping[str, Any]]) -> str:
    colour = drawing.FAINT
    for step in steps:
        if value is not None and (step["value"] is None or value >= step["value"]):
            colour = drawing.NAMED[step["color"]]
    return colour


def main(folder: Path = FOLDER) -> None:
    """Write all pictures."""
    programs = session.monitoring_programs(Toolchain.ensure(MESSAGES, MONITORING))
    with tempfile.TemporaryDirectory() as work:
        monitoring = record(stack(), programs, Path(work))
        try:
            history = History(monitoring.prometheus_url)
            folder.mkdir(exist_ok=True)
            for name, document in documents(stack()).items():
                picture = Preview(document, history).svg()
                (folder / f"board-{name}.svg").write_text(picture, encoding="utf-8")
        finally:
            monitoring.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
