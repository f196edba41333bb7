"""`deploy`: bring a stack up, with its policies."""

import sys
from pathlib import Path

import click

from ops.commands import options
from ops.delivery.engine import Engine
from ops.errors import UsageError


@click.command(
    epilog="""\b
Examples:
  python -m ops deploy --stack staging          the engine shows what it would change, and asks
  python -m ops deploy --stack staging --yes

A production that asks for a verdict takes `python -m ops promote`.
"""
)
@options.stack(required=True)
@options.cwd
@click.option("--refresh", is_flag=True, help="Take what the cluster has for the last state.")
@options.yes
def deploy(stack: str, cwd: Path, *, refresh: bool) -> None:
    """Bring a stack up; the policy pack and policy/<stack>.json go along."""
    bring_up(Engine(stack, cwd), *(["--refresh"] if refresh else []))


def bring_up(engine: Engine, *flags: str) -> None:
    """Bring a stack up, after a question unless it was answered already.

    Raises:
        UsageError: when nobody is there to be asked.
        EngineError: when it fails.
    """
    answered = options.given("yes")
    if not answered and not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked; give --yes")
    engine.up(*flags, *(["--yes", "--non-interactive"] if answered else []))
