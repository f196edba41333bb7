"""What the JSON and YAML of every command are made of.

A document says its own name and version (`document: status/1`). Fields are only ever added within
a version; one that is renamed, removed or given another meaning makes a new version.
`python -m ops schema` prints the schemas.
"""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Something inside a document."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Document(Part):
    """A whole answer of a command; `document` is its name and version."""
