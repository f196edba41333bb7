"""Which tests run in one worker: those of a file, and files that share what is dear to start.

xdist's own groups are marked by workers in names that pytest no longer lets them change, so they
are told here, by whoever hands tests out, from what the functions of a file ask for.
"""

import ast
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parent
SHARED = {
    "brought_up": "brought_up",
    "standing": "brought_up",
    "equipped": "equipped",
    "platform": "equipped",
    "prod": "equipped",
    "history": "history",
    "sandbox": "sandbox",
    "workspace": "sandbox",
}
"""What a fixture stands on that is started once in a worker."""


@cache
def scope(file: str) -> str:
    """The one of a file below the checkout: what it shares with others, or its own name."""
    tree = ast.parse((TESTS.parent / file).read_bytes())
    asked = {
        argument.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for argument in node.args.args
    }
    return next((base for name, base in SHARED.items() if name in asked), file)


class BesideWhatTheyShare(LoadScopeScheduling):
    """Hands out scopes, one after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid.partition("::")[0])
