"""What the detector can be told: models whose fields say what they mean, and what is wrong."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict


class Model(BaseModel):
    """Closed and immutable; the docstring below a field describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError("is no time zone; use one such as Europe/Berlin or UTC") from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]
"""Name of a time zone."""
