"""`python -m bench.detector.choice`: are these settings of the detector better than the shipped?

Every candidate is graded by the F1 of its alerts on every set, and judged by leaving sets out.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from anomaly.config.detector import DetectorConfig
from anomaly.detector import Detector
from bench.quality.choice import left_out
from bench.quality.events import Events, count
from bench.quality.protocol import TOLERANCE, joined
from bench.quality.series import Labelled, read
from bench.quality.synthetic import SEED, suite

SHIPPED = "{}"


def main() -> int:
    """Grade and print."""
    parser = argparse.ArgumentParser(prog="bench.detector.choice", description=__doc__)
    parser.add_argument(
        "settings", nargs="+", help='of the detector, as JSON: {"certain_score": 2}'
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("BENCH_DATA"), required=False)
    options = parser.parse_args()
    data = {"synthetic": suite(SEED), **(read(Path(options.data)) if options.data else {})}
    if len(data) == 1:
        parser.error("one set cannot be left out; give labelled data (--data, BENCH_DATA)")
    candidates = {
        text: DetectorConfig.model_validate_json(text) for text in (SHIPPED, *options.settings)
    }
    events = {
        text: {name: _events(group, config) for name, group in data.items()}
        for text, config in candidates.items()
    }
    figures = {
        text: {name: each.f1 for name, each in by_set.items()} for text, by_set in events.items()
    }
    table = Table("settings", *data, title="F1 of onsets, false alerts a series-week")
    for text, by_set in events.items():
        table.add_row(text, *(f"{e.f1:.3f}, {e.false_per_week:.2f}" for e in by_set.values()))
    chosen = Table("set left out", "the others choose", "F1 there", "shipped")
    for each in left_out(figures):
        chosen.add_row(each.name, each.chosen, f"{each.figure:.3f}", f"{each.shipped:.3f}")
    Console().print(table, chosen)
    return 0


def _events(group: Sequence[Labelled], config: DetectorConfig) -> Events:
    detector, events = Detector(config), Events()
    for series in group:
        alerting = detector.replay(series.timestamps, series.values[None]).alerting[0]
        events += count(joined(alerting), series.labels, series.timestamps, tolerance=TOLERANCE)
    return events


if __name__ == "__main__":
    sys.exit(main())
