"""What is installed for a Python: its version, its packages, and the plugins they ask for.

The question is put to the interpreter that runs the program, which need not be the host's.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.engine.language_host.interpreter import Interpreter

# Runs in the program's interpreter, so it is text: the interpreter may know nothing of the sandbox.
_PROBE = """
import importlib.metadata, json, re, sys
distributions = {}
for found in importlib.metadata.distributions():
    files = [line.split(",")[0] for line in (found.read_text("RECORD") or "").splitlines()
             if "pulumi-plugin.json" in line]
    distributions.setdefault(re.sub("[-_.]+", "-", found.name).lower(), {
        "version": found.version,
        "requires": [re.sub("[-_.]+", "-", re.match("[A-Za-z0-9._-]+", requirement).group()).lower()
                     for requirement in found.requires or () if "extra ==" not in requirement],
        "plugin": json.loads(found.locate_file(files[0]).read_text()) if files else None,
    })
json.dump({"executable": sys.executable, "version": "%d.%d.%d" % sys.version_info[:3],
           "distributions": distributions}, sys.stdout)
"""


@dataclass(frozen=True)
class Plugin:
    """A provider plugin that an installed package needs."""

    name: str
    """Name of the provider, as in `pulumi-resource-<name>`."""
    version: str
    """Its version with a leading v; empty for any."""
    server: str
    """Where it can be downloaded; empty for the usual place."""


@dataclass(frozen=True)
class Inventory:
    """The answer of one interpreter."""

    executable: str
    """Path of the interpreter as it sees itself."""
    version: str
    """Version of Python."""
    distributions: dict[str, dict[str, Any]]
    """By normalised name: version, names of required packages, content of pulumi-plugin.json."""

    def plugins(self) -> Iterator[Plugin]:
        """Say which provider plugins the installed packages need."""
        for name, distribution in sorted(self.distributions.items()):
            plugin = distribution["plugin"]
            if plugin is None or not plugin.get("resource"):
                continue
            version = str(plugin.get("version") or distribution["version"])
            yield Plugin(
                name=str(plugin.get("name") or name.removeprefix("pulumi-")),
                version=f"v{version.removeprefix('v')}",
                server=str(plugin.get("server") or ""),
            )

    def packages(self, *, transitive: bool) -> Iterator[tuple[str, str]]:
        """List the installed packages; without `transitive` only those nothing else requires."""
        required = {name for found in self.distributions.values() for name in found["requires"]}
        for name, distribution in sorted(self.distributions.items()):
            if transitive or name not in required:
                yield name, str(distribution["version"])


def ask(interpreter: Interpreter) -> Inventory:
    """Ask an interpreter what it has."""
    answer = subprocess.run(
        [interpreter.executable, "-c", _PROBE],
        env=dict(interpreter.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    return Inventory(**json.loads(answer.stdout))
