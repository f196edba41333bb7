"""Runs one Pulumi program; started by the language host with the program's own Python.

A script, not a module of the sandbox: it may only import the standard library and the program's
own Pulumi SDK. What people see of a failing program is decided here.
"""

import argparse
import asyncio
import logging
import os
import runpy
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import NoReturn

try:
    import pulumi
    import pulumi.runtime
except ImportError:
    traceback.print_exc()
    print(  # noqa: T201 - the language host's output is the message channel
        "\nThe Pulumi SDK is not installed for this Python. Have you run pip install?\n"
        "With a virtual environment, run pip install -r requirements.txt inside it.",
        file=sys.stderr,
    )
    sys.exit(1)

EXIT_ERROR_ALREADY_SHOWN = 32
"""Tells the language host that nothing needs to be added to what people have read."""
EXIT_INTERRUPTED = 130
"""The shell's code for a process that ended by an interrupt."""
THREADS_PER_OPERATION = 4


def parse_arguments() -> argparse.Namespace:
    """Read the command line the language host writes."""
    parser = argparse.ArgumentParser(description="Runs a Pulumi program.")
    for name in ("monitor", "engine", "project", "root_directory", "stack", "pwd", "organization"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("--dry_run", choices=("true", "false"), default="false")
    parser.add_argument("program")
    parser.add_argument("arguments", nargs="*")
    return parser.parse_args()


def configure(arguments: argparse.Namespace) -> None:
    """Connect the SDK to the engine and give it the stack's configuration."""
    pulumi.runtime.set_all_config(
        pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env()
    )
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=arguments.monitor,
            engine=arguments.engine,
            project=arguments.project,
            stack=arguments.stack,
            parallel=arguments.parallel,
            dry_run=arguments.dry_run == "true",
            organization=arguments.organization,
            root_directory=arguments.root_directory,
        )
    )


def main_module(path: str) -> str:
    """Return the file that a program given as a file or a folder starts with."""
    absolute = Path(path).absolute()
    return os.path.normpath(absolute / "__main__.py" if absolute.is_dir() else absolute)


def user_traceback(error: Exception, program: str) -> str:
    """Format an error without the frames that led into the program."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [main_module(frame.filename) for frame in frames]
    limit = own.index(program) - len(frames) if program in own else None
    return "".join(traceback.format_exception(error, limit=limit))


def run(program: str, parallel: int) -> int:
    """Run the program to the end of all its resources; return the exit code."""
    # A failed program leaves tasks behind that nobody awaits; the cause has been reported by then.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    main = main_module(program)
    if not Path(main).is_file():
        where = Path(main)
        pulumi.log.error(f"unable to find main python program `{where.name}` in `{where.parent}`")
        return EXIT_ERROR_ALREADY_SHOWN
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(ThreadPoolExecutor(max(parallel, 1) * THREADS_PER_OPERATION))

    def execute() -> None:
        try:
            runpy.run_path(program, run_name="__main__")
        except KeyboardInterrupt:
            leave()  # from here on the SDK would wait for calls that the engine never answers

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(execute))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except Exception as error:  # noqa: BLE001 - whatever the program raises is its author's to read
        pulumi.log.error(
            f"Program failed with an unhandled exception:\n{user_traceback(error, main)}"
        )
        return EXIT_ERROR_ALREADY_SHOWN
    return 0


def interrupt_once(_number: int, _frame: FrameType | None) -> NoReturn:
    """Interrupt the program; a second signal must not disturb what the first one has begun."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    """Run the program as if it had been started directly."""
    signal.signal(signal.SIGINT, interrupt_once)
    arguments = parse_arguments()
    if sys.path[0] == str(Path(__file__).parent):
        del sys.path[0]  # the program must not find the host's modules
    configure(arguments)
    sys.argv = [arguments.program, *arguments.arguments]
    if arguments.pwd is not None:
        os.chdir(arguments.pwd)
    return run(arguments.program, arguments.parallel)


def leave() -> NoReturn:
    """End after an interrupt: the engine is going away, so no thread is waited for."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        leave()
