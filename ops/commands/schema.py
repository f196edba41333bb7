"""`schema`: the form of every document that a command prints; the commands tell it themselves."""

import json
from collections.abc import Iterator, Mapping

import click

from ops.commands.options import Form
from ops.documents import Document
from ops.errors import UsageError


@click.command(
    epilog="""\b
Examples:
  python -m ops schema                 names of all documents
  python -m ops schema status          the JSON schema of one
"""
)
@click.argument("name", required=False)
@click.pass_context
def schema(context: click.Context, name: str | None) -> None:
    """Print the JSON schema of what a command prints with -o json or -o yaml."""
    root = context.find_root().command
    known = documents(root) if isinstance(root, click.Group) else {}
    if name is None:
        click.echo("\n".join(known))
    elif name in known:
        click.echo(json.dumps(known[name].model_json_schema(), indent=2))
    else:
        raise UsageError(f"there is no document {name!r}; there are: {', '.join(known)}")


def documents(group: click.Group) -> Mapping[str, type[Document]]:
    """Name without version -> document; those of delivery are of its own and not among them."""
    printed = [
        option.document
        for command in _commands(group)
        for option in command.params
        if isinstance(option, Form) and issubclass(option.document, Document)
    ]
    return {_name(each): each for each in printed}


def _name(document: type[Document]) -> str:
    return str(document.model_fields["document"].default).partition("/")[0]


def _commands(group: click.Group) -> Iterator[click.Command]:
    for each in group.commands.values():
        if isinstance(each, click.Group):
            yield from _commands(each)
        else:
            yield each
