"""What pages of the manual are filled with: a small stack, and a way to write its tables."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from settings.anomaly import Anomaly
from settings.catalogue import Service
from settings.chaos import Chaos
from settings.gitops import GitOps
from settings.mesh import Mesh
from settings.observability import Observability

_CHAOS = {
    "health": {"url": "http://gateway.shop/health"},
    "schedules": [
        {
            "cron": "0 3 * * mon",
            "hypothesis": "api keeps its availability objective while one of its pods is down",
            "fault": {"kind": "podFailure", "name": "api-pod-failure", "target": "api"},
        }
    ],
}
_GITOPS = {
    "repository": "https://git.example/team/infrastructure",
    "branch": "main",
    "kustomizations": [{"name": "apps", "path": "apps"}],
}
_ANOMALY = {
    "prometheusUrl": "http://prometheus.monitoring:9090",
    "results": {"remoteWrite": {"url": "http://prometheus.monitoring:9090/api/v1/write"}},
}


@dataclass(frozen=True)
class Example:
    """One service, with everything else as it is by default."""

    environment: str = "production"
    services: Sequence[Service] = field(
        default_factory=lambda: [Service(name="api", namespace="shop", port=8080, chaos=True)]
    )
    gitops: GitOps = field(default_factory=lambda: GitOps.model_validate(_GITOPS))
    mesh: Mesh = field(default_factory=Mesh)
    chaos: Chaos = field(default_factory=lambda: Chaos.model_validate(_CHAOS))
    anomaly: Anomaly = field(default_factory=lambda: Anomaly.model_validate(_ANOMALY))
    observability: Observability = field(default_factory=Observability)


def fill(page: str, tables: Mapping[str, str]) -> str:
    """A page with its tables written anew, each between `<!-- name -->` and `<!-- end -->`."""

    def written(found: re.Match[str]) -> str:
        return f"{found[1]}\n{tables[found[2]]}\n<!-- end -->"

    return re.sub(r"(<!-- ([a-z-]+) -->)\n.*?<!-- end -->", written, page, flags=re.DOTALL)
