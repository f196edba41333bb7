"""`schema` and `completion`: what programs and shells want to know of the command line itself."""

import json
import os
import shlex
import sys

import click
from click.shell_completion import get_completion_class

from ops.errors import UsageError
from ops.reference import documents
from ops.stack import ROOT

COMPLETE_VARIABLE = "_OPS_COMPLETE"
_FUNCTION = "ops"
_FUNCTIONS = {
    "bash": '{name}() {{ {call} "$@"; }}\n',
    "zsh": '{name}() {{ {call} "$@"; }}\n',
    "fish": "function {name}; {call} $argv; end\n",
}
"""What makes each shell know the program; completion calls that function, not a file on PATH."""

_IS_ON_PATH = f"    (( ! $+commands[{_FUNCTION}] )) && return 1\n"
"""What zsh asks before it completes anything."""


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
        click.echo(json.dumps(known[name][0].model_json_schema(), indent=2))
    else:
        raise UsageError(f"there is no document {name!r}; there are: {', '.join(known)}")


@click.command(
    epilog="""\b
Examples:
  eval "$(python -m ops completion bash)"      then: ops st<TAB>
  python -m ops completion fish | source
"""
)
@click.argument("shell", type=click.Choice(tuple(_FUNCTIONS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes SHELL know `ops`: a function that calls this program, and its completion."""
    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"{shell} is not known")
    function = _FUNCTIONS[shell].format(name=_FUNCTION, call=" ".join(map(shlex.quote, _call())))
    # click asks bash for its version; what is too old for it says so by itself.
    script = kind(context.find_root().command, {}, _FUNCTION, COMPLETE_VARIABLE).source()
    # `env` finds files only, and no shell needs it to set a variable for a function.
    click.echo(
        function + script.replace(_IS_ON_PATH, "").replace("$(env ", "$(").replace("(env ", "(")
    )


def _call() -> list[str]:
    """How to call this program from any folder."""
    return ["env", f"PYTHONPATH={ROOT}", os.path.abspath(sys.executable), "-m", "ops"]  # noqa: PTH100 - a link into a virtual environment must stay one
