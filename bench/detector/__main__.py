"""`python -m bench.detector`: how well, how fast and with how much memory, beside others."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.detector import tables
from bench.detector.plain import plain
from bench.detector.quality import Group, grade_all
from bench.detector.throughput import bars, measure_all
from bench.peers.python import RunError
from bench.quality.series import DataError, read
from bench.quality.synthetic import SEED, suite

DATA_VARIABLE = "BENCH_DATA"
PARTS = ("quality", "throughput")


def main() -> int:
    """Measure and print; the exit code says whether the bars for time and memory are met."""
    options = _options()
    progress = Console(stderr=True)
    try:
        results = _run(options, progress, Console())
    except (DataError, RunError) as error:
        progress.print(f"error: {error}", style="red", markup=False)
        return 1
    if options.json:
        text = json.dumps(results, indent=2, allow_nan=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0 if all(bar["met"] for bar in results.get("bars", ())) else 1


def _run(options: argparse.Namespace, progress: Console, console: Console) -> dict[str, Any]:
    if options.peers is None:
        progress.print("no environment of the peers (--peers): this project's methods only")
    results: dict[str, Any] = {}
    with progress.status("") as status:
        if "throughput" in options.parts:
            measured = measure_all(options.peers, status.update)
            reached = bars(measured)
            results["throughput"] = [plain(each) for each in measured]
            results["bars"] = [plain(each) for each in reached]
            console.print(tables.throughput(measured), tables.bars(reached))
        if "quality" in options.parts:
            data = _data(options.data, progress)
            graded = grade_all(data, options.peers, status.update)
            results["quality"] = {
                name: [plain(each) for each in group] for name, group in graded.items()
            }
            console.print(*(tables.quality(*group) for group in graded.items()))
            console.print("* at the threshold that suits the group best, in hindsight")
    return results


def _data(folder: Path | None, progress: Console) -> Mapping[str, Group]:
    data: dict[str, Group] = {"synthetic": suite(SEED)}
    if folder is None:
        progress.print(f"no labelled data (--data, {DATA_VARIABLE}): the synthetic suite only")
        return data
    return {**data, **read(folder)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.detector", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", default=PARTS, metavar="PART", help="quality, throughput (default both)"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get(DATA_VARIABLE),
        help=f"folder of labelled .npz files; default ${DATA_VARIABLE}, or else none",
    )
    parser.add_argument("--peers", type=Path, help="Python of the peers' environment")
    parser.add_argument("--json", type=Path, help="also write everything to this file")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))} is no part; choose from {', '.join(PARTS)}")
    options.data = Path(options.data) if options.data else None
    return options


if __name__ == "__main__":
    sys.exit(main())
