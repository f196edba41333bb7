"""Helm releases of the controllers, from pinned charts."""

from collections.abc import Mapping
from typing import Any

import pulumi
import yaml
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs

from settings.charts import Chart


def overlay(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one tree of chart values over another, key by key; lists are replaced whole."""

    def merged(key: str) -> Any:
        if isinstance(base.get(key), Mapping) and isinstance(over.get(key), Mapping):
            return overlay(base[key], over[key])
        return over[key] if key in over else base[key]

    return {key: merged(key) for key in (*base, *(key for key in over if key not in base))}


def nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a tree of chart values is null: the defaults of the chart to take away."""
    found = {
        key: nulls(value) if isinstance(value, Mapping) else None
        for key, value in values.items()
        if value is None or isinstance(value, Mapping)
    }
    return {key: value for key, value in found.items() if value != {}}


def release(
    name: str,
    chart: Chart,
    namespace: pulumi.Input[str],
    values: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> Release:
    """Register the release of a chart, named as the resource is; the stack's values win."""
    merged = overlay(values, chart.values)
    # Python's SDK keeps null among `values` from the plugin; in a file it reaches Helm.
    removed = nulls(merged)
    files = [pulumi.StringAsset(yaml.safe_dump(removed))] if removed else None
    repository = None
    if chart.repository and not chart.is_path:
        repository = RepositoryOptsArgs(repo=chart.repository)
    return Release(
        name,
        name=name,
        chart=chart.chart,
        version=None if chart.is_path else chart.version,
        repository_opts=repository,
        namespace=namespace,
        values=merged,
        value_yaml_files=files,
        skip_await=chart.skip_await,
        opts=opts,
    )
