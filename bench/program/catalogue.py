"""Stacks with a service catalogue of any size, for the question how the program grows."""

from pathlib import Path
from typing import Any

import yaml

SERVICES_PER_NAMESPACE = 50
SERVICES = "brisa-platform:services"
BASE = Path(__file__).resolve().parents[2] / "Pulumi.prod.yaml"


def stack_of(size: int) -> dict[str, Any]:
    """Return the values of the prod stack with its catalogue filled up to this many services."""
    values: dict[str, Any] = yaml.safe_load(BASE.read_text(encoding="utf-8"))
    own = values["config"][SERVICES]
    added = [
        {
            "name": f"service-{number:04}",
            "namespace": f"team-{number // SERVICES_PER_NAMESPACE:02}",
            "port": 8080,
            "callers": ["ingress"],
        }
        for number in range(size - len(own))
    ]
    return {**values, "config": {**values["config"], SERVICES: [*own, *added]}}
