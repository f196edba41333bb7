"""What the detector can be told: models whose fields say what they mean, and what is wrong."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Closed and immutable; the docstring below a field describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
