"""Running a command line: problems become one message and an exit code."""

import os
import sys
from collections.abc import Sequence

import click
from rich.markup import escape

from ops.console import MESSAGES
from ops.errors import OpsError
from vocabulary.disclosure import without

INTERRUPTED = 130


def run(
    cli: click.Command,
    arguments: Sequence[str] | None,
    program: str,
    complete_variable: str | None = None,
) -> int:
    """Run one command of a command line.

    Without arguments the process's own; by `complete_variable` a shell asks for completion.
    """
    try:
        code = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name=program,
            complete_var=complete_variable,
            standalone_mode=False,
        )
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except OpsError as problem:
        return _fail(str(problem), problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted; the same command goes on from here", INTERRUPTED)
    except BrokenPipeError:
        # Whoever reads has seen enough; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


def _fail(message: str, code: int) -> int:
    said = escape(without(message))  # a log is read by more people than a terminal
    MESSAGES.print(f"[bold red]error:[/] {said}", highlight=False, soft_wrap=True)
    return code
