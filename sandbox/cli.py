"""The command line of the sandbox: arguments, help, exit codes. The work is in `commands`."""

import argparse
import errno
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from sandbox.commands import (
    build,
    demo,
    down,
    environment,
    inspect,
    monitoring,
    passthrough,
    preflight,
    preview,
    run_cronjob,
    tour,
    up,
)
from sandbox.console import MESSAGES
from sandbox.errors import SandboxError
from sandbox.folder import SandboxFolder

_EPILOG = """\
examples:
  python -m sandbox up                     bring the whole platform up
  python -m sandbox up --node              the same, with a node in which everything runs
  python -m sandbox preflight              see what this machine can do
  python -m sandbox preview                see what the next up would change
  eval "$(python -m sandbox env)"          use kubectl and pulumi of the sandbox in this shell
  python -m sandbox kubectl get pods -A    one command, without changing the shell
  python -m sandbox status -o json         for scripts
  python -m sandbox logs kube-apiserver    the end of a log
  python -m sandbox tour                   ten minutes that show what the platform does
  python -m sandbox monitoring up          a Prometheus and an Alertmanager beside it
  python -m sandbox down                   destroy the stack, stop everything, leave nothing

exit codes: 0 ok, 1 failed, 2 wrong usage, 3 not or not wholly up
"""
_INTERRUPTED = 130
_MISPLACED = (errno.EEXIST, errno.EISDIR, errno.ENOTDIR)
_OUT_OF_PLACE = "; something else belongs there. Move it away, and run the same command again"


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A real engine and a real control plane on this machine, without containers.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument(
        "--folder",
        type=Path,
        default=SandboxFolder().root,
        metavar="DIR",
        help="state of this sandbox; another folder is another sandbox (default: .sandbox/run)",
    )
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for register in (
        preflight.register,
        up.register,
        preview.register,
        down.register,
        inspect.register,
        environment.register,
        passthrough.register,
        monitoring.register,
        run_cronjob.register,
        demo.register,
        tour.register,
        build.register,
    ):
        register(commands)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; problems become one message and an exit code."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options, SandboxFolder(options.folder.resolve()))
    except SandboxError as problem:
        return _fail(str(problem), problem.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted; run the same command again to continue", _INTERRUPTED)
    except OSError as problem:
        if problem.errno == errno.ENOSPC:
            return _fail("no space left on the disk; free some and run the same command again", 1)
        if problem.filename is None:
            raise
        said = f"{problem.filename}: {problem.strerror}"
        return _fail(f"{said}{_OUT_OF_PLACE if problem.errno in _MISPLACED else ''}", 1)
    return code


def _fail(message: str, code: int) -> int:
    MESSAGES.print(f"[bold red]error:[/] {escape(message)}", highlight=False, soft_wrap=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
