"""Options that several commands take."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ops.commands.options import Duration, kept, together
from ops.delivery.engine import ROOT
from ops.delivery.preview.report import STACK_NAME

F = TypeVar("F", bound=Callable[..., Any])
OK, FAILED = 0, 1

FILE = click.Path(dir_okay=False, path_type=Path)

cwd = click.option(
    "--cwd",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT,
    help="Where Pulumi.yaml is; this checkout by default.",
)

context = kept("--context", help="Context of the kubeconfig; the stack's by default.")


SPAN = Duration(positive=True)


class _StackName(click.ParamType[str]):
    """A stack's plain name, which names its files too."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the text of an option."""
        if not re.fullmatch(STACK_NAME, str(value)):
            told = "is no plain name of a stack; write it without organization and project"
            self.fail(f"{value!r} {told}", param, ctx)
        return str(value)


def stack(default: str | None = None) -> Callable[[F], F]:
    """`--stack NAME`."""
    return click.option(
        "--stack",
        metavar="NAME",
        default=default,
        required=default is None,
        show_default=default is not None,
        type=_StackName(),
        help="Name of the stack.",
    )


repository = together(
    click.option("--repository", metavar="OWNER/NAME", help="Repository on GitHub."),
    click.option(
        "--author",
        metavar="LOGIN",
        default="github-actions[bot]",
        show_default=True,
        help="Whose comments and issues are ours.",
    ),
    click.option("--dry-run", is_flag=True, help="Show what would be written."),
)


def key(variable: str) -> Callable[[F], F]:
    """`--key FILE`."""
    return click.option("--key", type=FILE, help=f"Private key; {variable} by default.")
