"""What boards have in common: grid, variables, marks of experiments and of revisions, links."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import dashboard as sdk
from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    GridPos,
    VariableModel,
    VariableOption,
)

from observability.dashboards.panels import Tile
from observability.dashboards.parts import BAD, DATASOURCE, PLAIN
from observability.promql.chaos import experiments
from observability.promql.expressions import greatest
from observability.promql.flux import KUSTOMIZATIONS, flux_state
from settings.monitored import Monitored
from vocabulary.boards import uid

GRID = 24
NAMESPACE, SERVICE = "namespace", "service"
"""Variables that most boards have."""


@dataclass(frozen=True)
class Row:
    """Panels under one heading."""

    number: int
    """Id of the heading; its panels' follow."""

    title: str
    tiles: tuple[Tile, ...]
    repeat: str = ""
    """Variable for each of whose values the row is shown again; such rows are folded."""


@dataclass(frozen=True)
class Board:
    """A board before it is drawn up."""

    name: str
    """Of `vocabulary.boards`."""

    title: str
    description: str
    span: str
    """How far back it looks at first, such as `6h`."""

    variables: tuple[Builder[VariableModel], ...]
    rows: tuple[Row, ...]


def draw(stack: Monitored, board: Board) -> dict[str, Any]:
    """The board as Grafana's JSON."""
    tag = f"brisa-{stack.environment}"
    drawn = (
        sdk.Dashboard(f"{board.title} · {stack.environment}")
        .uid(uid(board.name, stack.environment))
        .description(board.description)
        .tags(["brisa", tag])
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .time(f"now-{board.span}", "now")
        .refresh("1m")
        .timezone("browser")
        .link(_siblings(tag))
        .with_variable(_datasource(stack))
        .annotation(_experiment_marks(stack))
        .annotation(_revision_marks(stack))
    )
    for variable in board.variables:
        drawn.with_variable(variable)
    _lay_out(drawn, board.rows)
    document: dict[str, Any] = json.loads(json.dumps(drawn.build(), cls=JSONEncoder))
    return document


def choice(name: str, label: str, description: str, values: Sequence[str]) -> sdk.CustomVariable:
    """A variable with given values, of which any number may be chosen; at first all."""
    return (
        sdk.CustomVariable(name)
        .label(label)
        .description(description)
        .values(",".join(values))
        .options([VariableOption(selected=False, text=value, value=value) for value in values])
        .current(VariableOption(selected=True, text=["All"], value=["$__all"]))
        .multi(True)
        .include_all(True)
    )


def catalogue_choices(stack: Monitored) -> tuple[sdk.CustomVariable, sdk.CustomVariable]:
    """Namespaces and services of the catalogue."""
    homes = sorted({service.namespace for service in stack.services})
    names = [service.name for service in stack.services]
    return (
        choice(NAMESPACE, "Namespace", "Namespaces of catalogue services", homes),
        choice(SERVICE, "Service", "Services of the catalogue", names),
    )


def _datasource(stack: Monitored) -> sdk.DatasourceVariable:
    variable = sdk.DatasourceVariable("datasource").label("Data source").type("prometheus")
    variable.description("The Prometheus that scrapes this stack's cluster")
    chosen = stack.observability.dashboards.datasource
    if chosen:
        variable.current(VariableOption(selected=True, text=chosen, value=chosen))
    return variable


def _experiment_marks(stack: Monitored) -> sdk.AnnotationQuery:
    homes = "|".join(sorted({service.namespace for service in stack.services}))
    running = greatest(experiments(homes), "exported_namespace", "kind")
    return _marks("Experiments", f"{running} > 0", BAD, "{{kind}} in {{exported_namespace}}")


def _revision_marks(stack: Monitored) -> sdk.AnnotationQuery:
    state = flux_state(stack.observability, stack.gitops)
    paths = state.objects(kinds=KUSTOMIZATIONS)
    labels = ("exported_namespace", "name", "revision")
    now, before = greatest(paths, *labels), greatest(f"{paths} offset 5m", *labels)
    return _marks("Revisions", f"{now} unless {before}", PLAIN, "{{name}} at {{revision}}")


def _marks(name: str, expr: str, colour: str, title: str) -> sdk.AnnotationQuery:
    query = prometheus.Dataquery().expr(expr).ref_id("Anno").interval("60s")
    return (
        sdk.AnnotationQuery()
        .name(name)
        .datasource(DATASOURCE)
        .enable(True)
        .icon_color(colour)
        .target(query)
        .title_format(title)
    )


def _siblings(tag: str) -> sdk.DashboardLink:
    link = sdk.DashboardLink("Boards of this stack").type(DashboardLinkType.DASHBOARDS)
    return link.tags([tag]).as_dropdown(True).include_vars(True).keep_time(True)


def _lay_out(drawn: sdk.Dashboard, rows: Sequence[Row]) -> None:
    """Put rows below one another, panels side by side as far as the grid goes."""
    y = 0
    for row in rows:
        heading = sdk.Row(row.title).id(row.number).grid_pos(GridPos(h=1, w=GRID, x=0, y=y))
        placed = list(_placed(row.tiles, y + 1))
        for tile, place in placed:
            tile.panel.build().grid_pos = place
        if row.repeat:
            heading.repeat(row.repeat)
            for tile, _ in placed:
                heading.with_panel(tile.panel)
            drawn.with_row(heading)
            y += 1
            continue
        drawn.with_row(heading.collapsed(False))
        for tile, _ in placed:
            drawn.with_panel(tile.panel)
        y = max(place.y + place.h for _, place in placed)


def _placed(tiles: Sequence[Tile], y: int) -> Iterator[tuple[Tile, GridPos]]:
    x, tallest = 0, 0
    for tile in tiles:
        if x + tile.width > GRID:
            x, y, tallest = 0, y + tallest, 0
        yield tile, GridPos(h=tile.height, w=tile.width, x=x, y=y)
        x, tallest = x + tile.width, max(tallest, tile.height)
