"""All boards of a stack, by their names."""

import json
from collections.abc import Mapping
from typing import Any

from observability.dashboards.anomaly import anomaly
from observability.dashboards.chaos import chaos
from observability.dashboards.frame import draw
from observability.dashboards.gitops import gitops
from observability.dashboards.mesh import mesh
from settings.monitored import Monitored


def boards(stack: Monitored) -> Mapping[str, str]:
    """Each board as text; equal configurations give equal bytes."""
    drawn = (make(stack) for make in (gitops, mesh, anomaly, chaos))
    return {board.name: _text(draw(stack, board)) for board in drawn}


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
