"""What panels look like: one function for each kind, with all that a panel must say of itself.

A panel has a number of its own, a title, a description and a unit, or there is no panel. Where it
stands is `observability.dashboards.frame`'s concern.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    stat,
    statetimeline,
    table,
    text,
    timeseries,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, Panel
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from grafana_foundation_sdk.models.text import TextMode

from observability.dashboards.parts import (
    NEUTRAL,
    About,
    Steps,
    Words,
    describe,
    legend,
    meanings,
    only,
    properties,
    query,
    referenced,
    step_objects,
    thresholds,
)


@dataclass(frozen=True)
class Tile:
    """A panel and how much of the grid it takes; the grid is 24 wide."""

    panel: Builder[Panel]
    width: int
    height: int


@dataclass(frozen=True)
class Column:
    """A query of a table; without a heading its labels alone are shown."""

    expr: str
    heading: str = ""
    unit: str = "short"
    steps: Steps = ()


def trend(
    about: About,
    *lines: tuple[str, str],
    width: int = 12,
    stacked: bool = False,
    steps: Steps = (),
    band: tuple[str, str] | None = None,
    dashed: Sequence[str] = (),
) -> Tile:
    """Lines over time.

    Args:
        about: What it says of itself.
        lines: Expressions and their legends.
        width: Columns of the grid.
        stacked: One on top of the other.
        steps: Lines at values, such as a limit.
        band: Legends of a lower and an upper line; the space between is filled.
        dashed: Legends of lines that are limits or forecasts, not measurements.
    """
    panel = describe(timeseries.Panel(), about).axis_soft_min(0).line_width(1)
    panel.show_points(shapes.VisibilityMode.NEVER).fill_opacity(30 if stacked else 0)
    panel.legend(legend())
    panel.tooltip(
        common.VizTooltipOptions()
        .mode(shapes.TooltipDisplayMode.MULTI)
        .sort(shapes.SortOrder.DESCENDING)
    )
    if stacked:
        panel.stacking(common.StackingConfig().mode(shapes.StackingMode.NORMAL))
    if steps:
        panel.thresholds(thresholds(steps)).thresholds_style(
            common.GraphThresholdsStyleConfig().mode(shapes.GraphThresholdsStyleMode.DASHED)
        )
    if band:
        lower, upper = band
        panel.override_by_name(lower, properties({"custom.lineWidth": 0}))
        filled = {"custom.fillBelowTo": lower, "custom.fillOpacity": 15}
        panel.override_by_name(upper, properties({"custom.lineWidth": 0, **filled}))
    for name in dashed:
        style = {"custom.lineStyle": {"fill": "dash", "dash": [8, 6]}}
        panel.override_by_name(name, properties(style))
    for reference, (expr, name) in referenced(lines):
        panel.with_target(query(expr, reference).range().legend_format(name))
    return Tile(panel, width, 8)


def figure(
    about: About,
    expr: str,
    *,
    steps: Steps = NEUTRAL,
    none: str = "no data",
    words: Words | None = None,
    width: int = 4,
) -> Tile:
    """A single figure, now, or the word for it; `none` stands there when there is nothing."""
    panel = describe(stat.Panel(), about).no_value(none).thresholds(thresholds(steps))
    if words:
        panel.mappings([meanings(words)])
    panel.color_mode(shapes.BigValueColorMode.VALUE)
    panel.graph_mode(shapes.BigValueGraphMode.NONE)
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    panel.with_target(query(expr, "A").instant())
    return Tile(panel, width, 4)


def shares(about: About, expr: str, name: str, *, steps: Steps, width: int = 12) -> Tile:
    """Figures side by side, now, each between 0 and 1."""
    panel = describe(bargauge.Panel(), about).min(0).max(1).thresholds(thresholds(steps))
    panel.orientation(shapes.VizOrientation.HORIZONTAL)
    panel.display_mode(shapes.BarGaugeDisplayMode.BASIC)
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    panel.with_target(query(expr, "A").instant().legend_format(name))
    return Tile(panel, width, 8)


def states(
    about: About,
    *lines: tuple[str, str],
    words: Words,
    width: int = 12,
) -> Tile:
    """States over time; `words` gives each value its word and its colour."""
    panel = describe(statetimeline.Panel(), about).line_width(0).fill_opacity(70)
    panel.merge_values(True).show_value(shapes.VisibilityMode.NEVER).mappings([meanings(words)])
    panel.legend(legend())
    for reference, (expr, name) in referenced(lines):
        panel.with_target(query(expr, reference).range().legend_format(name))
    return Tile(panel, width, 8)


def listing(
    about: About,
    *columns: Column,
    labels: Mapping[str, str],
    width: int = 24,
    order: tuple[str, Literal["up", "down"]] | None = None,
) -> Tile:
    """A table, now.

    Args:
        about: What it says of itself.
        columns: Queries whose values are shown.
        labels: Labels that are shown, with their headings, in this order; others are not.
        width: Columns of the grid.
        order: Heading to sort by, and how.
    """
    panel = describe(table.Panel(), about).filterable(True)
    headings = dict(labels)
    for reference, column in referenced(columns):
        instant = query(column.expr, reference).instant()
        panel.with_target(instant.format(PromQueryFormat.TABLE))
        if not column.heading:
            continue
        field = "Value" if len(columns) == 1 else f"Value #{reference}"
        headings[field] = column.heading
        looks: dict[str, Any] = {"unit": column.unit}
        if column.steps:
            looks["thresholds"] = {"mode": "absolute", "steps": step_objects(column.steps)}
            looks["custom.cellOptions"] = {"type": "color-text"}
        panel.override_by_name(column.heading, properties(looks))
    if len(columns) > 1:
        panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    for transformation in only(headings):
        panel.with_transformation(transformation)
    if order:
        heading, direction = order
        sorting = common.TableSortByFieldState().display_name(heading).desc(direction == "down")
        panel.sort_by([sorting])
    return Tile(panel, width, 8)


def prose(about: About, markdown: str, *, width: int = 24, height: int = 8) -> Tile:
    """Words, in Markdown."""
    panel = describe(text.Panel(), about).mode(TextMode.MARKDOWN).content(markdown)
    return Tile(panel, width, height)
