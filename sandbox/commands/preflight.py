"""`preflight`: what this machine can do, and what therefore runs."""

import argparse
import json
from typing import Any

from sandbox.commands.registry import Commands
from sandbox.commands.tables import check_table, feature_table
from sandbox.console import DATA
from sandbox.errors import UnhealthyError
from sandbox.folder import SandboxFolder
from sandbox.node.preflight import FEATURES, NODE, Preflight, examine


def register(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser(
        "preflight", help="what this machine can do; exit code 3 when no node can run"
    )
    command.add_argument("-o", "--output", choices=("table", "json"), default="table")
    command.set_defaults(run=run)


def run(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Look, and say; nothing is started or changed."""
    preflight = examine(folder.root)
    if options.output == "json":
        DATA.print_json(json.dumps(_document(preflight)))
    else:
        DATA.print(check_table(preflight))
        DATA.print()
        DATA.print(feature_table(preflight))
    return 0 if preflight.reason(NODE) is None else UnhealthyError.exit_code


def _document(preflight: Preflight) -> dict[str, Any]:
    return {
        "features": [
            {"name": name, "runs": preflight.reason(name) is None, "reason": preflight.reason(name)}
            for name in FEATURES
        ],
        "checks": [
            {
                "name": check.name,
                "passed": check.passed,
                "found": check.found,
                "neededFor": check.needed_for,
                "remedy": check.remedy,
            }
            for check in preflight.checks
        ],
    }
