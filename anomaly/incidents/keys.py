"""Names of incidents that stay: the same in every run that sees the incident."""

import hashlib
import json
from collections.abc import Mapping

from anomaly.labels import identity

LENGTH = 32
"""Hexadecimal digits: 128 bits, far below the 255 characters that sinks take."""


def key(environment: str, signal: str, labels: Mapping[str, str], since: float) -> str:
    """The dedup key of an incident.

    Args:
        environment: tells the stacks apart that share a sink.
        signal: name of the signal.
        labels: labels of the series; those of a pod take no part, so that pods that fail together
            are one incident and a restart makes no new one.
        since: epoch seconds at which the incident began; neither the history that a run reads nor
            what comes later changes it.
    """
    identifying = [environment, signal, identity(labels), round(since)]
    text = json.dumps(identifying, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]
