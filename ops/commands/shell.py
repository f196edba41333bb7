"""`schema` and `completion`: what programs and shells want to know of the command line itself."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.shell_completion import get_completion_class

from ops.errors import UsageError
from ops.reference import DOCUMENTS

COMPLETE_VARIABLE = "_OPS_COMPLETE"
_FUNCTION = "ops"
_CALLS: Mapping[str, tuple[tuple[str, str], ...]] = {
    # How click's scripts call the program, which they take for a file on PATH.
    "bash": (("bash_complete $1)", "bash_complete {call})"),),
    "zsh": (
        ("    (( ! $+commands[%(prog_name)s] )) && return 1\n", ""),
        ("zsh_complete %(prog_name)s)", "zsh_complete {call})"),
    ),
    "fish": (("(commandline -t) %(prog_name)s)", "(commandline -t) {call})"),),
}
_ALIASES = {
    "bash": '{name}() {{ {call} "$@"; }}\n',
    "zsh": '{name}() {{ {call} "$@"; }}\n',
    "fish": "function {name}; {call} $argv; end\n",
}


@click.command(
    epilog="""\b
Examples:
  python -m ops schema                 names of all documents
  python -m ops schema status          the JSON schema of one
"""
)
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print the JSON schema of what a command prints with -o json or -o yaml."""
    if name is None:
        click.echo("\n".join(DOCUMENTS))
    elif name in DOCUMENTS:
        click.echo(json.dumps(DOCUMENTS[name].model_json_schema(), indent=2))
    else:
        raise UsageError(f"there is no document {name!r}; there are: {', '.join(DOCUMENTS)}")


@click.command(
    epilog="""\b
Examples:
  eval "$(python -m ops completion bash)"      then: ops st<TAB>
  python -m ops completion fish | source
"""
)
@click.argument("shell", type=click.Choice(tuple(_CALLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes SHELL know `ops`: a function that calls this program, and its completion."""
    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"{shell} is not known")
    call = " ".join(map(shlex.quote, _call()))
    template = kind.source_template
    for old, new in _CALLS[shell]:
        if old not in template:
            raise UsageError(f"this version of click completes {shell} in a way not known here")
        template = template.replace(old, new.format(call=call.replace("%", "%%")))
    made = type(kind.__name__, (kind,), {"source_template": template})
    script: Any = made(context.find_root().command, {}, _FUNCTION, COMPLETE_VARIABLE)
    # click asks bash for its version; what is too old for it says so by itself.
    click.echo(_ALIASES[shell].format(name=_FUNCTION, call=call) + script.source())


def _call() -> list[str]:
    """How to call this program from any folder."""
    checkout = Path(__file__).resolve().parents[2]
    return ["env", f"PYTHONPATH={checkout}", os.path.abspath(sys.executable), "-m", "ops"]  # noqa: PTH100 - a link into a virtual environment must stay one
