"""What all models of the configuration have in common."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Closed and immutable; the docstring below a field describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
