"""What stops an experiment, as a question that Prometheus answers with a status code.

A status check of Chaos Mesh sees the code of an answer and nothing else, and Prometheus says 200
whatever it finds. But it says 422 when an operation has two partners to choose from, so what is
found is put there twice: 200 says that nothing speaks against going on, 422 that something does.
Anything else, as the silence of a Prometheus that is down, is no 200 either.
"""

from collections.abc import Collection
from urllib.parse import quote

from observability.promql.expressions import like, select, unlike
from vocabulary import metrics as m

PATIENCE = 3
"""Intervals without a run after which the detector counts as blind."""


def question(prometheus: str, *conditions: str) -> str:
    """The URL that answers 200 as long as no condition finds a series."""
    found = f"count({' or '.join(f'({condition})' for condition in conditions)})"
    twice = " or ".join(f'label_replace({found}, "copy", "{n}", "", "")' for n in (1, 2))
    query = quote(f"vector(1) * on () ({twice})", safe="")
    return f"{prometheus.rstrip('/')}/api/v1/query?query={query}"


def collateral(namespaces: Collection[str], targets: Collection[str]) -> str:
    """Services of some namespaces that are odd to the detector, though they are no targets."""
    where = like("destination_service_namespace", "|".join(sorted(namespaces)))
    others = unlike("destination_service_name", "|".join(sorted(targets)))
    return f"{select(m.VERDICT, where, others)} >= 1"


def blind(interval_seconds: int) -> str:
    """A detector that has not judged for long, or never."""
    last = f"max({m.LAST_SUCCESS})"
    return f"time() - {last} > {PATIENCE * interval_seconds} or absent({last})"
