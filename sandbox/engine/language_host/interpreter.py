"""Which Python runs a program or a policy pack, and in which environment.

Follows the runtime options of `Pulumi.yaml` and `PulumiPolicy.yaml`. It looks, and never creates a
virtual environment.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import language_pb2

SUPPORTED_OPTIONS = frozenset({"virtualenv", "toolchain"})


class RuntimeOptionsError(Exception):
    """The runtime options ask for a Python that is not there, or for something only others do."""


@dataclass(frozen=True)
class Interpreter:
    """A Python and the environment variables to start it with."""

    executable: str
    """Path of the `python` to start."""
    environment: Mapping[str, str]
    """The whole environment of the child, with the virtual environment activated."""


def resolve(info: language_pb2.ProgramInfo, environment: Mapping[str, str]) -> Interpreter:
    """Find the Python for a program; complain when its virtual environment is missing."""
    options = MessageToDict(info.options)
    _refuse_unsupported(options)
    if not options.get("virtualenv"):
        return Interpreter(_ambient_python(environment), dict(environment))
    virtualenv = Path(info.root_directory, str(options["virtualenv"]))
    python = virtualenv / "bin" / "python"
    if not python.is_file():
        what = "is not a virtual environment" if virtualenv.exists() else "does not exist"
        raise RuntimeOptionsError(f"the 'virtualenv' option names {virtualenv}, which {what}")
    return Interpreter(str(python), _activated(virtualenv, environment))


def _ambient_python(environment: Mapping[str, str]) -> str:
    """Find the Python to use without a virtual environment."""
    chosen = environment.get("PULUMI_PYTHON_CMD")
    candidates = (chosen,) if chosen else ("python3", "python")
    for candidate in candidates:
        if found := shutil.which(candidate, path=environment.get("PATH")):
            return found
    raise RuntimeOptionsError(
        f"none of {', '.join(candidates)} is on the PATH; install Python, "
        "or set PULUMI_PYTHON_CMD to one"
    )


def _activated(virtualenv: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment as `bin/activate` would leave it."""
    activated = {name: value for name, value in environment.items() if name != "PYTHONHOME"}
    path = [str(virtualenv / "bin"), *filter(None, [environment.get("PATH")])]
    return activated | {"PATH": os.pathsep.join(path), "VIRTUAL_ENV": str(virtualenv)}


def _refuse_unsupported(options: Mapping[str, object]) -> None:
    unknown = sorted(set(options) - SUPPORTED_OPTIONS)
    if options.get("toolchain") not in (None, "pip"):
        unknown.append(f"toolchain: {options['toolchain']}")
    if unknown:
        raise RuntimeOptionsError(
            f"the sandbox's Python host does not know the runtime option {', '.join(unknown)}; "
            "use virtualenv and toolchain: pip, or Pulumi's own language host"
        )
