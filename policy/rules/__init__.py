"""The rules; one file each, named after the rule. A file here is in force without further ado."""

import importlib
import pkgutil

from policy.rule import AnyRule


def all_rules() -> list[AnyRule]:
    """Every rule, in the order of their ids."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}").RULE for name in names]
