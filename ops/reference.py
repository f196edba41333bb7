"""Every document that a command prints, and by which commands; they tell it themselves."""

from collections.abc import Iterator, Mapping, Sequence

import click

from ops.commands.options import Form
from ops.documents import Document

Printed = Mapping[str, tuple[type[Document], Sequence[str]]]
"""Name of a document, without its version -> its form, and the commands that print it."""


def documents(group: click.Group) -> Printed:
    """The documents of a command line; those of delivery are of its own and not among them."""
    found: dict[str, tuple[type[Document], list[str]]] = {}
    for words, command in _commands(group):
        for option in command.params:
            if isinstance(option, Form) and issubclass(option.document, Document):
                name = str(option.document.model_fields["document"].default).partition("/")[0]
                found.setdefault(name, (option.document, []))[1].append(words)
    return found


def _commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, each in group.commands.items():
        words = f"{path} {name}".lstrip()
        if isinstance(each, click.Group):
            yield from _commands(each, words)
        else:
            yield words, each
