"""The small parts of panels: thresholds, queries, words for values, columns of tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from grafana_foundation_sdk.builders import common, dashboard, prometheus
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.common import (
    DataSourceRef,
    LegendDisplayMode,
    LegendPlacement,
)

DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")

GOOD, WARN, BAD, PLAIN = "green", "orange", "red", "blue"

Steps = Sequence[tuple[float | None, str]]
"""Colours from a value on; None is the lowest."""

Words = Mapping[str, tuple[str, str]]
"""A word and a colour for each value."""

ANY_IS_BAD: Steps = ((None, GOOD), (1, BAD))
ANY_IS_ODD: Steps = ((None, GOOD), (1, WARN))
NEUTRAL: Steps = ((None, PLAIN),)

_REFERENCES = "ABCDEFGHIJ"


@dataclass(frozen=True)
class About:
    """What every panel says of itself."""

    number: int
    """Its id, for good: links and bookmarks hold it."""

    title: str
    description: str
    unit: str
    """One of Grafana's units."""


class Described(Protocol):
    """What all builders of panels have in common."""

    def id(self, id_val: int) -> Any:
        """Its number."""

    def title(self, title: str) -> Any:
        """Its heading."""

    def description(self, description: str) -> Any:
        """What it shows, and how to read it."""

    def unit(self, unit: str) -> Any:
        """What its values are counted in."""

    def datasource(self, datasource: DataSourceRef) -> Any:
        """Whom its queries go to."""


P = TypeVar("P", bound=Described)
Entry = TypeVar("Entry")


def describe(panel: P, about: About) -> P:
    """Have a panel say what it is."""
    panel.id(about.number)
    panel.title(about.title)
    panel.description(about.description)
    panel.unit(about.unit)
    panel.datasource(DATASOURCE)
    return panel


def referenced(entries: Sequence[Entry]) -> list[tuple[str, Entry]]:
    """Queries with the letters by which a panel tells them apart."""
    return list(zip(_REFERENCES[: len(entries)], entries, strict=True))


def query(expr: str, reference: str) -> prometheus.Dataquery:
    """A query of a panel."""
    return prometheus.Dataquery().expr(expr).ref_id(reference).datasource(DATASOURCE)


def legend() -> common.VizLegendOptions:
    """Names of lines, below them."""
    options = common.VizLegendOptions().show_legend(True)
    return options.display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)


def thresholds(steps: Steps) -> dashboard.ThresholdsConfig:
    """Colours by value."""
    marks = [models.Threshold(value, colour) for value, colour in steps]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(marks)


def step_objects(steps: Steps) -> list[dict[str, Any]]:
    """Colours by value, where plain JSON is expected."""
    return [{"value": value, "color": colour} for value, colour in steps]


def meanings(words: Words) -> models.ValueMap:
    """Words for values, as Grafana takes them."""
    results = {
        value: models.ValueMappingResult(text=word, color=colour, index=place)
        for place, (value, (word, colour)) in enumerate(words.items())
    }
    return models.ValueMap(results)


def properties(values: Mapping[str, Any]) -> list[models.DynamicConfigValue]:
    """Settings of single fields."""
    return [models.DynamicConfigValue(key, value) for key, value in values.items()]


def only(headings: Mapping[str, str]) -> list[models.DataTransformerConfig]:
    """Keep some fields of a table, in an order, under other names."""
    order = {field: place for place, field in enumerate(headings)}
    names = {field: name for field, name in headings.items() if field != name}
    return [
        models.DataTransformerConfig(
            id_val="filterFieldsByName", options={"include": {"names": list(headings)}}
        ),
        models.DataTransformerConfig(
            id_val="organize", options={"indexByName": order, "renameByName": names}
        ),
    ]
