"""Builds the policy pack; the Pulumi engine runs this folder."""

import sys
from pathlib import Path

# The engine starts in this folder; the packages lie beside it.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from pulumi_policy import EnforcementLevel, PolicyPack  # noqa: E402

from policy.pack import NAME, policies  # noqa: E402
from policy.reading import read_once  # noqa: E402

read_once()
PolicyPack(name=NAME, policies=policies(), enforcement_level=EnforcementLevel.MANDATORY)
