"""The values of a release: files first, then what the program gives, nulls left out."""

from pathlib import Path
from typing import Any

import yaml

from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.wire import UNKNOWN, Special

Values = dict[str, Any]


def merge(base: Values, override: Values) -> Values:
    """Merge two maps deeply; ``override`` wins."""
    merged = dict(base)
    for key, value in override.items():
        current = merged.get(key)
        if isinstance(current, dict) and isinstance(value, dict):
            merged[key] = merge(current, value)
        else:
            merged[key] = value
    return merged


def without_nulls(value: Any) -> Any:
    """Leave out nulls, which Helm would take for "remove the chart's default"."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]
    return value


def from_files(assets: list[Any]) -> Values:
    """Merge the value files, later ones winning.

    Raises:
        ProviderError: A file cannot be read or is not a map.
    """
    merged: Values = {}
    for asset in assets:
        if asset is UNKNOWN:
            continue
        if not isinstance(asset, Special):
            raise ProviderError(
                "unsupported type for 'valueYamlFiles' arg: every item must be a FileAsset or a "
                "StringAsset"
            )
        merged = merge(merged, _load(asset))
    return merged


def _load(asset: Special) -> Values:
    path = asset.fields.get("path")
    text = asset.fields.get("text")
    if path is None and text is None:
        raise ProviderError("'valueYamlFiles' takes files and texts, no archives or remote assets")
    try:
        document = yaml.safe_load(Path(path).read_text() if path else str(text))
    except (OSError, yaml.YAMLError) as error:
        raise ProviderError(f"cannot read the values in {path or 'a text'}: {error}") from None
    if not isinstance(document, dict | None):
        raise ProviderError(f"the values in {path or 'a text'} are not a map")
    return document or {}
