"""Options that several commands take."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ops.commands.options import Duration, given, kept, together
from ops.delivery.engine import ROOT
from ops.delivery.github.client import AUTHOR, GitHub
from ops.delivery.preview.report import STACK_NAME
from ops.errors import UsageError

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
    kept("--repository", metavar="OWNER/NAME", help="Repository on GitHub."),
    kept(
        "--author",
        metavar="LOGIN",
        default=AUTHOR,
        show_default=True,
        help="Whose comments and issues are ours.",
    ),
    kept("--dry-run", is_flag=True, help="Show what would be written."),
)


def asked_github() -> GitHub | None:
    """The repository that the options name; None in a dry run.

    Raises:
        UsageError: when they name none, or there is no token for it.
    """
    named = given("repository")
    if not named:
        raise UsageError("--repository is missing; it says where on GitHub to write")
    return None if given("dry_run") else GitHub.from_environment(named, given("author"))


def key(variable: str) -> Callable[[F], F]:
    """`--key FILE`."""
    return click.option("--key", type=FILE, help=f"Private key; {variable} by default.")
