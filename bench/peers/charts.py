"""`python -m bench.peers.charts RESULTS FOLDER`: draws what `bench.detector` measured.

Runs in the peers' environment, which has matplotlib because one of them needs it.
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

OWN, OTHER, LIGHT = "#0b6e4f", "#7a869a", "#c9d1dc"
Results = dict[str, Any]


def main(source: Path, folder: Path) -> None:
    """Draw every part that was measured."""
    mpl.rcParams.update({"svg.hashsalt": "bench", "svg.fonttype": "none", "font.size": 9})
    results = json.loads(source.read_text(encoding="utf-8"))
    for name, group in results.get("quality", {}).items():
        slug = "-".join(name.replace(",", "").replace("_", " ").split())
        _quality(name, [each for each in group if each["figures"]], folder / f"bench-{slug}.svg")
    if "throughput" in results:
        _throughput([each for each in results["throughput"] if each["cost"]], folder)


def _quality(name: str, group: list[Results], target: Path) -> None:
    """Bars of both figures, the best method on top."""
    ordered = sorted(group, key=lambda each: each["figures"]["vus_pr"])
    labels = [f"{each['method']} ({each['origin']})" for each in ordered]
    panels = (
        ("VUS-PR, and with peak hold (light)", "vus_pr_held", "vus_pr"),
        ("F1 of events", None, None),
    )
    figure, axes = plt.subplots(1, 2, figsize=(10, 0.3 * len(group) + 1), sharey=True)
    for axis, (title, held, bare) in zip(axes, panels, strict=True):
        colours = [OWN if each["origin"] == "this project" else OTHER for each in ordered]
        if held:
            axis.barh(labels, [each["figures"][held] for each in ordered], color=LIGHT)
            figures = [each["figures"][bare] for each in ordered]
        else:
            figures = [each["figures"]["events"]["f1"] or 0 for each in ordered]
        axis.barh(labels, figures, color=colours, height=0.55)
        axis.set(title=title, xlim=(0, 1))
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(name)
    _save(figure, target)


def _throughput(results: list[Results], folder: Path) -> None:
    """Rates over the number of series; each peer is a line to compare with."""
    figure, axis = plt.subplots(figsize=(8, 5))
    for work, marker in (("replay", "o"), ("tick", "s")):
        own = sorted(
            (each["case"]["series"], _rate(each))
            for each in results
            if each["method"] == "default" and each["case"]["work"] == work
        )
        axis.plot(*zip(*own, strict=True), marker=marker, color=OWN, label=f"default, {work}")
    others = sorted((each for each in results if each["method"] != "default"), key=_rate)
    for place, each in enumerate(others):
        axis.axhline(_rate(each), color=LIGHT, zorder=0)
        axis.annotate(
            each["method"], (30 ** (place % 3), _rate(each)), color=OTHER, va="bottom", fontsize=8
        )
    axis.set(xscale="log", yscale="log", xlabel="series", ylabel="samples per second, one core")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False)
    _save(figure, folder / "bench-throughput.svg")


def _rate(result: Results) -> float:
    return float(result["cost"]["samples"] / result["cost"]["cpu"])


def _save(figure: Any, target: Path) -> None:
    figure.tight_layout()
    figure.savefig(target, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
